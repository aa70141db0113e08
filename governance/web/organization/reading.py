"""Reads what the whole tree, the children of one node and the picture need."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict

from governance.filtering.scope import FilterScope
from governance.posture.state.organization import CompiledOrganization, load_organization
from governance.web.organization.filters import TreeFilters
from governance.web.parts.filters import checked
from governance.web.parts.knowledge import NodeKnowledge, knowledge_by_node
from governance.web.parts.organization_rows import (
    ACCOUNTS_AT_ONCE,
    ShownAccounts,
    TreeScope,
    units_below,
)
from governance.web.parts.tree_state import TreeState
from inventory.models import Account, Connection
from inventory.selectors.accounts import accounts_by_parent, first_accounts
from inventory.selectors.coverage import CoverageSummary, coverage_by_account
from inventory.selectors.coverage_by_parent import coverage_by_parent
from inventory.selectors.hierarchy import (
    AttachedPolicy,
    Tree,
    TreeNode,
    accounts,
    attached_policies,
)
from inventory.selectors.trees import UnitTree, unit_tree
from inventory.viewing import Viewer

# What the addresses of further rows keep of the page's own.
_KEPT = ("as_of", "q", "policy", "coverage", "tag")


@dataclass(frozen=True)
class TreeReading:
    """The tree, and what reads the rest of it. `matching`: the accounts that the filters leave."""

    viewer: Viewer
    connection: Connection
    as_of: datetime | None
    now: datetime
    units: UnitTree
    filters: TreeFilters
    matching: "QuerySet[Account]"
    query: QueryDict

    @property
    def tree(self) -> Tree:
        """The root and the OUs."""
        return self.units.tree

    @cached_property
    def compiled(self) -> CompiledOrganization:
        """The organization with its policies as they are in force, shared with other pages."""
        return load_organization(self.viewer, connection=self.connection, as_of=self.as_of)

    def account(self, account_id: str) -> Account | None:
        """Return one account in the tree, whatever the filters leave."""
        found = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        row = found.filter(account_id=account_id).first() if account_id.isdecimal() else None
        return row if row is not None and row.parent_id in self.tree.by_id else None

    def knowledge(self, parent_ids: Collection[str] | None = None) -> dict[str, NodeKnowledge]:
        """Return how well the accounts below each node are known, of all nodes or those given.

        `parent_ids`: whole branches of the tree.
        """
        if parent_ids is not None and not parent_ids:
            return {}
        alike = coverage_by_parent(
            self.viewer,
            connection=self.connection,
            now=self.now,
            as_of=self.as_of,
            parent_ids=parent_ids,
        )
        found = knowledge_by_node(self.tree, alike)
        if parent_ids is None:
            return found
        return {target_id: found[target_id] for target_id in parent_ids}

    def accounts_below(self, node: TreeNode) -> list[Account]:
        """Return the accounts at any depth below a node, by name, whatever the filters leave."""
        parents = [node.target_id, *units_below(node)]
        found = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        return list(found.filter(parent_id__in=parents).order_by("name", "account_id"))

    def first_shown(
        self, parent_ids: Collection[str], state: TreeState
    ) -> dict[str, ShownAccounts]:
        """Return the first accounts that the filters leave in each node, and how many follow.

        As many as are shown at once, or as `state` says of a node.
        """
        found: dict[str, list[Account]] = {}
        limits: dict[int, list[str]] = {}
        for parent_id in parent_ids:
            asked = max(state.shown.get(parent_id, 0), ACCOUNTS_AT_ONCE)
            # Whole pages, so that many nodes are few queries.
            limit = -(-asked // ACCOUNTS_AT_ONCE) * ACCOUNTS_AT_ONCE
            limits.setdefault(limit, []).append(parent_id)
        for limit, where in limits.items():
            found |= first_accounts(self.matching, parent_ids=where, limit=limit)
        if self.filters.is_used:
            counts = accounts_by_parent(self.matching, parent_ids=parent_ids)
        else:
            counts = {key: self.tree.by_id[key].accounts_here for key in found}
        return {
            key: ShownAccounts(accounts, after=counts[key] - len(accounts))
            for key, accounts in found.items()
        }

    def summaries_of(self, shown: Sequence[Account]) -> dict[str, CoverageSummary]:
        """Return how well each of some accounts is known, in one query."""
        if not shown:
            return {}
        return coverage_by_account(
            self.viewer,
            connection=self.connection,
            now=self.now,
            account_ids=[account.account_id for account in shown],
            as_of=self.as_of,
        )

    def policies_of(self, shown: Sequence[Account]) -> dict[str, tuple[AttachedPolicy, ...]]:
        """Return what is attached at each of some accounts, in two queries."""
        if not shown:
            return {}
        return attached_policies(
            self.viewer,
            connection=self.connection,
            as_of=self.as_of,
            target_ids=[account.account_id for account in shown],
        )

    def scope(
        self, shown: Sequence[Account], knowledge: dict[str, NodeKnowledge], *, selected: str = ""
    ) -> TreeScope:
        """Read what hangs on the accounts that are shown, in three queries however many."""
        kept = QueryDict(mutable=True)
        for name in _KEPT:
            if self.query.getlist(name):
                kept.setlist(name, self.query.getlist(name))
        return TreeScope(
            slug=self.connection.slug,
            tree=self.tree,
            knowledge=knowledge,
            summaries=self.summaries_of(shown),
            account_policies=self.policies_of(shown),
            query=kept.urlencode(),
            selected=selected,
            full_names=self.filters.is_used,
        )


def read_tree(
    viewer: Viewer,
    *,
    connection: Connection,
    query: QueryDict,
    as_of: datetime | None,
    now: datetime,
) -> TreeReading:
    """Read the organization at one time, for the filters in an address.

    :raises BadRequest: a filter has a value that it does not know.
    """
    filters = checked(
        TreeFilters(
            query,
            queryset=accounts(viewer, connection=connection, as_of=as_of),
            scope=FilterScope(viewer, connection, as_of, now),
        )
    )
    units = unit_tree(viewer, connection=connection, as_of=as_of)
    return TreeReading(viewer, connection, as_of, now, units, filters, filters.qs, query)
