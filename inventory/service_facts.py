"""What is collected of how services are set up: services, kinds and the facts of each.

Each kind below is a `ServiceConfiguration` row's `service` and `kind`; its facts are the names in
`facts` of that row. A fact is None where AWS gives no value, or where it could not be read: the
row's `unknown` then has its name and AWS's error code. Times that move by themselves, such as the
latest delivery, are left out: they would make a new version of the row at each run.

Whether an account has none of a kind is told by coverage alone: no row and a complete reading of
`collector` in that region means none; any other coverage means that it is not known.

Collected elsewhere, by `AccountSetting`: password policy, account summary (root's keys and MFA as
`AccountAccessKeysPresent` and `AccountMFAEnabled`), S3 Block Public Access; by
`OrganizationSetting`: central root access; by `ResourcePolicy`: bucket and key policies, shared
images and snapshots, peering connections and transit gateway attachments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from inventory.records import ServiceConfigurationRecord

# In the place of a region, for what has none; as `inventory.collectors.collector` has it.
_GLOBAL: Final = "global"


class FactType(StrEnum):
    """What the value of a fact is in JSON."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    TEXTS = "texts"
    OBJECT = "object"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """One fact of a kind. `call`: the AWS operation that tells it; `meaning`: in words."""

    name: str
    type: FactType
    meaning: str
    call: str


class Extent(StrEnum):
    """How many rows of a kind an account has.

    ONE_A_REGION and ONE_AN_ACCOUNT: always exactly one where the reading was complete.
    ANY_IN_A_REGION: none, one or several in each region. ANY_IN_THE_ACCOUNT: none, one or several,
    each in the region where it is, all of them read at once. ORGANIZATION: read once a run, kept
    under the management account.
    """

    ONE_A_REGION = "one_a_region"
    ONE_AN_ACCOUNT = "one_an_account"
    ANY_IN_A_REGION = "any_in_a_region"
    ANY_IN_THE_ACCOUNT = "any_in_the_account"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class ServiceKind:
    """One kind of row. `collector`: whose coverage says whether all of them were read."""

    service: str
    kind: str
    label: str
    collector: str
    extent: Extent
    facts: tuple[ServiceFact, ...]

    @property
    def key(self) -> str:
        """How rules and files name it: `cloudtrail:trail`."""
        return f"{self.service}:{self.kind}"

    @property
    def fact_names(self) -> frozenset[str]:
        """The names that `facts` of such a row may hold."""
        return frozenset(each.name for each in self.facts)

    def record(
        self,
        facts: Mapping[str, Any],
        *,
        region: str = _GLOBAL,
        name: str = "",
        arn: str = "",
        unknown: Mapping[str, str] = MappingProxyType({}),
        account_id: str | None = None,
    ) -> ServiceConfigurationRecord:
        """Return a record of this kind; facts that are not given are None.

        `account_id`: under whom it is kept, if not the account that is read.
        :raises ValueError: a fact is given that the kind does not declare.
        """
        return ServiceConfigurationRecord(
            service=self.service,
            region=region,
            kind=self.kind,
            name=name,
            arn=arn,
            facts=self._complete(facts, unknown),
            unknown=dict(unknown),
            account_id=account_id,
        )

    def _complete(self, facts: Mapping[str, Any], unknown: Mapping[str, str]) -> dict[str, Any]:
        undeclared = (set(facts) | set(unknown)) - self.fact_names
        if undeclared:
            raise ValueError(f"{self.key} declares no fact {', '.join(sorted(undeclared))}")
        return {each.name: facts.get(each.name) for each in self.facts}


def _boolean(name: str, meaning: str, call: str) -> ServiceFact:
    return ServiceFact(name, FactType.BOOLEAN, meaning, call)


def _number(name: str, meaning: str, call: str) -> ServiceFact:
    return ServiceFact(name, FactType.NUMBER, meaning, call)


def _text(name: str, meaning: str, call: str) -> ServiceFact:
    return ServiceFact(name, FactType.TEXT, meaning, call)


