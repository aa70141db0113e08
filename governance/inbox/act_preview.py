"""What an act would do with findings, before it is done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from governance.access.owners.acting import ActingPerson
from governance.inbox.acting_rules import (
    ActingPlaces,
    DoneWithFindings,
    findings_to_act_on,
    why_not_act,
)
from governance.inbox.shown import FindingsShown
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen


@dataclass(frozen=True, slots=True)
class ActPreview:
    """What an act would do: how many findings, of which severities, in how many accounts."""

    findings: int
    accounts: int
    by_severity: Mapping[str, int]
    by_source: Mapping[str, int]
    passed_over: Mapping[str, int]


def act_preview(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    act: str,
) -> ActPreview:
    """Say what an act would do, and change nothing. `act`: assign, snooze, mute or export."""
    places = ActingPlaces(by, connection)
    passed = DoneWithFindings()
    rows = findings_to_act_on(viewer, connection, item_ids)
    by_severity: dict[str, int] = {}
    by_source: dict[str, int] = {}
    accounts: set[str] = set()
    unnamed = 0
    seen = targets_seen(viewer, connection)
    shown = FindingsShown(viewer, connection)
    for item in rows:
        why_not = places.why_not(item) or why_not_act(item, act)
        if why_not:
            passed.pass_over(why_not)
            continue
        passed.done.append(item.pk)
        by_severity[item.severity] = by_severity.get(item.severity, 0) + 1
        by_source[item.source] = by_source.get(item.source, 0) + 1
        named = [item.account_id] if item.account_id else item.account_ids
        accounts.update(filter(seen.holds_account, named))
        unnamed = max(unnamed, 0 if named else shown.of(item).accounts)
    return ActPreview(
        findings=len(passed.done),
        accounts=max(len(accounts), unnamed),
        by_severity=by_severity,
        by_source=by_source,
        passed_over=passed.passed_over,
    )
