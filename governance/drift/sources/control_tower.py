"""Control Tower's own word: a landing zone that drifted, controls that have no effect."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet

from governance.access.owners.labels import LabelMap, label_map
from governance.access.owners.severity import EffectWeight, severity_of
from governance.drift.difference import DriftWeight, Effect, FoundDifference, Kind, Severity
from governance.drift.models import DriftItem
from governance.drift.sources.source import (
    VIEWER,
    SourceFindings,
    SourceLook,
    rows_mark,
    unread_accounts,
)
from governance.drift.weighing import is_production
from inventory.models import Connection, ServiceConfiguration
from inventory.selectors.delegation import root
from inventory.service_facts import ENABLED_BASELINE, ENABLED_CONTROL, LANDING_ZONE

_DRIFTED: Final = "DRIFTED"
_NOT_KNOWN: Final = frozenset({"NOT_CHECKING", "UNKNOWN"})
_FAILED: Final = "FAILED"
_STATUSES: Final = ("drift_status", "inheritance_drift", "resource_drift", "source_drift")
_KINDS: Final = {kind.kind: kind for kind in (LANDING_ZONE, ENABLED_CONTROL, ENABLED_BASELINE)}
_WEIGHT: Final = {
    LANDING_ZONE.kind: EffectWeight.OPENS,
    ENABLED_CONTROL.kind: EffectWeight.OPENS,
    ENABLED_BASELINE.kind: EffectWeight.WEAKENS,
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
        labels = label_map(look.connection)
        found, unread, there = [], set[str](), set[str]()
        known = look.by_subject
        for row in rows.filter(seen_until__isnull=True).order_by("kind", "name"):
            wrong = dict(_wrong(row))
            subject = self._subject(row)
            there.add(subject)
            if wrong:
                found.append(_difference(subject, row, wrong, root_id, labels))
            elif subject in known and _is_unknown(row, known[subject]):
                unread.add(subject)
        for subject, row in self._ended(look, rows).items():
            if subject not in there:
                found.append(_difference(subject, row, None, root_id, labels))
        if unread_accounts(look.connection, {""}, ("control_tower.",)):
            unread |= set(known)
        return SourceFindings(found, unread)

    def _subject(self, row: ServiceConfiguration) -> str:
        """Return the subject of a row: enabled again, a control has another ARN and is the same."""
        enabled = row.facts.get("control") or row.facts.get("baseline")
        name = f"{enabled}:{row.facts.get('target_id') or ''}" if enabled else row.name
        return f"{self.prefix}{row.kind}:{name}"

    def _ended(
        self, look: SourceLook, rows: "QuerySet[ServiceConfiguration]"
    ) -> dict[str, ServiceConfiguration]:
        """Return the last rows of controls that ended since the last look, or are known as gone."""
        gone = {subject for subject, item in look.by_subject.items() if item.collected is None}
        since = look.since or look.from_the_start
        found = {}
        for row in rows.filter(kind=ENABLED_CONTROL.kind, seen_until__isnull=False).order_by(
            "seen_until"
        ):
            subject = self._subject(row)
            is_new = since is None or (row.seen_until is not None and row.seen_until > since)
            if is_new or subject in gone:
                found[subject] = row
        return found


def _wrong(row: ServiceConfiguration) -> Iterator[tuple[str, Any]]:
    if row.facts.get("status") == _FAILED:
        yield "status", _FAILED
    for name in _STATUSES:
        if row.facts.get(name) == _DRIFTED:
            yield name, _DRIFTED


def _is_unknown(row: ServiceConfiguration, item: DriftItem) -> bool:
    """Whether what was wrong of a row cannot be told now."""
    return any(
        name in row.unknown or row.facts.get(name) in _NOT_KNOWN for name in item.collected or ()
    )


def _difference(
    subject: str,
    row: ServiceConfiguration,
    wrong: dict[str, Any] | None,
    root_id: str,
    labels: LabelMap,
) -> FoundDifference:
    kind = _KINDS[row.kind]
    place_id = str(row.facts.get("target_id") or "") or root_id
    control = str(row.facts.get("control") or row.facts.get("baseline") or kind.label)
    accounts = labels.tree.accounts_below(place_id)
    environments = [labels.environment(one) for one in accounts]
    severity = severity_of(_WEIGHT[row.kind], accounts=len(accounts), labels=environments)
    detail = {"control": control, "production": is_production(environments)}
    desired = {"status": "SUCCEEDED"}
    if wrong is not None:
        desired = {name: "SUCCEEDED" if name == "status" else "IN_SYNC" for name in sorted(wrong)}
    return FoundDifference(
        kind=Kind.CONTROL_INEFFECTIVE,
        subject=subject,
        target_kind="control",
        target_id=row.name or row.arn or kind.key,
        target_name=control.rpartition("/")[2] or control,
        place_id=place_id,
        attribute="existence" if wrong is None else ", ".join(sorted(wrong))[:80],
        desired=desired,
        collected=wrong,
        account_id=place_id if place_id.isdecimal() else "",
        weight=DriftWeight(Effect.UNDECIDED, Severity(severity), len(accounts), detail),
        is_alone=True,
    )
