# Made by mcp-guard; edits are lost.
variable "policy_arns" {
  description = "IAM policies of the role: what the server may do in AWS"
  type        = list(string)
  default     = []
}

variable "oidc_provider" {
  description = "The cluster's OIDC issuer without https://, as in oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+(/[A-Za-z0-9._-]+)*$", var.oidc_provider))
    error_message = "The issuer's host and path, without https://."
  }
}
