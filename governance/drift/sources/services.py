"""Logging and detection that is switched off: trails, recorders, detectors, hubs, analyzers."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Min, Q

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
from governance.drift.weighing import is_production
from inventory.models import Connection, ServiceConfiguration
from inventory.models.versions import Version
from inventory.service_facts import (
    ANALYZER,
    CONFIG_DELIVERY_CHANNEL,
    CONFIG_RECORDER,
    GUARDDUTY_DETECTOR,
    SECURITY_HUB,
    TRAIL,
    ServiceKind,
)

# Facts with what they are while the service does its work; a row that goes is off in any case.
_ON: Final[Mapping[ServiceKind, Mapping[str, tuple[Any, ...]]]] = {
    TRAIL: {
        "logging": (True,),
        "multi_region": (True,),
        "log_file_validation": (True,),
        "management_events": ("all",),
        "delivery_error": ("",),
    },
    CONFIG_RECORDER: {"recording": (True,), "all_supported": (True,)},
    CONFIG_DELIVERY_CHANNEL: {},
    GUARDDUTY_DETECTOR: {"enabled": (True,)},
    SECURITY_HUB: {},
    ANALYZER: {"status": ("ACTIVE",)},
}
_BY_KEY: Final = {(kind.service, kind.kind): kind for kind in _ON}


class ServiceDrift:
    """Finds what logged or detected before and does not now."""

    prefix = "service:"
    model = ServiceConfiguration
    where = Q(service__in=sorted({kind.service for kind in _ON}))

    def __init__(self) -> None:
        self._labels: LabelMap | None = None
        self._watched_in: dict[str, str] = {}

    def mark(self, connection: Connection) -> str:
        """Return what is equal while no such row began or ended."""
        return rows_mark(connection, ServiceConfiguration)

    def find(self, look: SourceLook) -> SourceFindings:
        """Return what is switched off."""
        self._labels = label_map(look.connection)
        self._watched_in = _organization_trails(look.connection)
        accounts = {item.account_id for item in look.items}
        collectors = sorted({kind.collector for kind in _ON})
        closed = unread_accounts(look.connection, accounts, collectors)
        unread = {item.subject for item in look.items if item.account_id in closed}
        return drifted_versions(look, self, unread)

    def subject(self, row: Version) -> str:
        """Return the subject of a row that is watched: the organization's trail in one account."""
        assert isinstance(row, ServiceConfiguration)  # noqa: S101  (for the type alone)
        if (row.service, row.kind) not in _BY_KEY:
            return ""
        watched_in = self._watched_in.get(row.arn, row.account_id)
        return key_subject(self.prefix, row) if row.account_id == watched_in else ""

    def value(self, row: Version) -> dict[str, Any]:
        """Return the facts that are watched; one that could not be read is left out."""
        assert isinstance(row, ServiceConfiguration)  # noqa: S101  (for the type alone)
        watched = _ON[_BY_KEY[row.service, row.kind]]
        return {
            name: row.facts.get(name)
            for name in watched
            if name in row.facts and name not in row.unknown
        }

    def agreed(self, before: Value, seen: dict[str, Any]) -> Value:
        """Return each fact as it was on, ever since it was; one that never was as first read."""
        known = before or {}
        on = {name: value for name, value in seen.items() if value in _GOOD[name]}
        return {**seen, **known, **on}

    def is_drift(self, was: dict[str, Any], now: Value) -> bool:
        """Whether a fact that was on is off; what cannot be read now is no drift by itself."""
        return now is None or bool(_switched_off(was, now))

    def difference(self, row: Version, was: dict[str, Any], now: Value) -> FoundDifference:
        """Return what is switched off."""
        assert isinstance(row, ServiceConfiguration)  # noqa: S101  (for the type alone)
        kind = _BY_KEY[row.service, row.kind]
        labels = [self._labels.environment(row.account_id)] if self._labels else []
        production = is_production(labels)
        whole = bool(row.facts.get("organization_trail"))
        weight = EffectWeight.OPENS_TO_ALL if whole else EffectWeight.OPENS
        severity = Severity(severity_of(weight, accounts=1, labels=labels))
        return FoundDifference(
            kind=Kind.LOGGING_OFF,
            subject=self.subject(row),
            target_kind="service",
            target_id=row.arn or row.name or kind.key,
            target_name=f"{kind.label} {row.name} in {row.region}".replace("  ", " "),
            place_id=row.account_id,
            attribute="existence" if now is None else ", ".join(_switched_off(was, now))[:80],
            desired=was,
            collected=now,
            account_id=row.account_id,
            weight=DriftWeight(
                Effect.STRUCTURE, severity, 1, {"production": production, "region": row.region}
            ),
            is_alone=True,
        )


def _organization_trails(connection: Connection) -> dict[str, str]:
    """Return by ARN the account in which each trail of the organization is watched.

    Each account shows it: its owner, or where that was never read the first account that does.
    """
    rows = ServiceConfiguration.objects.filter(
        connection=connection,
        service=TRAIL.service,
        kind=TRAIL.kind,
        facts__organization_trail=True,
    )
    found = dict(rows.values_list("arn").annotate(Min("account_id")))
    owners = {arn: arn.split(":")[4] for arn in found if arn.count(":") > 4}
    owned = set(
        rows.filter(arn__in=owners, account_id__in=owners.values()).values_list("arn", "account_id")
    )
    return {
        arn: owners[arn] if (arn, owners.get(arn)) in owned else first
        for arn, first in found.items()
    }


def _switched_off(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return sorted(
        name
        for name, value in was.items()
        if value in _GOOD[name] and name in now and now[name] not in _GOOD[name]
    )


_GOOD: Final = {name: good for facts in _ON.values() for name, good in facts.items()}
