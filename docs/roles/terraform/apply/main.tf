# Lets Orgwarden apply approved changes of the organization's policies and tree.
#
# Deploy once, in the management account. trusted_principal_arn is the apply worker's own identity:
# not the one that the other workers and the web server have.

variable "trusted_principal_arn" {
  type        = string
  description = "ARN of the role or user that Orgwarden's apply worker alone runs as."
}

variable "external_id" {
  type        = string
  description = "The ExternalId of the connection in Orgwarden."
}

variable "role_name" {
  type    = string
  default = "OrgwardenApply"
}

data "aws_iam_policy_document" "trust" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]

    principals {
      type        = "AWS"
      identifiers = [var.trusted_principal_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:SourceIdentity"
      values   = ["orgwarden"]
    }
  }
}

data "aws_iam_policy_document" "apply" {
  statement {
    sid    = "Apply"
    effect = "Allow"
    actions = [
      "organizations:AttachPolicy",
      "organizations:CreateOrganizationalUnit",
      "organizations:CreatePolicy",
      "organizations:DeleteOrganizationalUnit",
      "organizations:DeletePolicy",
      "organizations:DescribeOrganizationalUnit",
      "organizations:DescribePolicy",
      "organizations:DetachPolicy",
      "organizations:DisablePolicyType",
      "organizations:EnablePolicyType",
      "organizations:ListAccountsForParent",
      "organizations:ListOrganizationalUnitsForParent",
      "organizations:ListParents",
      "organizations:ListPolicies",
      "organizations:ListPoliciesForTarget",
      "organizations:ListRoots",
      "organizations:ListTagsForResource",
      "organizations:ListTargetsForPolicy",
      "organizations:MoveAccount",
      "organizations:TagResource",
      "organizations:UntagResource",
      "organizations:UpdateOrganizationalUnit",
      "organizations:UpdatePolicy",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Lets Orgwarden apply approved changes of the organization's policies and tree."
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = { application = "orgwarden" }
}

resource "aws_iam_role_policy" "apply" {
  name   = "orgwarden-apply"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.apply.json
}

output "role_arn" {
  value = aws_iam_role.this.arn
}
