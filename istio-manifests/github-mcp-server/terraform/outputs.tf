# Made by mcp-guard; edits are lost.
output "role_arn" {
  description = "The role that the service account is bound to"
  value       = aws_iam_role.server.arn
}
