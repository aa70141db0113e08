"""Representations of the landing zone: core accounts, Control Tower, who enforces, logging."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.parts.representations import BodyRepresentation, Representation
from governance.baseline.landing_zone.core_accounts import CoreAccountState
from governance.baseline.landing_zone.enforcement import (
    EnforcedTargetKind,
    Enforcer,
    TargetEnforcement,
)
from governance.baseline.landing_zone.findings import LandingZoneSeverity
from governance.baseline.landing_zone.logging_health import (
    AccountLogging,
    LoggingHealth,
    LogService,
    LogServiceHealth,
)
from governance.baseline.landing_zone.models import CoreAccount
from governance.baseline.landing_zone.tower_facts import (
    ControlTowerState,
    ControlTowerStatus,
    EnabledControl,
    TowerDrift,
    TowerGapKind,
)

CORE_STATES = [(one.value, one.value) for one in CoreAccountState]
TOWER_STATES = [(one.value, one.value) for one in ControlTowerState]
TOWER_DRIFTS = [(one.value, one.value) for one in TowerDrift]
GAP_KINDS = [(one.value, one.value) for one in TowerGapKind]
ENFORCERS = [(one.value, one.value) for one in Enforcer]
LOG_SERVICES = [(one.value, one.value) for one in LogService]
LOG_HEALTHS = [(one.value, one.value) for one in LogServiceHealth]
TARGET_KINDS = [(one.value, one.value) for one in EnforcedTargetKind]
SEVERITIES = [(one.value, one.value) for one in LandingZoneSeverity]


class CoreEvidenceRepresentation(serializers.Serializer[Any]):
    """One sign that an account does a piece of work."""

    words = serializers.CharField()
    weight = serializers.IntegerField(help_text="How much it counts; a name alone counts 2.")


class CoreCandidateRepresentation(serializers.Serializer[Any]):
    """An account that may do a piece of work."""

    account_id = serializers.CharField()
    name = serializers.CharField(help_text="Empty: no account of the organization.")
    account_state = serializers.CharField()
    by_name_alone = serializers.BooleanField(help_text="Evidence: its name only.")
    evidence = CoreEvidenceRepresentation(many=True)


class CoreAccountRepresentation(Representation):
    """One piece of the landing zone's work and the account that does it."""

    purpose = serializers.ChoiceField(choices=CoreAccount.Purpose.choices)
    state = serializers.ChoiceField(choices=CORE_STATES)
    account_id = serializers.CharField(
        help_text="The confirmed account, or the one the evidence names; empty: none."
    )
    because = serializers.CharField(help_text="Why the state is what it is; may be empty.")
    candidates = CoreCandidateRepresentation(many=True)
    confirmed_by = serializers.CharField(
        source="confirmed.confirmed_by.username", default=None, allow_null=True
    )
    confirmed_at = serializers.DateTimeField(
        source="confirmed.confirmed_at", default=None, allow_null=True
    )


class NewCoreAccountRepresentation(BodyRepresentation):
    """The account that does a piece of work."""

    account_id = serializers.CharField(help_text="12 digits, an account of the organization.")


class TowerGapRepresentation(serializers.Serializer[Any]):
    """One thing that is amiss with Control Tower."""

    kind = serializers.ChoiceField(choices=GAP_KINDS)
    target_id = serializers.CharField(help_text="An OU or account; empty: the landing zone.")
    target_name = serializers.CharField()
    words = serializers.CharField()
    told_by_control_tower = serializers.BooleanField(
        help_text="False: Control Tower says nothing of it."
    )


class RegisteredUnitRepresentation(serializers.Serializer[Any]):
    """An OU that Control Tower governs."""

    unit_id = serializers.CharField()
    name = serializers.CharField()
    version = serializers.CharField(help_text="Of the baseline.")
    status = serializers.CharField()
    drift = serializers.ChoiceField(choices=TOWER_DRIFTS)
    enrolled = serializers.IntegerField(help_text="Accounts in it that are enrolled.")
    not_enrolled = serializers.ListField(child=serializers.CharField())


