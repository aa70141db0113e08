"""Filters of the differences between two states, which are found in memory and not by queries."""

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.filtering.fields import choices_filter
from governance.filtering.scope import ScopedFilterSet
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import GROUP_LABELS, KIND_WORDS
from inventory.models import PolicyAttachment
from inventory.policy_types import POLICY_TYPES


class DifferenceFilters(ScopedFilterSet):
    """Filters of differences. Bind them to a query, then ask for the `chosen`."""

    q = django_filters.CharFilter(
        label="Search",
        method="all_rows",
        help_text="Searches names, names and ids of targets, and whole ids.",
    )
    group = choices_filter(
        "Of",
        [(group.value, label) for group, label in GROUP_LABELS.items()],
        method="all_rows",
        help_text="What the difference is of.",
    )
    kind = choices_filter(
        "Kind",
        [(kind.value, words.label) for kind, words in KIND_WORDS.items()],
        method="all_rows",
        help_text="What differs.",
    )
    under = django_filters.CharFilter(
        label="Below",
        method="all_rows",
        help_text="Id of a root or OU: things at or below it, then or now. A policy is where it "
        "is attached.",
    )
    policy_type = choices_filter(
        "Policy type",
        [(kind.name, kind.label) for kind in POLICY_TYPES],
        method="all_rows",
        help_text="AWS's type of the policy.",
    )
    consequence = django_filters.BooleanFilter(
        label="Automatic",
        method="all_rows",
        help_text="Whether it follows from another difference, such as attachments of an account.",
    )

    class Meta:
        model = PolicyAttachment
        fields: list[str] = []

    def all_rows(self, rows: "QuerySet[Any]", _name: str, _value: Any) -> "QuerySet[Any]":
        """Leave the rows of the database alone; see `chosen`."""
        return rows

    def chosen(self, differences: Iterable[SnapshotDifference]) -> list[SnapshotDifference]:
        """Return the differences that pass; ask whether the filters are valid before."""
        asked = self.form.cleaned_data
        words = (asked.get("q") or "").strip().casefold()
        groups, kinds = asked.get("group") or (), asked.get("kind") or ()
        types, under = asked.get("policy_type") or (), (asked.get("under") or "").strip()
        consequence = asked.get("consequence")
        return [
            one
            for one in differences
            if (not groups or one.group.value in groups)
            and (not kinds or one.kind.value in kinds)
            and (not types or one.policy_type in types)
            and (not under or _lies(one, under))
            and (consequence is None or one.consequence is consequence)
            and (not words or _says(one, words))
        ]


def _lies(difference: SnapshotDifference, target_id: str) -> bool:
    # Everything of an organization lies below its root, what has no place of its own included.
    return target_id.startswith("r-") or target_id in difference.places


def _says(difference: SnapshotDifference, words: str) -> bool:
    texts: Sequence[str] = (
        difference.name,
        difference.target_name,
        str((difference.before or {}).get("name", "")),
        str((difference.after or {}).get("name", "")),
    )
    ids = (difference.subject_id, difference.target_id)
    return any(words in text.casefold() for text in texts) or any(
        found.casefold().startswith(words) for found in ids if found
    )
