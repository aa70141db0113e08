"""Roles that the landing zone rests on: removed, or trusting or permitting something else."""

import re
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
from governance.edits.canonical_text import canonical_text
from inventory.models import Connection, PolicyContent, Principal
from inventory.models.versions import Version
from policies import PolicyType

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
_SHA256: Final = re.compile("[0-9a-f]{64}")
_TEXTS: Final = {
    "trust_policy": PolicyType.TRUST_POLICY.value,
    "inline_policies": PolicyType.IDENTITY_POLICY.value,
}


class RoleDrift:
    """Finds landing zone roles that changed."""

    prefix = "role:"
    model = Principal
    where = _ROLES

    def __init__(self) -> None:
        self._labels: LabelMap | None = None
        self._texts: dict[str, str] = {}

    def mark(self, connection: Connection) -> str:
        """Return what is equal while no principal began or ended."""
        return rows_mark(connection, Principal)

    def find(self, look: SourceLook) -> SourceFindings:
        """Return the roles that are not as they were."""
        self._labels = label_map(look.connection)
        self._texts.clear()
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
        """Whether anything of it is not as it was; other layouts of one policy are no drift."""
        return now is None or bool(self._differing(was, now))

    def _differing(self, was: dict[str, Any], now: dict[str, Any]) -> list[str]:
        differing = sorted(name for name in was if was[name] != now.get(name))
        return [
            name
            for name in differing
            if name not in _TEXTS or self._compared(name, was) != self._compared(name, now)
        ]

    def _compared(self, name: str, value: dict[str, Any]) -> Any:
        """Return a side's trust policy or inline policies in canonical form."""
        texts = self._readable(value)[name]
        kind = _TEXTS[name]
        if isinstance(texts, str):
            return canonical_text(texts, kind)
        return {each: canonical_text(text, kind) for each, text in (texts or {}).items()}

    def _readable(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return a side with the texts of its inline policies in place of their SHA-256."""
        inline = value["inline_policies"]
        unread = {key for key in inline.values() if _is_sha256(key)} - self._texts.keys()
        if unread:
            rows = PolicyContent.objects.filter(sha256__in=sorted(unread))
            self._texts |= dict(rows.values_list("sha256", "text"))
        texts = {name: self._texts.get(key, key) for name, key in inline.items()}
        return {**value, "inline_policies": texts}

    def difference(self, row: Version, was: dict[str, Any], now: Value) -> FoundDifference:
        """Return what changed."""
        assert isinstance(row, Principal)  # noqa: S101  (for the type alone)
        parts = [] if now is None else self._differing(was, now)
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
            desired=self._readable(was),
            collected=None if now is None else self._readable(now),
            account_id=row.account_id,
            weight=DriftWeight(
                Effect.DENIES if now is None else Effect.UNDECIDED,
                Severity(severity_of(weight, accounts=1, labels=labels)),
                1,
            ),
            is_alone=True,
        )


def _is_sha256(text: str) -> bool:
    return _SHA256.fullmatch(text) is not None
