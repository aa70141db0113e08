"""Control Tower's own word: a landing zone that drifted, controls that have no effect."""

from collections.abc import Iterator
from typing import Any, Final

from governance.drift.difference import DriftWeight, Effect, FoundDifference, Kind, Severity
from governance.drift.sources.source import (
    VIEWER,
    SourceFindings,
    SourceLook,
    rows_mark,
    unread_accounts,
)
from inventory.models import Connection, ServiceConfiguration
from inventory.selectors.delegation import root
from inventory.service_facts import ENABLED_BASELINE, ENABLED_CONTROL, LANDING_ZONE

_DRIFTED: Final = "DRIFTED"
_NOT_KNOWN: Final = frozenset({"NOT_CHECKING", "UNKNOWN"})
_FAILED: Final = "FAILED"
_STATUSES: Final = ("drift_status", "inheritance_drift", "resource_drift", "source_drift")
_KINDS: Final = {kind.kind: kind for kind in (LANDING_ZONE, ENABLED_CONTROL, ENABLED_BASELINE)}
_SEVERITY: Final = {
    LANDING_ZONE.kind: Severity.HIGH,
    ENABLED_CONTROL.kind: Severity.HIGH,
    ENABLED_BASELINE.kind: Severity.MEDIUM,
}


class ControlTowerDrift:
    """Finds what Control Tower says is drifted or failed."""

    prefix = "control:"

    def mark(self, connection: Connection) -> str:
        """Return what is equal while no such row began or ended."""
        return rows_mark(connection, ServiceConfiguration)

    def find(self, look: SourceLook) -> SourceFindings:
        """Return what has no effect, and what was enabled and is not now."""
        rows = ServiceConfiguration.objects.filter(
            connection=look.connection, service=LANDING_ZONE.service, kind__in=_KINDS
        )
        top = root(VIEWER, connection=look.connection)
        root_id = top.target_id if top is not None else ""
        found, unread = [], set[str]()
        known = look.by_subject
        for row in rows.filter(seen_until__isnull=True).order_by("kind", "name"):
            wrong = dict(_wrong(row))
            if wrong:
                found.append(_difference(self.prefix, row, wrong, root_id))
            elif f"{self.prefix}{row.kind}:{row.name}" in known and _is_unknown(row):
                unread.add(f"{self.prefix}{row.kind}:{row.name}")
        if look.since is not None:
            ended = rows.filter(kind=ENABLED_CONTROL.kind, seen_until__gt=look.since)
            found += self._gone(rows, ended, root_id)
        subjects = {one.subject for one in found}
        for subject, item in known.items():
            if subject not in subjects and item.collected is None:
                found += self._still_gone(rows, item.target_id, root_id)
        managers = {item.account_id for item in look.items if item.account_id}
        if unread_accounts(look.connection, managers | {""}, ("control_tower.",)):
            unread |= set(known)
        return SourceFindings(found, unread)

    def _gone(self, rows: Any, ended: Any, root_id: str) -> list[FoundDifference]:
        there = set(
            rows.filter(kind=ENABLED_CONTROL.kind, seen_until__isnull=True).values_list(
                "name", flat=True
            )
        )
        last = {row.name: row for row in ended.order_by("seen_from")}
        return [
            _difference(self.prefix, row, None, root_id)
            for name, row in last.items()
            if name not in there
        ]

    def _still_gone(self, rows: Any, name: str, root_id: str) -> list[FoundDifference]:
        row = rows.filter(kind=ENABLED_CONTROL.kind, name=name).order_by("-seen_from").first()
        if row is None or row.seen_until is None:
            return []
        return [_difference(self.prefix, row, None, root_id)]


def _wrong(row: ServiceConfiguration) -> Iterator[tuple[str, Any]]:
    if row.facts.get("status") == _FAILED:
        yield "status", _FAILED
    for name in _STATUSES:
        if row.facts.get(name) == _DRIFTED:
            yield name, _DRIFTED


def _is_unknown(row: ServiceConfiguration) -> bool:
    return bool(row.unknown) or any(row.facts.get(name) in _NOT_KNOWN for name in _STATUSES)


def _difference(
    prefix: str, row: ServiceConfiguration, wrong: dict[str, Any] | None, root_id: str
) -> FoundDifference:
    kind = _KINDS[row.kind]
    place_id = str(row.facts.get("target_id") or "") or root_id
    control = str(row.facts.get("control") or row.facts.get("baseline") or kind.label)
    desired = {"status": "SUCCEEDED"}
    if wrong is not None:
        desired = {name: "SUCCEEDED" if name == "status" else "IN_SYNC" for name in sorted(wrong)}
    return FoundDifference(
        kind=Kind.CONTROL_INEFFECTIVE,
        subject=f"{prefix}{row.kind}:{row.name}",
        target_kind="control",
        target_id=row.name or row.arn or kind.key,
        target_name=control.rpartition("/")[2] or control,
        place_id=place_id,
        attribute="existence" if wrong is None else ", ".join(sorted(wrong))[:80],
        desired=desired,
        collected=wrong,
        account_id=place_id if place_id.isdecimal() else "",
        weight=DriftWeight(Effect.UNDECIDED, _SEVERITY[row.kind], 0, {"control": control}),
    )
