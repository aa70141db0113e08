"""Roles that the landing zone rests on: removed, or trusting or permitting something else."""

from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q

from governance.access.owners.labels import LabelMap, label_map
from governance.access.owners.severity import EffectWeight, severity_of
from governance.drift.difference import DriftWeight, Effect, FoundDifference, Kind, Severity
from governance.drift.sources.source import (
    SourceFindings,
    SourceLook,
    rows_mark,
    unread_accounts,
)
from governance.drift.sources.versions import Value, drifted_versions, key_subject
from inventory.models import Connection, Principal
from inventory.models.versions import Version

# Control Tower user guide, "Roles", and Organizations, "Accessing member accounts".
_NAMES: Final = frozenset(
    {
        "AWSControlTowerAdmin",
        "AWSControlTowerCloudTrailRole",
        "AWSControlTowerConfigAggregatorRoleForOrganizations",
        "AWSControlTowerExecution",
        "AWSControlTowerStackSetRole",
        "AWSCloudFormationStackSetExecutionRole",
        "OrganizationAccountAccessRole",
    }
)
_PREFIXES: Final = ("aws-controltower-", "stacksets-exec-")
_ROLES: Final = reduce(
    or_, (Q(name__startswith=prefix) for prefix in _PREFIXES), Q(name__in=sorted(_NAMES))
)
_COLLECTOR: Final = "iam.authorization_details"


class RoleDrift:
    """Finds landing zone roles that changed."""

    prefix = "role:"
    model = Principal
    where = _ROLES

    def __init__(self) -> None:
        self._labels: LabelMap | None = None

    def mark(self, connection: Connection) -> str:
        """Return what is equal while no principal began or ended."""
        return rows_mark(connection, Principal)

    def find(self, look: SourceLook) -> SourceFindings:
        """Return the roles that are not as they were."""
        self._labels = label_map(look.connection)
        accounts = {item.account_id for item in look.items}
        closed = unread_accounts(look.connection, accounts, (_COLLECTOR,))
        unread = {item.subject for item in look.items if item.account_id in closed}
        return drifted_versions(look, self, unread)

    def subject(self, row: Version) -> str:
        """Return the subject of a role of the landing zone."""
        assert isinstance(row, Principal)  # noqa: S101  (for the type alone)
        is_landing_zones = row.name in _NAMES or row.name.startswith(_PREFIXES)
        return key_subject(self.prefix, row) if is_landing_zones else ""

    def value(self, row: Version) -> dict[str, Any]:
        """Return what a role trusts and permits."""
        assert isinstance(row, Principal)  # noqa: S101  (for the type alone)
        return {
            "trust_policy": row.trust_policy.text if row.trust_policy else None,
            "attached_policy_arns": sorted(row.attached_policy_arns),
            "inline_policies": dict(sorted(row.inline_policies.items())),
            "boundary_arn": row.boundary_arn,
        }

    def agreed(self, before: Value, seen: dict[str, Any]) -> Value:
        """Return what a role trusted and permitted first."""
        return seen if before is None else before

    def is_drift(self, was: dict[str, Any], now: Value) -> bool:
        """Whether anything of it is not as it was."""
        return was != now

    def difference(self, row: Version, was: dict[str, Any], now: Value) -> FoundDifference:
        """Return what changed."""
        assert isinstance(row, Principal)  # noqa: S101  (for the type alone)
        parts = [] if now is None else sorted(name for name in was if was[name] != now.get(name))
        trusts_otherwise = now is not None and "trust_policy" in parts
        weight = EffectWeight.OPENS_TO_ALL if trusts_otherwise else EffectWeight.OPENS
        labels = [self._labels.environment(row.account_id)] if self._labels else []
        return FoundDifference(
            kind=Kind.LANDING_ZONE_ROLE,
            subject=self.subject(row),
            target_kind="role",
            target_id=row.arn,
            target_name=row.name,
            place_id=row.account_id,
            attribute="existence" if now is None else ", ".join(parts)[:80],
            desired=was,
            collected=now,
            account_id=row.account_id,
            weight=DriftWeight(
                Effect.DENIES if now is None else Effect.UNDECIDED,
                Severity(severity_of(weight, accounts=1, labels=labels)),
                1,
            ),
            is_alone=True,
        )