class ControlTowerRepresentation(serializers.Serializer[Any]):
    """Control Tower. Unless `state` is `set_up` all else is empty, and `because` says why."""

    state = serializers.ChoiceField(choices=TOWER_STATES)
    because = serializers.CharField()
    region = serializers.CharField()
    version = serializers.CharField()
    latest_version = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    drift = serializers.ChoiceField(choices=TOWER_DRIFTS)
    governed_regions = serializers.ListField(child=serializers.CharField())
    controls_by_drift = serializers.SerializerMethodField(
        help_text="Enabled controls by state of drift. `/controls` lists them."
    )
    units = RegisteredUnitRepresentation(many=True)
    enrolled_accounts = serializers.SerializerMethodField()
    gaps = TowerGapRepresentation(many=True)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_controls_by_drift(self, status: ControlTowerStatus) -> dict[str, int]:
        """Count the controls."""
        return {drift.value: count for drift, count in status.controls_by_drift.items()}

    def get_enrolled_accounts(self, status: ControlTowerStatus) -> int:
        """Count the accounts."""
        return len(status.enrolled)


class TargetEnforcementRepresentation(serializers.Serializer[Any]):
    """The root, an OU or an account with what is put on it itself."""

    target_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=TARGET_KINDS)
    name = serializers.CharField()
    parent_id = serializers.CharField()
    enforcer = serializers.ChoiceField(choices=ENFORCERS, help_text="With what it inherits.")
    binds = serializers.BooleanField(help_text="False: the management account, bound by no SCP.")
    controls = serializers.SerializerMethodField(help_text="Enabled controls, by identifier.")
    tower_policies = serializers.ListField(child=serializers.CharField())
    own_policies = serializers.ListField(child=serializers.CharField())

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_controls(self, target: TargetEnforcement) -> list[str]:
        """Return the controls' identifiers."""
        return [control.identifier for control in target.controls]


class EnforcementRepresentation(serializers.Serializer[Any]):
    """Who limits which accounts."""

    accounts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Active accounts by enforcer."
    )
    by_nobody = serializers.ListField(child=serializers.CharField())
    targets = TargetEnforcementRepresentation(many=True)


class RegionHealthRepresentation(serializers.Serializer[Any]):
    """How a service fares in some regions, alike."""

    regions = serializers.ListField(child=serializers.CharField())
    health = serializers.ChoiceField(choices=LOG_HEALTHS)
    because = serializers.CharField(source="words")


class ServiceHealthRepresentation(serializers.Serializer[Any]):
    """How one service fares in an account."""

    service = serializers.ChoiceField(choices=LOG_SERVICES)
    health = serializers.ChoiceField(choices=LOG_HEALTHS, help_text="Where its state is worst.")
    regions = RegionHealthRepresentation(many=True)


class AccountLoggingRepresentation(Representation):
    """How logging and detection fare in an account."""

    account_id = serializers.CharField()
    name = serializers.CharField()
    parent_id = serializers.CharField()
    health = serializers.ChoiceField(choices=LOG_HEALTHS)
    regions = serializers.ListField(child=serializers.CharField(), help_text="Those read.")
    services = serializers.SerializerMethodField()

    @extend_schema_field(ServiceHealthRepresentation(many=True))
    def get_services(self, account: AccountLogging) -> Any:
        """Return the services in their order."""
        return ServiceHealthRepresentation(
            [account.services[service] for service in LogService], many=True
        ).data


class LandingZoneFindingRepresentation(serializers.Serializer[Any]):
    """One thing that is wrong with the landing zone."""

    key = serializers.CharField()
    kind = serializers.CharField()
    severity = serializers.ChoiceField(choices=SEVERITIES)
    title = serializers.CharField()
    because = serializers.CharField()
    target_id = serializers.CharField()
    target_name = serializers.CharField()
    verified = serializers.BooleanField(help_text="False: it could not be read whether it holds.")


