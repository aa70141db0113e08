"""The differences of two states as a table, and as a file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpResponseBase

from governance.filtering.scope import FilterScope
from governance.filtering.snapshots import DifferenceFilters
from governance.presentation.snapshot_texts import line_counts
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import GROUP_LABELS, KIND_WORDS, DifferenceGroup, Subject
from governance.web.parts.filters import FilterChip, address, checked, choice_chip, filter_chips
from governance.web.parts.lists import Column, ListPage
from governance.web.snapshots.frame import ComparisonFrame
from governance.web.snapshots.wording import ShownDifference, Texts, Words, plain_way
from inventory.models import PolicyAttachment
from inventory.policy_types import policy_type
from inventory.selectors.policies import policy_version_starts
from inventory.selectors.snapshots import runs_started_at

_CHUNK: Final = 500


def _sorted_by(name: str, one: SnapshotDifference) -> Any:
    """Return what a column sorts by; what differs first is told first among equals."""
    if name == "order":
        return one.order
    if name == "since":
        return (one.since, one.order)
    return (str(getattr(one, name)).casefold(), one.order)


class ComparisonPage(ComparisonFrame, ListPage):
    """What differs, filtered, sorted and in pages."""

    template_name = "governance/snapshots/list.html"
    tab = "list"
    columns = (
        Column("what", "What", ("order",), lambda row: row.difference.kind.value),
        Column("name", "Name", ("name",), lambda row: row.difference.name),
        Column("at", "At", ("target_name",), lambda row: row.difference.target_name),
        Column("before_after", "Before and after"),
        Column("since", "Since", ("since",), lambda row: row.difference.since),
        Column("run_id", "Run", (), lambda row: row.run_id, hidden=True),
        Column("of", "Of", (), lambda row: row.difference.group.value, hidden=True),
        Column("subject", "Thing", (), lambda row: row.difference.subject.value, hidden=True),
        Column("subject_id", "Id", (), lambda row: row.difference.subject_id, hidden=True),
        Column("target_id", "Target", (), lambda row: row.difference.target_id, hidden=True),
        Column("policy_type", "Type", (), lambda row: row.difference.policy_type, hidden=True),
        Column("aws_managed", "By AWS", (), lambda row: row.difference.aws_managed, hidden=True),
        Column("before", "Before", (), lambda row: row.difference.before, hidden=True),
        Column("after", "After", (), lambda row: row.difference.after, hidden=True),
        Column(
            "path_before", "", (), lambda row: plain_way(row.difference.way_before), hidden=True
        ),
        Column("path_after", "", (), lambda row: plain_way(row.difference.way_after), hidden=True),
        Column(
            "lines_removed", "", (), lambda row: row.lines[0] if row.lines else None, hidden=True
        ),
        Column("lines_added", "", (), lambda row: row.lines[1] if row.lines else None, hidden=True),
        Column("consequence", "", (), lambda row: row.difference.consequence, hidden=True),
        Column("loud", "", (), lambda row: row.difference.loud, hidden=True),
        Column("key", "", (), lambda row: row.difference.key, hidden=True),
    )
    row_template = "governance/snapshots/row.html"
    default_sort = "what"
    search_label = "Name or id"
    export_name = "differences"
    row_noun = "difference,differences"
    empty_title = "Nothing changed"
    empty_text = "Both states are identical in everything collected."
    caption = "What differs between the two times"

    def differences(self) -> Sequence[SnapshotDifference]:
        """Return all differences, none where the times cannot be compared."""
        return () if self.problem is not None else self.compared.found.differences

    def filters(self) -> DifferenceFilters:
        """Return the filters, bound to the address.

        :raises BadRequest: a value in the address is none that the filter knows.
        """
        bound = DifferenceFilters(
            self.request.GET,
            queryset=PolicyAttachment.objects.none(),
            scope=FilterScope(self.viewer, self.connection, None, self.now),
        )
        return checked(bound)

    def filtered_rows(self, filters: Any) -> Any:
        """Return the filtered differences in their order."""
        column, descending = self.sort_key()
        name = column.order_by[0]
        return sorted(
            filters.chosen(self.differences()),
            key=lambda one: _sorted_by(name, one),
            reverse=descending,
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send every filtered difference.

        :raises BadRequest: the times cannot be compared.
        """
        if self.problem is not None:
            raise BadRequest(f"{self.problem.title}. {self.problem.text}")
        return super().export(kind)

    def chunks(self, rows: Any) -> Iterator[Sequence[Any]]:
        """Yield the rows of a file, some at a time."""
        for start in range(0, len(rows), _CHUNK):
            yield rows[start : start + _CHUNK]

    def enrich(self, rows: Sequence[SnapshotDifference]) -> Sequence[ShownDifference]:
        """Return differences in words, in three queries."""
        if self.moments is None or not rows:
            return []
        lines = line_counts(self.viewer, rows)
        starts = policy_version_starts(
            self.viewer,
            connection=self.connection,
            policy_ids={one.subject_id for one in rows if one.subject is Subject.POLICY},
        )
        runs = runs_started_at(
            self.viewer, connection=self.connection, moments={one.since for one in rows}
        )
        words = Words(self.connection.slug, self.moments, Texts(lines, starts), runs)
        return [words.shown(one) for one in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the groups with their counts, and filters with the values that exist."""
        context = super().get_context_data(**kwargs)
        query = self.request.GET
        found = Counter(one.group for one in self.differences())
        chosen = query.getlist("group")
        context["groups"] = [
            ("All", sum(found.values()), address(query, group=None, kind=None), not chosen),
            *(
                (label, found[group], address(query, group=group.value, kind=None),
                 chosen == [group.value])
                for group, label in GROUP_LABELS.items()
            ),
        ]  # fmt: skip
        context["chips"] = self.chips()
        context["without_filters"] = f"?{self.times_query}"
        if self.moments is not None:
            context["part_href"] = self.part_href("organization-compare-effect-part")
            context["effect_href"] = self.part_href("organization-compare-effect")
        return context

    def chips(self) -> list[FilterChip]:
        """Return the filters; those of kinds and types offer the values that exist, with counts."""
        query = self.request.GET
        by_kind = Counter(one.kind for one in self.differences())
        groups = {DifferenceGroup(value) for value in query.getlist("group") if value}
        kinds = [
            (kind.value, f"{words.label} · {by_kind[kind]:,}", words.label)
            for kind, words in KIND_WORDS.items()
            if by_kind[kind] and (not groups or words.group in groups)
        ]
        types = Counter(one.policy_type for one in self.differences() if one.policy_type)
        offered = [
            (name, f"{policy_type(name).label} · {number:,}", policy_type(name).label)
            for name, number in sorted(types.items())
        ]
        others = ("q", "group", "kind", "policy_type")
        every = [
            choice_chip(
                query,
                "kind",
                "Kind",
                [(value, numbered) for value, numbered, _ in kinds],
                said={value: label for value, _, label in kinds},
            ),
            choice_chip(
                query,
                "policy_type",
                "Policy type",
                [(value, numbered) for value, numbered, _ in offered],
                said={value: label for value, _, label in offered},
            ),
            *filter_chips(self.filters(), query, leave_out=others),
        ]
        return sorted(every, key=lambda chip: not chip.said)
