"""Exceptions, drift and coverage in a report."""

from collections import Counter
from datetime import datetime
from typing import Any, Final

from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.selectors import exceptions, shown_targets
from governance.drift.models import DriftItem
from governance.drift.selectors import drift_items, drift_reading
from governance.reports.subtree import ReportedSubtree
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Connection
from inventory.selectors.coverage import NOTHING_KNOWN, Knowledge, coverage_by_account
from inventory.selectors.freshness import data_freshness
from inventory.viewing import Viewer

_NOT_RESOLVED: Final = (
    DriftItem.State.OPEN,
    DriftItem.State.EXCEPTED,
    DriftItem.State.IGNORED,
)


def exception_section(
    viewer: Viewer, *, connection: Connection, subtree: ReportedSubtree
) -> list[dict[str, Any]]:
    """Return the exceptions in force that touch the subtree, those that end first at the top."""
    active = exceptions(viewer, connection=connection, states=[GuardrailException.State.ACTIVE])
    found = [
        one
        for one in active
        if any(each in subtree.above_ids or subtree.holds(each) for each in one.target_ids)
    ]
    facts = []
    for one in sorted(found, key=lambda each: (each.until, each.number)):
        names, elsewhere = shown_targets(viewer, one)
        facts.append(
            {
                "number": one.number,
                "guardrail_id": one.guardrail_id,
                "kind": one.get_kind_display(),
                "targets": list(names.values()),
                "targets_elsewhere": elsewhere,
                "principals": list(one.principals),
                "reason": one.reason,
                "mitigation": one.mitigation,
                "owner": one.owner.get_username(),
                "asked_by": one.asked_by.get_username(),
                "approved_at": one.decided_at.isoformat() if one.decided_at else None,
                "until": one.until.isoformat(),
                "used_at": one.used_at.isoformat() if one.used_at else None,
            }
        )
    return facts


def drift_section(
    viewer: Viewer, *, connection: Connection, subtree: ReportedSubtree
) -> dict[str, Any]:
    """Return the drift that is not resolved, the worst first.

    `read_at`: up to when it was looked for, None: never. `baseline_version`: None: there is no
    baseline, so that structure was compared with nothing.
    """
    reading = drift_reading(connection)
    rows = drift_items(
        viewer,
        connection=connection,
        states=_NOT_RESOLVED,
        within="" if subtree.is_root else subtree.target.target_id,
    )
    return {
        "read_at": reading.read_at.isoformat() if reading else None,
        "baseline_version": reading.baseline_version if reading else None,
        "items": [
            {
                "id": one.pk,
                "kind": one.kind,
                "label": one.get_kind_display(),
                "target_id": one.target_id,
                "target_name": one.target_name or one.target_id,
                "account_id": one.account_id,
                "effect": one.get_effect_display(),
                "severity": one.severity,
                "accounts": one.accounts,
                "state": one.state,
                "verified": one.verified,
                "first_seen_at": one.first_seen_at.isoformat(),
                "last_seen_at": one.last_seen_at.isoformat(),
            }
            for one in rows.iterator(chunk_size=2000)
        ],
    }


def coverage_section(
    viewer: Viewer, *, connection: Connection, subtree: ReportedSubtree, now: datetime
) -> dict[str, Any]:
    """Return how well each account was read: `counts` by knowledge, and who is not collected.

    `accounts`: those that are not collected, the worst first; `denied`, `complete`, `total` count
    collectors. `organization`: its own collectors that did not read all, on which every part rests.
    """
    own = data_freshness(
        viewer,
        connection=connection,
        sources=registry.collectors(Reader.ORGANIZATION),
        now=now,
    )
    known = coverage_by_account(
        viewer,
        connection=connection,
        now=now,
        account_ids=None if subtree.is_root else subtree.accounts,
    )
    order = {each: place for place, each in enumerate(Knowledge)}
    counts: Counter[Knowledge] = Counter()
    lacking = []
    for account_id in subtree.accounts:
        summary = known.get(account_id, NOTHING_KNOWN)
        counts[summary.knowledge] += 1
        if summary.knowledge is not Knowledge.COLLECTED:
            lacking.append((order[summary.knowledge], account_id, summary))
    return {
        "counts": {each.value: counts[each] for each in Knowledge},
        "organization": [
            {
                "collector": each.collector,
                "label": each.label,
                "state": each.state,
                "last_complete_at": each.last_complete_at.isoformat()
                if each.last_complete_at
                else None,
            }
            for each in own.unread
        ],
        "accounts": [
            {
                "account_id": account_id,
                "name": subtree.name_of(account_id),
                "knowledge": summary.knowledge.value,
                "complete": summary.complete,
                "denied": summary.denied,
                "total": summary.total,
                "oldest_complete_at": summary.oldest_complete_at.isoformat()
                if summary.oldest_complete_at
                else None,
            }
            for _, account_id, summary in sorted(lacking, key=lambda one: one[0])
        ],
    }
