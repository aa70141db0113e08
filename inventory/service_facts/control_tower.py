"""What is collected of Control Tower and its catalogue, once a run, for the organization."""

from typing import Final

from inventory.service_facts.kind import (
    ServiceKind,
    json_object,
    json_objects,
    text,
    texts,
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
    facts=(
        text("version", "as deployed", _LANDING_ZONE),
        text("latest_version", "the latest that AWS offers", _LANDING_ZONE),
        text("status", "`ACTIVE`, `PROCESSING` or `FAILED`", _LANDING_ZONE),
        text("drift_status", "`DRIFTED` or `IN_SYNC`; None: AWS does not say", _LANDING_ZONE),
        texts("remediation_types", "what it remedies by itself, sorted", _LANDING_ZONE),
        texts("governed_regions", "sorted", _LANDING_ZONE),
        text(
            "log_archive_account_id", "the manifest's log archive; None: not named", _LANDING_ZONE
        ),
        text("security_account_id", "the manifest's security (audit) account", _LANDING_ZONE),
        text("config_account_id", "the manifest's Config account, where it has one", _LANDING_ZONE),
        text("backup_account_id", "the manifest's central backup account", _LANDING_ZONE),
        json_object("manifest", "the manifest, as AWS gives it", _LANDING_ZONE),
    ),
)

ENABLED_CONTROL: Final = ServiceKind(
    service="controltower",
    kind="enabled-control",
    label="Enabled control",
    collector="control_tower.enabled_controls",
    # Name: the enabled control's ARN.
    facts=(
        text("control", "ARN of the control", _ENABLED_CONTROLS),
        text("target_id", "id of the OU or account", _ENABLED_CONTROLS),
        text("parent", "ARN of the enabled control it is inherited from", _ENABLED_CONTROLS),
        text("status", "`SUCCEEDED`, `FAILED` or `UNDER_CHANGE`", _ENABLED_CONTROLS),
        text("drift_status", "`IN_SYNC`, `DRIFTED`, `NOT_CHECKING`, `UNKNOWN`", _ENABLED_CONTROLS),
        text("inheritance_drift", "the same four; None: AWS does not say", _ENABLED_CONTROLS),
        text("resource_drift", "the same four; None: AWS does not say", _ENABLED_CONTROLS),
        json_object("parameters", "name → value; None: not read", _ENABLED_CONTROL),
        texts("target_regions", "where it is deployed, sorted; None: not read", _ENABLED_CONTROL),
        text("last_operation", "id of the operation that set it last", _ENABLED_CONTROLS),
    ),
)

ENABLED_BASELINE: Final = ServiceKind(
    service="controltower",
    kind="enabled-baseline",
    label="Enabled baseline",
    collector="control_tower.enabled_baselines",
    # Name: the enabled baseline's ARN.
    facts=(
        text("baseline", "name, such as `AWSControlTowerBaseline`", "controltower:ListBaselines"),
        text("version", "of the baseline", _ENABLED_BASELINES),
        text("target_id", "id of the OU or account", _ENABLED_BASELINES),
        text("parent", "ARN of the enabled baseline it is inherited from", _ENABLED_BASELINES),
        text("status", "`SUCCEEDED`, `FAILED` or `UNDER_CHANGE`", _ENABLED_BASELINES),
        text(
            "inheritance_drift",
            "`IN_SYNC` or `DRIFTED`; None: AWS does not say",
            _ENABLED_BASELINES,
        ),
        text("source_drift", "`IN_SYNC` or `DRIFTED`; None: AWS does not say", _ENABLED_BASELINES),
    ),
)

_CONTROL: Final = "controlcatalog:GetControl"

CATALOG_CONTROL: Final = ServiceKind(
    service="controlcatalog",
    kind="control",
    label="Control of the Control Catalog",
    collector="control_tower.catalog",
    # Name: the ARN by which Control Tower names it. Only controls that are enabled somewhere.
    facts=(
        text("title", "the catalogue's name of it", _CONTROL),
        text("description", "what it does", _CONTROL),
        texts("aliases", "ids such as `CT.S3.PR.1` or `AWS-GR_ENCRYPTED_VOLUMES`", _CONTROL),
        text("behavior", "`PREVENTIVE`, `DETECTIVE` or `PROACTIVE`", _CONTROL),
        text("severity", "`LOW`, `MEDIUM`, `HIGH` or `CRITICAL`; None: not given", _CONTROL),
        text(
            "implementation",
            "such as `AWS::Organizations::Policy::SERVICE_CONTROL_POLICY`",
            _CONTROL,
        ),
        text("implementation_id", "the rule's or policy's id; empty: none given", _CONTROL),
        text("region_scope", "`GLOBAL` or `REGIONAL`", _CONTROL),
        texts("governed_resources", "types such as `AWS::S3::Bucket`, sorted", _CONTROL),
        json_objects(
            "frameworks",
            "each with `name` and `item`, such as NIST-SP-800-53-r5 and AC-3",
            "controlcatalog:ListControlMappings",
        ),
        text("read_on", "day on which it was read, ISO 8601; read again a month later", _CONTROL),
    ),
)
