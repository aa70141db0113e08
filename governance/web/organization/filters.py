"""Filters of the tree: which OUs and accounts match what the address asks for."""

from collections.abc import Sequence

import django_filters
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from governance.filtering.fields import TagFilter, choices_filter
from governance.filtering.organization import AccountFilters
from governance.filtering.scope import ScopedFilterSet
from inventory.models import Account, PolicyAttachment
from inventory.policy_types import POLICY_TYPES
from inventory.selectors.coverage import Knowledge
from inventory.selectors.hierarchy import AttachedPolicy, Tree, TreeNode
from inventory.selectors.trees import targets_of_policies


class TreeFilters(ScopedFilterSet):
    """The filters of the organization screen, over its accounts.

    `q` and `policy` look at OUs as well: see `matching_units`.
    """

    q = django_filters.CharFilter(label="Search", method="searched")
    policy = choices_filter(
        "Policy",
        [(kind.name, kind.label) for kind in POLICY_TYPES],
        method="with_policy",
        help_text="Attached at the account itself.",
    )
    coverage = choices_filter(
        "Coverage",
        [(knowledge.value, knowledge.value.capitalize()) for knowledge in Knowledge],
        method="with_coverage",
        help_text="Coverage of the account.",
    )
    tag = TagFilter()

    class Meta:
        model = Account
        fields: list[str] = []

    # One rule for the coverage of accounts, wherever it is asked for.
    with_coverage = AccountFilters.with_coverage
    _known_as = AccountFilters._known_as

    def searched(self, rows: "QuerySet[Account]", _name: str, words: str) -> "QuerySet[Account]":
        """Keep accounts by name, id, a tag's key or value, or a policy attached to them."""
        words = words.strip()
        if not words:
            return rows
        by_policy = self._targets(words=words)
        return rows.annotate(tags_text=Cast("tags", CharField())).filter(
            Q(name__icontains=words)
            | Q(account_id__startswith=words)
            | Q(tags_text__icontains=words)
            | Q(account_id__in=by_policy)
        )

    def with_policy(
        self, rows: "QuerySet[Account]", _name: str, types: Sequence[str]
    ) -> "QuerySet[Account]":
        """Keep accounts with a policy of one of the types attached at themselves."""
        if not types:
            return rows
        return rows.filter(account_id__in=self._targets(types=types))

    def _targets(
        self, *, words: str = "", types: Sequence[str] = ()
    ) -> "QuerySet[PolicyAttachment, str]":
        return targets_of_policies(
            self.scope.viewer,
            connection=self.scope.connection,
            as_of=self.scope.as_of,
            words=words,
            types=types,
        )

    @property
    def is_used(self) -> bool:
        """Whether any filter leaves something out."""
        return any(self.form.cleaned_data.get(name) for name in self.filters)

    def matching_units(self, tree: Tree) -> set[str]:
        """Return the ids of the root and OUs that match; filters of accounts match none."""
        asked = self.form.cleaned_data
        if asked.get("coverage") or asked.get("tag"):
            return set()
        words, types = (asked.get("q") or "").strip(), asked.get("policy") or []
        if not words and not types:
            return set()
        return {
            node.target_id
            for node in tree.by_id.values()
            if (not words or _is_named(node, words)) and (not types or _has(node, types))
        }


def _is_named(node: TreeNode, words: str) -> bool:
    return (
        words.casefold() in node.name.casefold()
        or node.target_id.startswith(words)
        or _names(node.policies, words)
    )


def _has(node: TreeNode, types: Sequence[str]) -> bool:
    return any(policy.type in types and not policy.is_default for policy in node.policies)


def _names(policies: Sequence[AttachedPolicy], words: str) -> bool:
    return any(
        words.casefold() in policy.name.casefold() or policy.policy_id == words
        for policy in policies
    )
