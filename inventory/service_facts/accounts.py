"""What is collected of how services log, detect and protect in each account."""

from typing import Final

from inventory.service_facts.kind import (
    ServiceKind,
    boolean,
    json_object,
    json_objects,
    number,
    text,
    texts,
)

_TRAILS: Final = "cloudtrail:DescribeTrails"
_TRAIL_STATUS: Final = "cloudtrail:GetTrailStatus"
_SELECTORS: Final = "cloudtrail:GetEventSelectors"

TRAIL: Final = ServiceKind(
    service="cloudtrail",
    kind="trail",
    label="CloudTrail trail",
    collector="protection.trails",
    # Region: the trail's home region. An organization trail is a row in each account that it logs.
    facts=(
        boolean("organization_trail", "logs every account of the organization", _TRAILS),
        boolean("multi_region", "logs every enabled region", _TRAILS),
        boolean("global_service_events", "logs IAM, STS and CloudFront", _TRAILS),
        boolean("log_file_validation", "digest files prove that no log was altered", _TRAILS),
        text("owner_account_id", "the account in whose trail it is, from the ARN", _TRAILS),
        text("bucket", "S3 bucket of the log files", _TRAILS),
        text("key_prefix", "prefix of their keys; empty: none", _TRAILS),
        text("kms_key_id", "ARN of the KMS key; empty: SSE-S3", _TRAILS),
        text("log_group_arn", "CloudWatch Logs group; empty: none", _TRAILS),
        boolean("logging", "is logging now", _TRAIL_STATUS),
        text("delivery_error", "S3's error at the latest delivery; empty: none", _TRAIL_STATUS),
        text("digest_error", "S3's error at the latest digest; empty: none", _TRAIL_STATUS),
        text(
            "log_group_error",
            "error at the latest delivery to CloudWatch Logs; empty: none",
            _TRAIL_STATUS,
        ),
        text(
            "management_events",
            "`all`, `read`, `write`, `some` (narrowed otherwise) or `none`",
            _SELECTORS,
        ),
        texts(
            "excluded_sources", "event sources left out, such as `kms.amazonaws.com`", _SELECTORS
        ),
        texts("data_events", "resource types whose data events it logs, sorted", _SELECTORS),
        texts(
            "partial_data_events",
            "of them, those of which it logs some resources or calls only",
            _SELECTORS,
        ),
    ),
)

_RECORDERS: Final = "config:DescribeConfigurationRecorders"
_RECORDER_STATUS: Final = "config:DescribeConfigurationRecorderStatus"
_CHANNELS: Final = "config:DescribeDeliveryChannels"
_CHANNEL_STATUS: Final = "config:DescribeDeliveryChannelStatus"
_AGGREGATORS: Final = "config:DescribeConfigurationAggregators"

CONFIG_RECORDER: Final = ServiceKind(
    service="config",
    kind="recorder",
    label="Config recorder",
    collector="protection.config_recorders",
    facts=(
        boolean("recording", "is recording now", _RECORDER_STATUS),
        text("last_status", "`PENDING`, `SUCCESS`, `FAILURE` or `NOTAPPLICABLE`", _RECORDER_STATUS),
        text("last_error", "its error code; empty: none", _RECORDER_STATUS),
        boolean("all_supported", "records every supported resource type", _RECORDERS),
        boolean("global_resource_types", "records users, roles and policies of IAM", _RECORDERS),
        texts("resource_types", "the types it records; empty: see `all_supported`", _RECORDERS),
        texts("excluded_resource_types", "the types it leaves out", _RECORDERS),
        text("frequency", "`CONTINUOUS` or `DAILY`; empty: AWS gives none", _RECORDERS),
        text("role_arn", "the role it records with", _RECORDERS),
        text("service_principal", "the service whose own recorder it is; empty: none", _RECORDERS),
    ),
)

