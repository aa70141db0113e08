"""Accounts or OUs by guardrails: what is worst in each cell, and how many accounts are how."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection as database

from governance.access.owners.targets import ACCOUNT, OwnedTarget, target_tree
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrails_in_force
from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.outcome_counts import (
    NO_ACCOUNTS,
    OutcomeCounts,
    counts_by_unit,
    tallies_at,
)
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole, targets_seen, visible

_COUNTED: Final = ("fails", "undecided", "not_covered", "excepted", "holds")
# Of a large organization there are tens of thousands of tallies: the database adds them up.
_SUMS: Final = """
SELECT tally.guardrail_id, row.target_id, sum(tally.fails), sum(tally.undecided),
    sum(tally.not_covered), sum(tally.excepted), sum(tally.holds)
FROM ({tallies}) AS tally (guardrail_id, parent_id, fails, undecided, not_covered, excepted, holds)
JOIN unnest(%s::text[], %s::text[]) AS row (unit_id, target_id) ON row.unit_id = tally.parent_id
GROUP BY tally.guardrail_id, row.target_id
"""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A root, OU or account. `depth`: below the root, from 0. `cells`: as the matrix's columns.

    Of an OU the cells count all accounts below it; of an account one at most.
    """

    target_id: str
    kind: str
    name: str
    depth: int
    accounts: int
    cells: tuple[OutcomeCounts, ...]


@dataclass(frozen=True, slots=True)
class GuardrailMatrix:
    """`guardrails`: the columns, by topic and id. `rows`: as the tree is read."""

    guardrails: tuple[GuardrailInForce, ...]
    rows: tuple[MatrixRow, ...]

    @property
    def totals(self) -> tuple[OutcomeCounts, ...]:
        """The counts of the first row, which holds all others; of accounts their sum."""
        if not self.rows:
            return tuple(NO_ACCOUNTS for _ in self.guardrails)
        if self.rows[0].kind != ACCOUNT:
            return self.rows[0].cells
        sums = [NO_ACCOUNTS] * len(self.guardrails)
        for row in self.rows:
            sums = [one + other for one, other in zip(sums, row.cells, strict=True)]
        return tuple(sums)


def matrix_columns(
    connection: Connection,
    *,
    guardrail_ids: Collection[str] | None = None,
    topics: Collection[str] = (),
    severities: Collection[str] = (),
    as_of: datetime | None = None,
) -> tuple[GuardrailInForce, ...]:
    """Return the guardrails that are enabled, by topic and id; filters left empty keep all."""
    found = [
        one
        for one in guardrails_in_force(connection, as_of=as_of).values()
        if one.enabled
        and (guardrail_ids is None or one.id in guardrail_ids)
        and (not topics or one.document.topic in topics)
        and (not severities or one.document.severity in severities)
    ]
    return tuple(sorted(found, key=lambda one: (one.document.topic, one.id)))


def matrix_of_units(
    viewer: Viewer,
    *,
    connection: Connection,
    columns: Sequence[GuardrailInForce],
    under: str = "",
    levels: int = 2,
    as_of: datetime | None = None,
) -> GuardrailMatrix:
    """Return the root and OUs by guardrails.

    `under`: the id of the OU or root to begin at; empty: the root. `levels`: how many levels of OUs
    below it are rows; deeper accounts count in the row above them.
    """
    tree = target_tree(connection, as_of=as_of)
    seen = targets_seen(viewer, connection)
    units = [one for one in tree.in_order() if one.kind != ACCOUNT]
    start = under or next((one.target_id for one in units if not one.parent_id), "")
    depths: dict[str, int] = {}
    holders: dict[str, str] = {}
    for one in units:
        if one.target_id == start:
            depths[one.target_id] = 0
            holders[one.target_id] = one.target_id
        elif one.parent_id in holders:
            depths[one.target_id] = depths[one.parent_id] + 1
            is_row = depths[one.target_id] <= levels
            holders[one.target_id] = one.target_id if is_row else holders[one.parent_id]
    places = {one.id: place for place, one in enumerate(columns)}
    empty = [NO_ACCOUNTS] * len(columns)
    cells: dict[str, list[OutcomeCounts]] = {}
    for (guardrail_id, holder), counts in _counts_by_row(
        viewer, connection, holders, as_of=as_of
    ).items():
        place = places.get(guardrail_id)
        if place is not None:
            cells.setdefault(holder, list(empty))[place] = counts
    accounts: dict[str, int] = {}
    for target in tree.by_id.values():
        if target.kind == ACCOUNT and seen.holds_account(target.target_id):
            above = holders.get(target.parent_id)
            if above is not None:
                accounts[above] = accounts.get(above, 0) + 1
    rows = [one for one in units if holders.get(one.target_id) == one.target_id]
    # Each row also counts what is below it: children come after their parents.
    for one in reversed(rows):
        if one.target_id == start:
            continue
        parent = holders[one.parent_id]
        accounts[parent] = accounts.get(parent, 0) + accounts.get(one.target_id, 0)
        below = cells.get(one.target_id)
        if below is not None:
            own = cells.setdefault(parent, list(empty))
            cells[parent] = [mine + theirs for mine, theirs in zip(own, below, strict=True)]
    return GuardrailMatrix(
        tuple(columns),
        tuple(
            MatrixRow(
                one.target_id,
                one.kind,
                one.name,
                depths[one.target_id],
                accounts.get(one.target_id, 0),
                tuple(cells.get(one.target_id, empty)),
            )
            for one in rows
            if seen.everything or accounts.get(one.target_id, 0)
        ),
    )