def logging_counts(health: LoggingHealth) -> dict[str, dict[str, int]]:
    """Return accounts by service and health, as JSON."""
    return {
        service.value: {one.value: count for one, count in counted.items()}
        for service, counted in health.counts.items()
    }


class StorageCheckRepresentation(serializers.Serializer[Any]):
    """One thing that protects a trail's log files."""

    name = serializers.CharField(source="label")
    health = serializers.ChoiceField(choices=LOG_HEALTHS)
    because = serializers.CharField(source="words")


class TrailStorageRepresentation(serializers.Serializer[Any]):
    """Where a trail of the organization keeps its log files, and what protects these."""

    name = serializers.CharField()
    arn = serializers.CharField()
    bucket = serializers.CharField()
    kms_key_arn = serializers.CharField(source="key_arn", help_text="Empty: S3's own key.")
    account_id = serializers.CharField(help_text="Of the bucket; empty: not known.")
    health = serializers.ChoiceField(choices=LOG_HEALTHS, help_text="Where its state is worst.")
    checks = StorageCheckRepresentation(many=True)


class LandingZoneRepresentation(Representation):
    """The landing zone of an organization."""

    core_accounts = CoreAccountRepresentation(many=True)
    control_tower = ControlTowerRepresentation()
    enforcement = EnforcementRepresentation()
    logging = serializers.SerializerMethodField(
        help_text="Active accounts by service and health. `/landing-zone/logging` lists them."
    )
    trails = TrailStorageRepresentation(many=True, help_text="Of the organization.")
    findings = LandingZoneFindingRepresentation(many=True)

    @extend_schema_field(
        {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {"type": "integer"},
            },
        }
    )
    def get_logging(self, zone: dict[str, Any]) -> dict[str, dict[str, int]]:
        """Count the accounts."""
        return logging_counts(zone["logging"])


class FrameworkRepresentation(serializers.Serializer[Any]):
    """A requirement of a framework that a control serves."""

    name = serializers.CharField()
    item = serializers.CharField()


class EnabledControlRepresentation(Representation):
    """A control that Control Tower enforces at a target."""

    arn = serializers.CharField(help_text="Of the enabled control.")
    control = serializers.CharField(help_text="ARN of the control.")
    identifier = serializers.CharField(help_text="Such as CT.S3.PR.1.")
    target_id = serializers.CharField()
    target_name = serializers.CharField()
    status = serializers.CharField(help_text="SUCCEEDED, FAILED or UNDER_CHANGE.")
    drift = serializers.ChoiceField(choices=TOWER_DRIFTS)
    inheritance_drift = serializers.ChoiceField(choices=TOWER_DRIFTS, allow_null=True)
    resource_drift = serializers.ChoiceField(choices=TOWER_DRIFTS, allow_null=True)
    parameters = serializers.JSONField(allow_null=True, help_text="null: not read.")
    regions = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="null: not read."
    )
    catalogued = serializers.BooleanField(
        help_text="False: the Control Catalog has not been read of it; what follows is empty."
    )
    title = serializers.CharField()
    description = serializers.CharField()
    behavior = serializers.CharField(help_text="PREVENTIVE, DETECTIVE or PROACTIVE.")
    severity = serializers.CharField(help_text="LOW to CRITICAL, in AWS's words.")
    implementation = serializers.CharField()
    governed_resources = serializers.ListField(child=serializers.CharField())
    frameworks = serializers.SerializerMethodField()
    since = serializers.DateTimeField(help_text="Since when it has been as it is.")

    @extend_schema_field(FrameworkRepresentation(many=True))
    def get_frameworks(self, control: EnabledControl) -> list[dict[str, str]]:
        """Return the frameworks."""
        return [{"name": name, "item": item} for name, item in control.frameworks]
