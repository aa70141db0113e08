"""Failing results by OU, and what got better and worse since a day before, from the tallies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Min

from governance.access.owners.targets import ROOT, target_tree
from governance.baseline.guardrails.definitions import guardrails_in_force
from governance.baseline.guardrails.models import GuardrailTally
from governance.baseline.guardrails.outcome_counts import (
    NO_ACCOUNTS,
    OutcomeCounts,
    counts_by_unit,
    tallies_at,
)
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole

_COUNTED: Final = ("fails", "undecided", "not_covered", "excepted", "holds")
TallyKey = tuple[str, str]
"""The id of a guardrail, and of the root or OU that the accounts are directly in."""


@dataclass(frozen=True, slots=True)
class FailureChange:
    """`worse`: results that fail now and did not; `better`: that fail no longer and hold.

    `set_aside`: that fail no longer, but are undecided, not covered or excepted now.
    """

    worse: int = 0
    better: int = 0
    set_aside: int = 0

    def __add__(self, other: "FailureChange") -> "FailureChange":
        """Return both together."""
        return FailureChange(
            self.worse + other.worse,
            self.better + other.better,
            self.set_aside + other.set_aside,
        )


NO_CHANGE: Final = FailureChange()


@dataclass(frozen=True, slots=True)
class UnitFailures:
    """A root or OU with the results of the accounts directly in it.

    `above`: the name of the OU that it lies in, empty below the root. `most`: the title of the
    guardrail that fails in most accounts, `most_id` its id, in `most_fails` accounts. `change`:
    None where it is not known.
    """

    target_id: str
    name: str
    above: str
    counts: OutcomeCounts
    most_id: str
    most: str
    most_fails: int
    change: FailureChange | None


@dataclass(frozen=True, slots=True)
class GuardrailChange:
    """A guardrail whose number of failing accounts changed."""

    guardrail_id: str
    title: str
    change: FailureChange


@dataclass(frozen=True, slots=True)
class FailureSummary:
    """What fails where, of the guardrails that are enabled.

    `counts`: of all results. `failing`: guardrails that fail somewhere, of `guardrails`. `units`:
    the worst first, those alone in which something fails. `since`: what `change`, `worse` and
    `better` compare with; None: not known. `not_compared`: guardrails of which nothing was known
    then.
    """

    counts: OutcomeCounts
    guardrails: int
    failing: int
    units: tuple[UnitFailures, ...]
    since: datetime | None = None
    change: FailureChange = NO_CHANGE
    worse: tuple[GuardrailChange, ...] = ()
    better: tuple[GuardrailChange, ...] = ()
    not_compared: int = 0


@dataclass(slots=True)
class _Sums:
    counts: OutcomeCounts = NO_ACCOUNTS
    change: FailureChange = NO_CHANGE
    by_guardrail: dict[str, int] = field(default_factory=dict)


def failures_by_unit(
    viewer: Viewer, *, connection: Connection, now: datetime, days: int = 30
) -> FailureSummary:
    """Return what fails by OU, compared with `days` before or with when results were first known.

    Compared for who sees the whole organization: tallies count all accounts of an OU.
    """
    titles = {
        one.id: one.document.title
        for one in guardrails_in_force(connection).values()
        if one.enabled
    }
    standing = {
        key: counts
        for key, counts in counts_by_unit(viewer, connection=connection).items()
        if key[0] in titles
    }
    since: datetime | None = None
    before: dict[TallyKey, OutcomeCounts] = {}
    if standing and sees_whole(viewer, connection):
        since, before = _before(connection, now - timedelta(days=days))
    compared = {guardrail_id for guardrail_id, _ in before}
    total, by_unit, by_guardrail = _Sums(), dict[str, _Sums](), dict[str, _Sums]()
    for key in {*standing, *(key for key in before if key[0] in titles)}:
        guardrail_id, parent_id = key
        counts = standing.get(key, NO_ACCOUNTS)
        change = NO_CHANGE
        if guardrail_id in compared:
            change = failure_change(before.get(key, NO_ACCOUNTS), counts)
        for sums in (
            total,
            by_unit.setdefault(parent_id, _Sums()),
            by_guardrail.setdefault(guardrail_id, _Sums()),
        ):
            sums.counts += counts
            sums.change += change
        by_unit[parent_id].by_guardrail[guardrail_id] = counts.fails
    moved = [
        GuardrailChange(guardrail_id, titles[guardrail_id], sums.change)
        for guardrail_id, sums in by_guardrail.items()
    ]
    return FailureSummary(
        counts=total.counts,
        guardrails=len(titles),
        failing=sum(sums.counts.fails > 0 for sums in by_guardrail.values()),
        units=_units(connection, by_unit, titles, is_compared=since is not None),
        since=since,
        change=total.change,
        worse=tuple(
            sorted(
                (one for one in moved if one.change.worse),
                key=lambda one: (-one.change.worse, one.guardrail_id),
            )
        ),
        better=tuple(
            sorted(
                (one for one in moved if one.change.better),
                key=lambda one: (-one.change.better, one.guardrail_id),
            )
        ),
        not_compared=len(
            {guardrail_id for guardrail_id, _ in standing if guardrail_id not in compared}
        )
        if since is not None
        else 0,
    )


def failure_change(before: OutcomeCounts, after: OutcomeCounts) -> FailureChange:
    """Compare two counts of one guardrail in one OU.

    A result that fails no longer got better only where it holds now: as many as became undecided,
    not covered or excepted are set aside instead.
    """
    fewer = before.fails - after.fails
    if fewer <= 0:
        return FailureChange(worse=-fewer)
    hidden = sum(
        getattr(after, name) - getattr(before, name)
        for name in ("undecided", "not_covered", "excepted")
    )
    set_aside = min(fewer, max(hidden, 0))
    return FailureChange(better=fewer - set_aside, set_aside=set_aside)


def _before(
    connection: Connection, moment: datetime
) -> tuple[datetime | None, dict[TallyKey, OutcomeCounts]]:
    """Return the tallies of a moment, or of the first time at which there were any after it."""
    first: datetime | None = GuardrailTally.objects.filter(connection=connection).aggregate(
        first=Min("held_from")
    )["first"]
    if first is None:
        return None, {}
    at = max(first, moment)
    rows = tallies_at(connection, at).values_list("guardrail_id", "parent_id", *_COUNTED)
    return at, {(row[0], row[1]): OutcomeCounts(*row[2:]) for row in rows}


def _units(
    connection: Connection,
    by_unit: Mapping[str, _Sums],
    titles: Mapping[str, str],
    *,
    is_compared: bool,
) -> tuple[UnitFailures, ...]:
    tree = target_tree(connection).by_id
    found = []
    for parent_id, sums in by_unit.items():
        if not sums.counts.fails:
            continue
        unit = tree.get(parent_id)
        parent = tree.get(unit.parent_id) if unit else None
        worst = min(sums.by_guardrail, key=lambda one: (-sums.by_guardrail[one], one))
        found.append(
            UnitFailures(
                target_id=parent_id,
                name=unit.name if unit else parent_id or "No OU",
                above=parent.name if parent and parent.kind != ROOT else "",
                counts=sums.counts,
                most_id=worst,
                most=titles[worst],
                most_fails=sums.by_guardrail[worst],
                change=sums.change if is_compared else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.counts.fails, one.name.casefold())))