def _texts(name: str, meaning: str, call: str) -> ServiceFact:
    return ServiceFact(name, FactType.TEXTS, meaning, call)


def _object(name: str, meaning: str, call: str) -> ServiceFact:
    return ServiceFact(name, FactType.OBJECT, meaning, call)


def _objects(name: str, meaning: str, call: str) -> ServiceFact:
    return ServiceFact(name, FactType.OBJECTS, meaning, call)


_TRAILS: Final = "cloudtrail:DescribeTrails"
_TRAIL_STATUS: Final = "cloudtrail:GetTrailStatus"
_SELECTORS: Final = "cloudtrail:GetEventSelectors"

TRAIL: Final = ServiceKind(
    service="cloudtrail",
    kind="trail",
    label="CloudTrail trail",
    collector="protection.trails",
    # Region: the trail's home region. An organization trail is a row in each account that it logs.
    extent=Extent.ANY_IN_THE_ACCOUNT,
    facts=(
        _boolean("organization_trail", "logs every account of the organization", _TRAILS),
        _boolean("multi_region", "logs every enabled region", _TRAILS),
        _boolean("global_service_events", "logs IAM, STS and CloudFront", _TRAILS),
        _boolean("log_file_validation", "digest files prove that no log was altered", _TRAILS),
        _text("owner_account_id", "the account in whose trail it is, from the ARN", _TRAILS),
        _text("bucket", "S3 bucket of the log files", _TRAILS),
        _text("key_prefix", "prefix of their keys; empty: none", _TRAILS),
        _text("kms_key_id", "ARN of the KMS key; empty: SSE-S3", _TRAILS),
        _text("log_group_arn", "CloudWatch Logs group; empty: none", _TRAILS),
        _boolean("logging", "is logging now", _TRAIL_STATUS),
        _text("delivery_error", "S3's error at the latest delivery; empty: none", _TRAIL_STATUS),
        _text("digest_error", "S3's error at the latest digest; empty: none", _TRAIL_STATUS),
        _text(
            "log_group_error",
            "error at the latest delivery to CloudWatch Logs; empty: none",
            _TRAIL_STATUS,
        ),
        _text(
            "management_events",
            "`all`, `read`, `write`, `some` (narrowed otherwise) or `none`",
            _SELECTORS,
        ),
        _texts(
            "excluded_sources", "event sources left out, such as `kms.amazonaws.com`", _SELECTORS
        ),
        _texts("data_events", "resource types whose data events it logs, sorted", _SELECTORS),
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
    extent=Extent.ANY_IN_A_REGION,
    facts=(
        _boolean("recording", "is recording now", _RECORDER_STATUS),
        _text(
            "last_status", "`PENDING`, `SUCCESS`, `FAILURE` or `NOTAPPLICABLE`", _RECORDER_STATUS
        ),
        _text("last_error", "its error code; empty: none", _RECORDER_STATUS),
        _boolean("all_supported", "records every supported resource type", _RECORDERS),
        _boolean("global_resource_types", "records users, roles and policies of IAM", _RECORDERS),
        _texts("resource_types", "the types it records; empty: see `all_supported`", _RECORDERS),
        _texts("excluded_resource_types", "the types it leaves out", _RECORDERS),
        _text("frequency", "`CONTINUOUS` or `DAILY`; empty: AWS gives none", _RECORDERS),
        _text("role_arn", "the role it records with", _RECORDERS),
        _text("service_principal", "the service whose own recorder it is; empty: none", _RECORDERS),
    ),
)

CONFIG_DELIVERY_CHANNEL: Final = ServiceKind(
    service="config",
    kind="delivery-channel",
    label="Config delivery channel",
    collector="protection.config_recorders",
    extent=Extent.ANY_IN_A_REGION,
    facts=(
        _text("bucket", "S3 bucket of history and snapshots", _CHANNELS),
        _text("key_prefix", "prefix of their keys; empty: none", _CHANNELS),
        _text("kms_key_arn", "KMS key; empty: none", _CHANNELS),
        _text("topic_arn", "SNS topic of notifications; empty: none", _CHANNELS),
        _text(
            "last_status", "latest delivery of history: `SUCCESS`, `FAILURE`, …", _CHANNEL_STATUS
        ),
        _text("last_error", "its error code; empty: none", _CHANNEL_STATUS),
    ),
)

CONFIG_AGGREGATOR: Final = ServiceKind(
    service="config",
    kind="aggregator",
    label="Config aggregator",
    collector="protection.config_aggregators",
    extent=Extent.ANY_IN_A_REGION,
    facts=(
        _boolean("organization", "aggregates every account of the organization", _AGGREGATORS),
        _boolean("all_regions", "aggregates every region", _AGGREGATORS),
        _texts("regions", "the regions it aggregates, where not all", _AGGREGATORS),
        _texts(
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
    extent=Extent.ANY_IN_A_REGION,
    facts=(
        _boolean("enabled", "is enabled", _DETECTOR),
        _texts("features", "its enabled features, such as `S3_DATA_EVENTS`, sorted", _DETECTOR),
        _text("finding_frequency", "`FIFTEEN_MINUTES`, `ONE_HOUR` or `SIX_HOURS`", _DETECTOR),
        _text(
            "auto_enable_members",
            "`ALL`, `NEW` or `NONE` of the organization's accounts; None: not its administrator",
            _DETECTOR_ORGANIZATION,
        ),
        _object(
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
    extent=Extent.ANY_IN_A_REGION,
    facts=(
        _boolean("auto_enable_controls", "enables new controls of its standards", _HUB),
        _text("finding_generator", "`STANDARD_CONTROL` or `SECURITY_CONTROL`", _HUB),
        _texts("standards", "ARNs of the standards that are enabled and ready, sorted", _STANDARDS),
        _texts("standards_not_ready", "ARNs of those pending, failed or incomplete", _STANDARDS),
        _boolean(
            "auto_enable_members",
            "enables new accounts of the organization; None: not its administrator",
            _HUB_ORGANIZATION,
        ),
        _text(
            "auto_enable_standards",
            "`DEFAULT` or `NONE` in new accounts; None: not its administrator",
            _HUB_ORGANIZATION,
        ),
        _text(
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
    extent=Extent.ANY_IN_A_REGION,
    facts=(
        _text(
            "type",
            "`ACCOUNT`, `ORGANIZATION`, or these with `_UNUSED_ACCESS` or `_INTERNAL_ACCESS`",
            _ANALYZERS,
        ),
        _boolean("organization", "its zone of trust is the organization", _ANALYZERS),
        _boolean("external_access", "finds access from outside of its zone of trust", _ANALYZERS),
        _text("status", "`ACTIVE`, `CREATING`, `DISABLED` or `FAILED`", _ANALYZERS),
        _text("status_reason", "why it is not active; empty: none given", _ANALYZERS),
    ),
)

_IMDS: Final = "ec2:GetInstanceMetadataDefaults"

EC2_DEFAULTS: Final = ServiceKind(
    service="ec2",
    kind="defaults",
    label="EC2 defaults of a region",
    collector="protection.ec2_defaults",
    extent=Extent.ONE_A_REGION,
    facts=(
        _boolean("ebs_encryption", "new volumes are encrypted", "ec2:GetEbsEncryptionByDefault"),
        _text(
            "ebs_kms_key_id",
            "the key for it; None: encryption by default is off",
            "ec2:GetEbsDefaultKmsKeyId",
        ),
        _text("imds_tokens", "`required` (IMDSv2), `optional`; empty: no preference", _IMDS),
        _text(
            "imds_tokens_enforced", "`enabled`: launches with IMDSv1 fail; empty: not set", _IMDS
        ),
        _text("imds_endpoint", "`enabled` or `disabled`; empty: no preference", _IMDS),
        _number("imds_hop_limit", "hops of a metadata response; None: no preference", _IMDS),
        _text(
            "image_block",
            "`block-new-sharing` or `unblocked`: public machine images",
            "ec2:GetImageBlockPublicAccessState",
        ),
        _text(
            "snapshot_block",
            "`block-all-sharing`, `block-new-sharing` or `unblocked`: public snapshots",
            "ec2:GetSnapshotBlockPublicAccessState",
        ),
        _boolean(
            "serial_console", "the serial console may be used", "ec2:GetSerialConsoleAccessStatus"
        ),
        _texts(
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
    extent=Extent.ANY_IN_A_REGION,
    facts=(
        _boolean("default", "is the region's default VPC", _VPCS),
        _texts("cidr_blocks", "its IPv4 and IPv6 ranges, sorted", _VPCS),
        _text("owner_account_id", "whose it is", _VPCS),
        _boolean("shared_by_other_account", "is another account's, shared by RAM", _VPCS),
        _text(
            "internet_block",
            "block public access: `off`, `block-bidirectional`, `block-ingress`; empty: not given",
            _VPCS,
        ),
        _texts(
            "internet_gateways",
            "ids of internet gateways attached; None where another account's",
            _GATEWAYS,
        ),
        _texts(
            "flow_log_traffic",
            "what active flow logs log: `ALL`, `ACCEPT`, `REJECT`; None where another account's",
            _FLOW_LOGS,
        ),
        _objects(
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
    extent=Extent.ONE_AN_ACCOUNT,
    facts=(
        # Names and telephone numbers of people are not kept.
        _text("security", "mail address; empty: none is set", _CONTACT),
        _text("billing", "mail address; empty: none is set", _CONTACT),
        _text("operations", "mail address; empty: none is set", _CONTACT),
    ),
)

_LANDING_ZONE: Final = "controltower:GetLandingZone"
_ENABLED_CONTROLS: Final = "controltower:ListEnabledControls"
_ENABLED_CONTROL: Final = "controltower:GetEnabledControl"
_ENABLED_BASELINES: Final = "controltower:ListEnabledBaselines"

LANDING_ZONE: Final = ServiceKind(
    service="controltower",
    kind="landing-zone",
    label="Control Tower landing zone",
    collector="control_tower.landing_zone",
    extent=Extent.ORGANIZATION,
    facts=(
        _text("version", "as deployed", _LANDING_ZONE),
        _text("latest_version", "the latest that AWS offers", _LANDING_ZONE),
        _text("status", "`ACTIVE`, `PROCESSING` or `FAILED`", _LANDING_ZONE),
        _text("drift_status", "`DRIFTED` or `IN_SYNC`; None: AWS does not say", _LANDING_ZONE),
        _texts("remediation_types", "what it remedies by itself, sorted", _LANDING_ZONE),
        _texts("governed_regions", "sorted", _LANDING_ZONE),
        _text(
            "log_archive_account_id", "the manifest's log archive; None: not named", _LANDING_ZONE
        ),
        _text("security_account_id", "the manifest's security (audit) account", _LANDING_ZONE),
        _text(
            "config_account_id", "the manifest's Config account, where it has one", _LANDING_ZONE
        ),
        _text("backup_account_id", "the manifest's central backup account", _LANDING_ZONE),
        _object("manifest", "the whole manifest", _LANDING_ZONE),
    ),
)

ENABLED_CONTROL: Final = ServiceKind(
    service="controltower",
    kind="enabled-control",
    label="Enabled control",
    collector="control_tower.enabled_controls",
    # Name: the enabled control's ARN.
    extent=Extent.ORGANIZATION,
    facts=(
        _text("control", "ARN of the control", _ENABLED_CONTROLS),
        _text("target_id", "id of the OU or account", _ENABLED_CONTROLS),
        _text("parent", "ARN of the enabled control it is inherited from", _ENABLED_CONTROLS),
        _text("status", "`SUCCEEDED`, `FAILED` or `UNDER_CHANGE`", _ENABLED_CONTROLS),
        _text("drift_status", "`IN_SYNC`, `DRIFTED`, `NOT_CHECKING`, `UNKNOWN`", _ENABLED_CONTROLS),
        _text("inheritance_drift", "the same four; None: AWS does not say", _ENABLED_CONTROLS),
        _text("resource_drift", "the same four; None: AWS does not say", _ENABLED_CONTROLS),
        _object("parameters", "name → value; None: not read", _ENABLED_CONTROL),
        _texts("target_regions", "where it is deployed, sorted; None: not read", _ENABLED_CONTROL),
        _text("last_operation", "id of the operation that set it last", _ENABLED_CONTROLS),
    ),
)

ENABLED_BASELINE: Final = ServiceKind(
    service="controltower",
    kind="enabled-baseline",
    label="Enabled baseline",
    collector="control_tower.enabled_baselines",
    # Name: the enabled baseline's ARN.
    extent=Extent.ORGANIZATION,
    facts=(
        _text("baseline", "name, such as `AWSControlTowerBaseline`", "controltower:ListBaselines"),
        _text("version", "of the baseline", _ENABLED_BASELINES),
        _text("target_id", "id of the OU or account", _ENABLED_BASELINES),
        _text("parent", "ARN of the enabled baseline it is inherited from", _ENABLED_BASELINES),
        _text("status", "`SUCCEEDED`, `FAILED` or `UNDER_CHANGE`", _ENABLED_BASELINES),
        _text(
            "inheritance_drift",
            "`IN_SYNC` or `DRIFTED`; None: AWS does not say",
            _ENABLED_BASELINES,
        ),
        _text("source_drift", "`IN_SYNC` or `DRIFTED`; None: AWS does not say", _ENABLED_BASELINES),
    ),
)

_CONTROL: Final = "controlcatalog:GetControl"

CATALOG_CONTROL: Final = ServiceKind(
    service="controlcatalog",
    kind="control",
    label="Control of the Control Catalog",
    collector="control_tower.catalog",
    # Name: the ARN by which Control Tower names it. Only controls that are enabled somewhere.
    extent=Extent.ORGANIZATION,
    facts=(
        _text("title", "the catalogue's name of it", _CONTROL),
        _text("description", "what it does", _CONTROL),
        _texts("aliases", "ids such as `CT.S3.PR.1` or `AWS-GR_ENCRYPTED_VOLUMES`", _CONTROL),
        _text("behavior", "`PREVENTIVE`, `DETECTIVE` or `PROACTIVE`", _CONTROL),
        _text("severity", "`LOW`, `MEDIUM`, `HIGH` or `CRITICAL`; None: not given", _CONTROL),
        _text(
            "implementation",
            "such as `AWS::Organizations::Policy::SERVICE_CONTROL_POLICY`",
            _CONTROL,
        ),
        _text("implementation_id", "the rule's or policy's id; empty: none given", _CONTROL),
        _text("region_scope", "`GLOBAL` or `REGIONAL`", _CONTROL),
        _texts("governed_resources", "types such as `AWS::S3::Bucket`, sorted", _CONTROL),
        _objects(
            "frameworks",
            "each with `name` and `item`, such as NIST-SP-800-53-r5 and AC-3",
            "controlcatalog:ListControlMappings",
        ),
        _text("read_on", "day on which it was read, ISO 8601; read again a month later", _CONTROL),
    ),
)

SERVICE_KINDS: Final[Mapping[str, ServiceKind]] = MappingProxyType(
    {
        each.key: each
        for each in (
            TRAIL,
            CONFIG_RECORDER,
            CONFIG_DELIVERY_CHANNEL,
            CONFIG_AGGREGATOR,
            GUARDDUTY_DETECTOR,
            SECURITY_HUB,
            ANALYZER,
            EC2_DEFAULTS,
            VPC,
            ALTERNATE_CONTACTS,
            LANDING_ZONE,
            ENABLED_CONTROL,
            ENABLED_BASELINE,
            CATALOG_CONTROL,
        )
    }
)
