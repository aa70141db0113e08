# Lets Orgwarden's audit role read the CloudTrail files of the organization's trail.
#
# Deploy in the account that owns the trail's bucket, the log archive, after the audit role.

variable "role_name" {
  type    = string
  default = "OrgwardenAudit"
}

variable "bucket_name" {
  type        = string
  description = "The bucket that the organization's trail delivers to."
}

variable "key_prefix" {
  type        = string
  default     = ""
  description = "The trail's key prefix with a slash at its end, as in \"trails/\"; empty for none."
}

variable "kms_key_arn" {
  type        = string
  default     = ""
  description = "ARN of the key that encrypts the files; empty for SSE-S3. Its policy must allow the role, too."
}

variable "queue_arn" {
  type        = string
  default     = ""
  description = "ARN of a queue that is told of new files; empty for none."
}

variable "athena_workgroup" {
  type        = string
  default     = ""
  description = "The workgroup by which Athena reads the files; empty if Orgwarden reads them itself."
}

variable "athena_table" {
  type        = string
  default     = ""
  description = "The table over the files, as \"database/table\"; with a workgroup."
}

variable "athena_results_bucket" {
  type        = string
  default     = ""
  description = "The bucket that the workgroup writes results to; empty if Athena keeps them itself."
}

data "aws_partition" "this" {}
data "aws_region" "this" {}
data "aws_caller_identity" "this" {}

locals {
  place  = "${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}"
  athena = "arn:${data.aws_partition.this.partition}:athena:${local.place}"
  glue   = "arn:${data.aws_partition.this.partition}:glue:${local.place}"
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "List"
    effect    = "Allow"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.bucket_name}"]
  }

  statement {
    sid       = "Read"
    effect    = "Allow"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.bucket_name}/${var.key_prefix}AWSLogs/*"]
  }

  # The public keys of digest files, which have no resource.
  statement {
    sid       = "PublicKeysOfDigests"
    effect    = "Allow"
    actions   = ["cloudtrail:ListPublicKeys"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == "" ? [] : [var.kms_key_arn]
    content {
      sid       = "Decrypt"
      effect    = "Allow"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.queue_arn == "" ? [] : [var.queue_arn]
    content {
      sid       = "Notifications"
      effect    = "Allow"
      actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.athena_workgroup == "" ? [] : [var.athena_workgroup]
    content {
      sid       = "Ask"
      effect    = "Allow"
      actions   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution"]
      resources = ["${local.athena}:workgroup/${statement.value}"]
    }
  }

  dynamic "statement" {
    for_each = var.athena_workgroup == "" ? [] : [var.athena_table]
    content {
      sid     = "Table"
      effect  = "Allow"
      actions = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"]
      resources = [
        "${local.glue}:catalog",
        "${local.glue}:database/${split("/", statement.value)[0]}",
        "${local.glue}:table/${statement.value}",
      ]
    }
  }

  dynamic "statement" {
    for_each = var.athena_results_bucket == "" ? [] : [var.athena_results_bucket]
    content {
      sid       = "Results"
      effect    = "Allow"
      actions   = ["s3:GetBucketLocation", "s3:GetObject", "s3:PutObject"]
      resources = ["arn:${data.aws_partition.this.partition}:s3:::${statement.value}", "arn:${data.aws_partition.this.partition}:s3:::${statement.value}/*"]
    }
  }
}

resource "aws_iam_role_policy" "logs" {
  name   = "orgwarden-logs"
  role   = var.role_name
  policy = data.aws_iam_policy_document.logs.json
}
