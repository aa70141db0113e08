# Lets Orgwarden read the IAM configuration and resource policies of this account.
#
# Deploy in every account: as a service-managed stack set to all accounts of the organization,
# and as a stack of its own in the management account, which such stack sets leave out.

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
  default = "OrgwardenAudit"
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
      "access-analyzer:ListAnalyzers",
      "account:GetAlternateContact",
      "account:ListRegions",
      "acm-pca:GetPolicy",
      "acm-pca:ListCertificateAuthorities",
      "aoss:GetAccessPolicy",
      "aoss:ListAccessPolicies",
      "apigateway:GET",
      "backup:GetBackupVaultAccessPolicy",
      "backup:ListBackupVaults",
      "cloudtrail:DescribeTrails",
      "cloudtrail:GetEventSelectors",
      "cloudtrail:GetTrailStatus",
      "cloudtrail:ListTrails",
      "config:DescribeConfigurationAggregators",
      "config:DescribeConfigurationRecorderStatus",
      "config:DescribeConfigurationRecorders",
      "config:DescribeDeliveryChannelStatus",
      "config:DescribeDeliveryChannels",
      "dynamodb:DescribeTable",
      "dynamodb:GetResourcePolicy",
      "dynamodb:ListTables",
      "ec2:DescribeFlowLogs",
      "ec2:DescribeImageAttribute",
      "ec2:DescribeImages",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DescribeSnapshots",
      "ec2:DescribeTransitGatewayAttachments",
      "ec2:DescribeTransitGateways",
      "ec2:DescribeVpcEndpointServiceConfigurations",
      "ec2:DescribeVpcEndpointServicePermissions",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcPeeringConnections",
      "ec2:DescribeVpcs",
      "ec2:GetEbsDefaultKmsKeyId",
      "ec2:GetEbsEncryptionByDefault",
      "ec2:GetImageBlockPublicAccessState",
      "ec2:GetInstanceMetadataDefaults",
      "ec2:GetSerialConsoleAccessStatus",
      "ec2:GetSnapshotBlockPublicAccessState",
      "ecr:DescribeRepositories",
      "ecr:GetRegistryPolicy",
      "ecr:GetRepositoryPolicy",
      "eks:DescribeAccessEntry",
      "eks:DescribeCluster",
      "eks:DescribePodIdentityAssociation",
      "eks:ListAccessEntries",
      "eks:ListAssociatedAccessPolicies",
      "eks:ListClusters",
      "eks:ListPodIdentityAssociations",
      "elasticfilesystem:DescribeFileSystemPolicy",
      "elasticfilesystem:DescribeFileSystems",
      "es:DescribeDomains",
      "es:ListDomainNames",
      "events:ListEventBuses",
      "glacier:GetVaultAccessPolicy",
      "glacier:GetVaultLock",
      "glacier:ListVaults",
      "glue:GetResourcePolicy",
      "guardduty:DescribeOrganizationConfiguration",
      "guardduty:GetDetector",
      "guardduty:ListDetectors",
      "iam:GenerateCredentialReport",
      "iam:GetAccountAuthorizationDetails",
      "iam:GetAccountPasswordPolicy",
      "iam:GetAccountSummary",
      "iam:GetCredentialReport",
      "iam:GetOpenIDConnectProvider",
      "iam:GetOutboundWebIdentityFederationInfo",
      "iam:GetSAMLProvider",
      "iam:ListAccountAliases",
      "iam:ListDelegationRequests",
      "iam:ListOpenIDConnectProviders",
      "iam:ListSAMLProviders",
      "kafka:GetClusterPolicy",
      "kafka:ListClustersV2",
      "kinesis:GetResourcePolicy",
      "kinesis:ListStreamConsumers",
      "kinesis:ListStreams",
      "kms:GetKeyPolicy",
      "kms:ListAliases",
      "kms:ListGrants",
      "kms:ListKeys",
      "lambda:GetLayerVersionPolicy",
      "lambda:GetPolicy",
      "lambda:ListAliases",
      "lambda:ListFunctionUrlConfigs",
      "lambda:ListFunctions",
      "lambda:ListLayerVersions",
      "lambda:ListLayers",
      "logs:DescribeDestinations",
      "logs:DescribeResourcePolicies",
      "ram:GetPermission",
      "ram:GetResourceShareAssociations",
      "ram:GetResourceShares",
      "ram:ListResourceSharePermissions",
      "rds:DescribeDBClusterSnapshotAttributes",
      "rds:DescribeDBClusterSnapshots",
      "rds:DescribeDBSnapshotAttributes",
      "rds:DescribeDBSnapshots",
      "rolesanywhere:ListProfiles",
      "rolesanywhere:ListTrustAnchors",
      "s3:GetAccessPoint",
      "s3:GetAccessPointPolicy",
      "s3:GetAccountPublicAccessBlock",
      "s3:GetBucketAcl",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetMultiRegionAccessPointPolicy",
      "s3:ListAccessPoints",
      "s3:ListAllMyBuckets",
      "s3:ListMultiRegionAccessPoints",
      "s3express:GetBucketPolicy",
      "s3express:ListAllMyDirectoryBuckets",
      "s3tables:GetTableBucketPolicy",
      "s3tables:GetTablePolicy",
      "s3tables:ListTableBuckets",
      "s3tables:ListTables",
      "secretsmanager:GetResourcePolicy",
      "secretsmanager:ListSecrets",
      "securityhub:DescribeHub",
      "securityhub:DescribeOrganizationConfiguration",
      "securityhub:GetEnabledStandards",
      "ses:GetEmailIdentityPolicies",
      "ses:ListEmailIdentities",
      "sns:GetTopicAttributes",
      "sns:ListTopics",
      "sqs:GetQueueAttributes",
      "sqs:ListQueues",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Lets Orgwarden read the IAM configuration and resource policies of this account."
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = { application = "orgwarden" }
}

resource "aws_iam_role_policy" "read" {
  name   = "orgwarden-audit"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.read.json
}

output "role_arn" {
  value = aws_iam_role.this.arn
}
