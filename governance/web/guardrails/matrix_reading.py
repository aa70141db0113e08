"""What the matrix reads: its columns, its rows of OUs and accounts, and which of them are shown."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from django.http import QueryDict

from governance.access import rights
from governance.access.owners.targets import OwnedTarget, OwnedTree, target_tree
from governance.baseline.guardrails.definitions import GuardrailInForce
from governance.baseline.guardrails.documents import (
    Framework,
    GuardrailSeverity,
    GuardrailTopic,
)
from governance.baseline.guardrails.matrix import (
    GuardrailMatrix,
    MatrixRow,
    matrix_accounts,
    matrix_columns,
    matrix_of_accounts,
    matrix_of_units,
)
from governance.baseline.guardrails.outcome_counts import NO_ACCOUNTS, WORST_FIRST, OutcomeCounts
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.guardrails.matrix_lines import MatrixLine, account_cells, unit_cells
from governance.web.parts.filters import address
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, GUARDRAIL_TABLES

_LEVELS: Final = 3
# OUs that are rows before any is opened; where there are more, fewer levels of them are.
_UNITS_SHOWN: Final = 60
# OUs that are open at a time, and accounts that are rows below one of them. All together have so
# many cells that the page stays below 300 kB.
_UNITS_OPENED: Final = 12
_ACCOUNTS_IN_UNIT: Final = 25
_CELLS_IN_UNITS: Final = 2_000
# Accounts of a page where accounts are the rows: a picture has room for more.
_ACCOUNTS_SHOWN: Final = 40
_ACCOUNTS_DRAWN: Final = 80


class MatrixReading(GuardrailScreen):
    """Columns and rows of the matrix, as the address asks for them."""

    required_right = rights.VIEW_GUARDRAILS
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES

    @cached_property
    def columns(self) -> tuple[GuardrailInForce, ...]:
        """The guardrails that the filters leave, those that hold everywhere too."""
        query = self.request.GET
        topics = [one for one in query.getlist("topic") if one in list(GuardrailTopic)]
        severities = [one for one in query.getlist("severity") if one in list(GuardrailSeverity)]
        frameworks = {one for one in query.getlist("framework") if one in list(Framework)}
        found = matrix_columns(
            self.connection, topics=topics, severities=severities, as_of=self.as_of
        )
        words = query.get("q", "").strip().lower()
        return tuple(
            one
            for one in found
            if (not frameworks or frameworks & {name.value for name, _ in one.document.references})
            and (not words or words in one.document.title.lower() or words in one.id)
        ) or (found if words and self._names_an_account(words) else ())

    @cached_property
    def tree(self) -> OwnedTree:
        """Root, OUs and accounts."""
        return target_tree(self.connection, as_of=self.as_of)

    def _names_an_account(self, words: str) -> bool:
        return bool(
            matrix_accounts(self.viewer, connection=self.connection, words=words, as_of=self.as_of)
        )

    @cached_property
    def units(self) -> GuardrailMatrix:
        """All columns by root and OUs; where accounts are the rows, by the root alone."""
        return matrix_of_units(
            self.viewer,
            connection=self.connection,
            columns=self.columns,
            levels=0 if self.is_of_accounts else _LEVELS,
            as_of=self.as_of,
        )

    @property
    def opened(self) -> frozenset[str]:
        """The OUs whose accounts are shown: the last ones opened."""
        return frozenset(self.request.GET.getlist("open")[-_UNITS_OPENED:])

    @staticmethod
    def _is_shown(counts: OutcomeCounts, wanted: Collection[str], *, show_all: bool) -> bool:
        if wanted:
            return any(getattr(counts, name) for name in wanted)
        return show_all or counts.worst not in ("holds", "")

    @cached_property
    def is_of_accounts(self) -> bool:
        """Whether accounts are the rows: they are asked for, or the search names some."""
        return self.request.GET.get("rows") == "accounts" or self.names_accounts

    @cached_property
    def names_accounts(self) -> bool:
        """Whether the search names accounts rather than a guardrail."""
        words = self.request.GET.get("q", "").strip().lower()
        return bool(words) and not any(
            words in one.document.title.lower() or words in one.id for one in self.columns
        )

    @cached_property
    def accounts(self) -> list[OwnedTarget]:
        """The accounts that are rows, in the order of the tree."""
        places = {one.target_id: place for place, one in enumerate(self.tree.in_order())}
        found = matrix_accounts(
            self.viewer,
            connection=self.connection,
            under=self.request.GET.get("under", ""),
            words=self.request.GET.get("q", "") if self.names_accounts else "",
            as_of=self.as_of,
        )
        return sorted(found, key=lambda one: places[one.target_id])

    def accounts_page(self, view: str) -> tuple[list[MatrixLine], dict[str, Any]]:
        """Return the rows of accounts after the one that the address names, and other pages."""
        query = self.request.GET
        size = _ACCOUNTS_DRAWN if view == "heatmap" else _ACCOUNTS_SHOWN
        ids = [one.target_id for one in self.accounts]
        after = query.get("after_row", "")
        begin = ids.index(after) + 1 if after in ids else 0
        here = self.accounts[begin : begin + size]
        ends = begin + len(here)
        back = ids[begin - size - 1] if begin > size else None
        return self.account_lines(here), {
            "first": begin + 1 if here else 0,
            "last": ends,
            "total": len(ids),
            "previous": address(query, after_row=back) if begin else "",
            "next": address(query, after_row=ids[ends - 1]) if ends < len(ids) else "",
        }

    @cached_property
    def shown(self) -> list[int]:
        """The places of the columns that are shown."""
        query = self.request.GET
        wanted = [one for one in query.getlist("outcome") if one in WORST_FIRST]
        return [
            place
            for place, counts in enumerate(self.units.totals)
            if self._is_shown(counts, wanted, show_all=bool(query.get("all")))
        ]

    def unit_rows(self) -> list[MatrixRow]:
        """Return the OUs that are rows: all, or the upper ones and what lies in those opened."""
        rows = self.units.rows
        deepest = next(
            (
                levels
                for levels in range(_LEVELS, 0, -1)
                if sum(row.depth <= levels for row in rows) <= _UNITS_SHOWN
            ),
            1,
        )
        parents = {row.target_id: self.tree.by_id[row.target_id].parent_id for row in rows}
        found: list[MatrixRow] = []
        seen: set[str] = set()
        for row in rows:
            parent = parents[row.target_id]
            if row.depth <= deepest or (parent in self.opened and parent in seen):
                seen.add(row.target_id)
                found.append(row)
        return found

    def unit_lines(self) -> list[MatrixLine]:
        """Return the rows of OUs, each open one followed by accounts that no other row holds."""
        found: list[MatrixLine] = []
        left = _CELLS_IN_UNITS // max(1, len(self.shown))
        most = min(_ACCOUNTS_IN_UNIT, left // max(1, len(self.opened)))
        for row in self.unit_rows():
            line = self._unit_line(row)
            found.append(line)
            if not line.is_open:
                continue
            inside = self._accounts_directly(row)
            here = inside[: min(left, max(1, most))]
            left -= len(here)
            found += self.account_lines(here, depth=row.depth + 1)
            if len(inside) > len(here):
                found[-1] = replace(
                    found[-1],
                    more=len(inside) - len(here),
                    more_href=address(
                        self.request.GET, rows="accounts", under=row.target_id, open=None
                    ),
                )
        return found

    def _accounts_directly(self, row: MatrixRow) -> list[OwnedTarget]:
        held = {one.target_id for one in self.units.rows}
        found = matrix_accounts(
            self.viewer, connection=self.connection, under=row.target_id, as_of=self.as_of
        )
        # Accounts of OUs that are rows themselves are shown there.
        return [
            one
            for one in found
            if next(
                (step.target_id for step in self.tree.upwards(one.parent_id)
                 if step.target_id in held), "",
            ) == row.target_id
        ]  # fmt: skip

    def account_lines(self, accounts: Sequence[OwnedTarget], *, depth: int = 0) -> list[MatrixLine]:
        """Return rows of accounts."""
        matrix = matrix_of_accounts(
            self.viewer,
            connection=self.connection,
            columns=self.columns,
            accounts=accounts,
            as_of=self.as_of,
        )
        return [
            MatrixLine(
                row=replace(row, depth=depth),
                label=row.name,
                name_href=self.href("account", account_id=row.target_id) + self.as_of_query,
                toggle_href="",
                is_open=False,
                is_account=True,
                cells=account_cells(row, self.shown, self.columns, as_of_query=self.as_of_query),
                counts=sum(row.cells, NO_ACCOUNTS),
            )
            for row in matrix.rows
        ]

    def _unit_line(self, row: MatrixRow) -> MatrixLine:
        is_root = row.kind == "ROOT"
        name = "organization" if is_root else "organizational-unit"
        named = {} if is_root else {"target_id": row.target_id}
        parent = self.tree.by_id.get(self.tree.by_id[row.target_id].parent_id)
        inner = parent is not None and bool(parent.parent_id)
        return MatrixLine(
            row=row,
            label=f"{parent.name}/{row.name}" if parent and inner else row.name,
            name_href=self.href(name, **named) + self.as_of_query,
            toggle_href=_toggled(self.request.GET, row.target_id),
            is_open=row.target_id in self.opened,
            is_account=False,
            cells=unit_cells(row, self.shown),
            counts=sum(row.cells, NO_ACCOUNTS),
        )


def _toggled(query: QueryDict, target_id: str) -> str:
    changed = query.copy()
    opened = [one for one in changed.getlist("open") if one != target_id]
    if len(opened) == len(changed.getlist("open")):
        opened.append(target_id)
    changed.setlist("open", opened[-_UNITS_OPENED:])
    changed.pop("cell", None)
    return f"?{changed.urlencode()}#{target_id}"