CONFIG_DELIVERY_CHANNEL: Final = ServiceKind(
    service="config",
    kind="delivery-channel",
    label="Config delivery channel",
    collector="protection.config_recorders",
    facts=(
        text("bucket", "S3 bucket of history and snapshots", _CHANNELS),
        text("key_prefix", "prefix of their keys; empty: none", _CHANNELS),
        text("kms_key_arn", "KMS key; empty: none", _CHANNELS),
        text("topic_arn", "SNS topic of notifications; empty: none", _CHANNELS),
        text("last_status", "latest delivery of history: `SUCCESS`, `FAILURE`, …", _CHANNEL_STATUS),
        text("last_error", "its error code; empty: none", _CHANNEL_STATUS),
    ),
)

CONFIG_AGGREGATOR: Final = ServiceKind(
    service="config",
    kind="aggregator",
    label="Config aggregator",
    collector="protection.config_aggregators",
    facts=(
        boolean("organization", "aggregates every account of the organization", _AGGREGATORS),
        boolean("all_regions", "aggregates every region", _AGGREGATORS),
        texts("regions", "the regions it aggregates, where not all", _AGGREGATORS),
        texts(
            "account_ids", "the accounts it aggregates, where not the organization", _AGGREGATORS
        ),
    ),
)

_DETECTOR: Final = "guardduty:GetDetector"
_DETECTOR_ORGANIZATION: Final = "guardduty:DescribeOrganizationConfiguration"

GUARDDUTY_DETECTOR: Final = ServiceKind(
    service="guardduty",
    kind="detector",
    label="GuardDuty detector",
    collector="protection.guardduty_detectors",
    facts=(
        boolean("enabled", "is enabled", _DETECTOR),
        texts("features", "its enabled features, such as `S3_DATA_EVENTS`, sorted", _DETECTOR),
        text("finding_frequency", "`FIFTEEN_MINUTES`, `ONE_HOUR` or `SIX_HOURS`", _DETECTOR),
        text(
            "auto_enable_members",
            "`ALL`, `NEW` or `NONE` of the organization's accounts; None: not its administrator",
            _DETECTOR_ORGANIZATION,
        ),
        json_object(
            "auto_enable_features",
            "feature → `ALL`, `NEW` or `NONE`; None: not the organization's administrator",
            _DETECTOR_ORGANIZATION,
        ),
    ),
)

_HUB: Final = "securityhub:DescribeHub"
_STANDARDS: Final = "securityhub:GetEnabledStandards"
_HUB_ORGANIZATION: Final = "securityhub:DescribeOrganizationConfiguration"

SECURITY_HUB: Final = ServiceKind(
    service="securityhub",
    kind="hub",
    label="Security Hub",
    collector="protection.security_hubs",
    facts=(
        boolean("auto_enable_controls", "enables new controls of its standards", _HUB),
        text("finding_generator", "`STANDARD_CONTROL` or `SECURITY_CONTROL`", _HUB),
        texts("standards", "ARNs of the standards that are enabled and ready, sorted", _STANDARDS),
        texts("standards_not_ready", "ARNs of those pending, failed or incomplete", _STANDARDS),
        boolean(
            "auto_enable_members",
            "enables new accounts of the organization; None: not its administrator",
            _HUB_ORGANIZATION,
        ),
        text(
            "auto_enable_standards",
            "`DEFAULT` or `NONE` in new accounts; None: not its administrator",
            _HUB_ORGANIZATION,
        ),
        text(
            "configuration_type",
            "`CENTRAL` or `LOCAL`; None: not the organization's administrator",
            _HUB_ORGANIZATION,
        ),
    ),
)

_ANALYZERS: Final = "access-analyzer:ListAnalyzers"

