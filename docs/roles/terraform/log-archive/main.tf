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

data "aws_partition" "this" {}

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
}

resource "aws_iam_role_policy" "logs" {
  name   = "orgwarden-logs"
  role   = var.role_name
  policy = data.aws_iam_policy_document.logs.json
}