def _counts_by_row(
    viewer: Viewer, connection: Connection, holders: Mapping[str, str], *, as_of: datetime | None
) -> dict[tuple[str, str], OutcomeCounts]:
    """Return how many accounts are how, by guardrail and row, without the rows below it.

    `holders`: the row that each OU counts in.
    """
    if viewer.sees_inventory and sees_whole(viewer, connection):
        tallies, given = (
            tallies_at(connection, as_of)
            .values_list("guardrail_id", "parent_id", *_COUNTED)
            .query.sql_with_params()
        )
        with database.cursor() as cursor:
            cursor.execute(
                _SUMS.format(tallies=tallies), [*given, list(holders), list(holders.values())]
            )
            return {(row[0], row[1]): OutcomeCounts(*row[2:]) for row in cursor.fetchall()}
    found: dict[tuple[str, str], OutcomeCounts] = {}
    by_unit = counts_by_unit(viewer, connection=connection, as_of=as_of)
    for (guardrail_id, parent_id), counts in by_unit.items():
        if parent_id in holders:
            key = (guardrail_id, holders[parent_id])
            found[key] = found.get(key, NO_ACCOUNTS) + counts
    return found


def matrix_of_accounts(
    viewer: Viewer,
    *,
    connection: Connection,
    columns: Sequence[GuardrailInForce],
    accounts: Sequence[OwnedTarget],
    as_of: datetime | None = None,
) -> GuardrailMatrix:
    """Return some accounts by guardrails: the accounts of a page, in their order."""
    places = {one.id: place for place, one in enumerate(columns)}
    covered = excepted_accounts(connection) if as_of is None else {}
    cells: dict[str, list[OutcomeCounts]] = {}
    rows = visible(GuardrailResult.objects.as_of(as_of), viewer).filter(
        connection=connection, account_id__any_of=[one.target_id for one in accounts]
    )
    for guardrail_id, account_id, outcome in rows.values_list(
        "guardrail_id", "account_id", "outcome"
    ):
        place = places.get(guardrail_id)
        if place is None:
            continue
        is_excepted = outcome != "holds" and account_id in covered.get(guardrail_id, ())
        own = cells.setdefault(account_id, [NO_ACCOUNTS] * len(columns))
        own[place] = _ONE["excepted" if is_excepted else outcome]
    empty = (NO_ACCOUNTS,) * len(columns)
    return GuardrailMatrix(
        tuple(columns),
        tuple(
            MatrixRow(
                one.target_id, one.kind, one.name, 0, 1, tuple(cells.get(one.target_id, empty))
            )
            for one in accounts
        ),
    )


_ONE = {
    name: OutcomeCounts(**{name: 1})
    for name in ("fails", "undecided", "not_covered", "excepted", "holds")
}


def matrix_accounts(
    viewer: Viewer,
    *,
    connection: Connection,
    under: str = "",
    words: str = "",
    failing: Collection[str] = (),
    as_of: datetime | None = None,
) -> list[OwnedTarget]:
    """Return the accounts that may be rows, by name.

    `under`: an OU or the root that they lie in. `words`: in the name or id. `failing`: ids of
    guardrails of which one at least does not hold there.
    """
    tree = target_tree(connection, as_of=as_of)
    seen = targets_seen(viewer, connection)
    below = tree.below(under) if under else iter(tree.by_id.values())
    lowered = words.strip().lower()
    chosen: set[str] | None = None
    if failing:
        rows = GuardrailResult.objects.as_of(as_of).filter(
            connection=connection, guardrail_id__in=list(failing)
        )
        chosen = set(rows.exclude(outcome="holds").values_list("account_id", flat=True))
    found = [
        one
        for one in below
        if one.kind == ACCOUNT
        and seen.holds_account(one.target_id)
        and (not lowered or lowered in one.name.lower() or lowered in one.target_id)
        and (chosen is None or one.target_id in chosen)
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.target_id))