ANALYZER: Final = ServiceKind(
    service="access-analyzer",
    kind="analyzer",
    label="Access Analyzer",
    collector="protection.analyzers",
    facts=(
        text(
            "type",
            "`ACCOUNT`, `ORGANIZATION`, or these with `_UNUSED_ACCESS` or `_INTERNAL_ACCESS`",
            _ANALYZERS,
        ),
        boolean("organization", "its zone of trust is the organization", _ANALYZERS),
        boolean("external_access", "finds access from outside of its zone of trust", _ANALYZERS),
        text("status", "`ACTIVE`, `CREATING`, `DISABLED` or `FAILED`", _ANALYZERS),
        text("status_reason", "why it is not active; empty: none given", _ANALYZERS),
    ),
)

_IMDS: Final = "ec2:GetInstanceMetadataDefaults"

EC2_DEFAULTS: Final = ServiceKind(
    service="ec2",
    kind="defaults",
    label="EC2 defaults of a region",
    collector="protection.ec2_defaults",
    facts=(
        boolean("ebs_encryption", "new volumes are encrypted", "ec2:GetEbsEncryptionByDefault"),
        text(
            "ebs_kms_key_id",
            "the key for it; None: encryption by default is off",
            "ec2:GetEbsDefaultKmsKeyId",
        ),
        text("imds_tokens", "`required` (IMDSv2), `optional`; empty: no preference", _IMDS),
        text("imds_tokens_enforced", "`enabled`: launches with IMDSv1 fail; empty: not set", _IMDS),
        text("imds_endpoint", "`enabled` or `disabled`; empty: no preference", _IMDS),
        number("imds_hop_limit", "hops of a metadata response; None: no preference", _IMDS),
        text(
            "image_block",
            "`block-new-sharing` or `unblocked`: public machine images",
            "ec2:GetImageBlockPublicAccessState",
        ),
        text(
            "snapshot_block",
            "`block-all-sharing`, `block-new-sharing` or `unblocked`: public snapshots",
            "ec2:GetSnapshotBlockPublicAccessState",
        ),
        boolean(
            "serial_console", "the serial console may be used", "ec2:GetSerialConsoleAccessStatus"
        ),
        texts(
            "managed_by_policy",
            "which of `imds`, `image_block`, `snapshot_block`, `serial_console` a declarative "
            "policy sets, sorted",
            "the same calls",
        ),
    ),
)

_VPCS: Final = "ec2:DescribeVpcs"
_FLOW_LOGS: Final = "ec2:DescribeFlowLogs"
_GATEWAYS: Final = "ec2:DescribeInternetGateways"

VPC: Final = ServiceKind(
    service="ec2",
    kind="vpc",
    label="VPC",
    collector="network.vpcs",
    facts=(
        boolean("default", "is the region's default VPC", _VPCS),
        texts("cidr_blocks", "its IPv4 and IPv6 ranges, sorted", _VPCS),
        text("owner_account_id", "whose it is", _VPCS),
        boolean("shared_by_other_account", "is another account's, shared by RAM", _VPCS),
        text(
            "internet_block",
            "block public access: `off`, `block-bidirectional`, `block-ingress`; empty: not given",
            _VPCS,
        ),
        texts(
            "internet_gateways",
            "ids of internet gateways attached; None where another account's",
            _GATEWAYS,
        ),
        texts(
            "flow_log_traffic",
            "what active flow logs log: `ALL`, `ACCEPT`, `REJECT`; None where another account's",
            _FLOW_LOGS,
        ),
        json_objects(
            "flow_logs",
            "each with id, status, delivery_status, delivery_error, traffic, destination_type, "
            "destination; None where another account's",
            _FLOW_LOGS,
        ),
    ),
)

_CONTACT: Final = "account:GetAlternateContact"

ALTERNATE_CONTACTS: Final = ServiceKind(
    service="account",
    kind="alternate-contacts",
    label="Alternate contacts",
    collector="protection.alternate_contacts",
    facts=(
        # Names and telephone numbers of people are not stored.
        text("security", "mail address; empty: none is set", _CONTACT),
        text("billing", "mail address; empty: none is set", _CONTACT),
        text("operations", "mail address; empty: none is set", _CONTACT),
    ),
)
