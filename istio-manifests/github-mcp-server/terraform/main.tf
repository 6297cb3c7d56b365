# Made by mcp-guard; edits are lost.
terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.30"
    }
  }
}

resource "aws_iam_role" "server" {
  name = "mcp-scoped-github-reader"
  path = "/"
  tags = { "mcp-guard/server" = "github-mcp-server" }

  assume_role_policy = jsonencode({
    "Version" : "2012-10-17",
    "Statement" : [
      {
        "Effect" : "Allow",
        "Principal" : {
          "Federated" : "arn:aws:iam::123456789012:oidc-provider/${var.oidc_provider}"
        },
        "Action" : "sts:AssumeRoleWithWebIdentity",
        "Condition" : {
          "StringEquals" : {
            "${var.oidc_provider}:sub" : "system:serviceaccount:ai-agents:github-mcp-sa",
            "${var.oidc_provider}:aud" : "sts.amazonaws.com"
          }
        }
      }
    ]
  })

  lifecycle {
    postcondition {
      condition     = self.arn == "arn:aws:iam::123456789012:role/mcp-scoped-github-reader"
      error_message = "The deployment file names another account or partition."
    }
  }
}

# What the role may do is not the policy's to say.
resource "aws_iam_role_policy_attachment" "server" {
  for_each   = toset(var.policy_arns)
  role       = aws_iam_role.server.name
  policy_arn = each.value
}
