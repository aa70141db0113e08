"""Reads what both the whole tree and the children of one node need."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict

from governance.filtering.scope import Scope
from governance.web.filters import checked
from governance.web.organization.filters import TreeFilters
from governance.web.organization.knowledge import knowledge_by_node
from governance.web.organization.rows import TreeScope
from inventory.models import Account, Connection
from inventory.selectors.accounts import account_parents
from inventory.selectors.coverage import coverage_by_account
from inventory.selectors.hierarchy import (
    AttachedPolicy,
    Tree,
    accounts,
    attached_policies,
    tree,
)
from inventory.viewing import Viewer

# What the addresses of further rows keep of the page's own.
_KEPT = ("as_of", "q", "policy", "coverage", "tag")


@dataclass(frozen=True, slots=True)
class TreeReading:
    """The tree with what hangs on it. `matching`: the accounts that the filters leave."""

    tree: Tree
    parents: dict[str, str]
    scope: TreeScope
    filters: TreeFilters
    matching: "QuerySet[Account]"


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
    attached = attached_policies(viewer, connection=connection, as_of=as_of)
    found = tree(viewer, connection=connection, as_of=as_of, attached=attached)
    summaries = coverage_by_account(viewer, connection=connection, now=now, as_of=as_of)
    parents = account_parents(viewer, connection=connection, as_of=as_of)
    filters = _filters(viewer, connection, query, as_of, now, attached)
    kept = QueryDict(mutable=True)
    for name in _KEPT:
        if query.getlist(name):
            kept.setlist(name, query.getlist(name))
    scope = TreeScope(
        slug=connection.slug,
        tree=found,
        knowledge=knowledge_by_node(found, parents, summaries),
        summaries=summaries,
        account_policies=attached,
        query=kept.urlencode(),
        selected=query.get("at", ""),
    )
    return TreeReading(found, parents, scope, filters, filters.qs)


def _filters(
    viewer: Viewer,
    connection: Connection,
    query: QueryDict,
    as_of: datetime | None,
    now: datetime,
    attached: dict[str, tuple[AttachedPolicy, ...]],
) -> TreeFilters:
    filters = TreeFilters(
        query,
        queryset=accounts(viewer, connection=connection, as_of=as_of),
        scope=Scope(viewer, connection, as_of, now),
    )
    filters.attached = attached
    return checked(filters)
