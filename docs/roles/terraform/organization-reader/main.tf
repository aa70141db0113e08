# Lets Orgwarden read the structure and policies of the organization.
#
# Deploy once, in the management account, or in a delegated administrator's account whose
# organization's resource policy allows these actions.

variable "trusted_principal_arn" {
  type        = string
  description = "ARN of the role or user that Orgwarden's workers run as."
}

variable "external_id" {
  type        = string
  description = "The ExternalId of the connection in Orgwarden."
}

variable "role_name" {
  type    = string
  default = "OrgwardenOrganizationReader"
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

data "aws_iam_policy_document" "read" {
  statement {
    sid    = "Read"
    effect = "Allow"
    actions = [
      "controlcatalog:GetControl",
      "controlcatalog:ListControlMappings",
      "controltower:GetEnabledControl",
      "controltower:GetLandingZone",
      "controltower:ListBaselines",
      "controltower:ListEnabledBaselines",
      "controltower:ListEnabledControls",
      "controltower:ListLandingZones",
      "iam:ListOrganizationsFeatures",
      "identitystore:DescribeUser",
      "identitystore:ListGroupMemberships",
      "identitystore:ListGroups",
      "organizations:DescribeEffectivePolicy",
      "organizations:DescribeOrganization",
      "organizations:DescribePolicy",
      "organizations:DescribeResourcePolicy",
      "organizations:ListAWSServiceAccessForOrganization",
      "organizations:ListAccounts",
      "organizations:ListAccountsForParent",
      "organizations:ListDelegatedAdministrators",
      "organizations:ListDelegatedServicesForAccount",
      "organizations:ListInboundResponsibilityTransfers",
      "organizations:ListOrganizationalUnitsForParent",
      "organizations:ListOutboundResponsibilityTransfers",
      "organizations:ListParents",
      "organizations:ListPolicies",
      "organizations:ListPoliciesForTarget",
      "organizations:ListRoots",
      "organizations:ListTargetsForPolicy",
      "sso:DescribePermissionSet",
      "sso:GetInlinePolicyForPermissionSet",
      "sso:GetPermissionsBoundaryForPermissionSet",
      "sso:ListAccountAssignments",
      "sso:ListAccountsForProvisionedPermissionSet",
      "sso:ListCustomerManagedPolicyReferencesInPermissionSet",
      "sso:ListInstances",
      "sso:ListManagedPoliciesInPermissionSet",
      "sso:ListPermissionSets",
      "tag:GetResources",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Lets Orgwarden read the structure and policies of the organization."
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = { application = "orgwarden" }
}

resource "aws_iam_role_policy" "read" {
  name   = "orgwarden-organization-reader"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.read.json
}

output "role_arn" {
  value = aws_iam_role.this.arn
}
