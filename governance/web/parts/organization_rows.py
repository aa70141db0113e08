"""The rows of the tree table: which are shown, and what stands in them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse

from governance.web.parts.knowledge import NodeKnowledge, knowledge_of
from governance.web.parts.names import common_prefix
from governance.web.parts.tree_state import OpenNodes
from inventory.models import Account
from inventory.policy_types import policy_type
from inventory.selectors.coverage import CoverageSummary
from inventory.selectors.hierarchy import AttachedPolicy, Tree, TreeNode, policy_codes

ACCOUNTS_AT_ONCE: Final = 50
_ROWS_OPENED_BY_ITSELF: Final = 44


@dataclass(frozen=True, slots=True)
class CountChip:
    """A chip of the policies of one type: `here` attached at the node, `inherited` from above."""

    code: str
    label: str
    here: int
    inherited: int


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row. `load`: where its children are read when it is opened; empty if they are here.

    `more`: how many further accounts there are, of which `load` brings some; such a row is a
    button and no node. `is_before`: they precede the accounts shown. `opens`: it is open where
    nobody closed it. `is_hidden`: something above it is closed.
    """

    node_id: str
    parent_id: str
    kind: str
    depth: int
    name: str
    parent_name: str
    siblings_prefix: str
    href: str
    accounts: int | None
    chips: tuple[CountChip, ...]
    without_full_access: bool
    knowledge: NodeKnowledge | None
    has_children: bool
    is_open: bool
    load: str
    selected: bool = False
    more: int = 0
    is_before: bool = False
    opens: bool = False
    is_hidden: bool = False

    @property
    def icon_name(self) -> str:
        """The icon of its kind."""
        return {"root": "building", "unit": "folder"}.get(self.kind, "box")


@dataclass(frozen=True, slots=True)
class TreeScope:
    """What the rows are made of, and the address they continue.

    `full_names`: as where rows were looked for, so that what matched can be read.
    """

    slug: str
    tree: Tree
    knowledge: dict[str, NodeKnowledge]
    summaries: dict[str, CoverageSummary]
    account_policies: dict[str, tuple[AttachedPolicy, ...]]
    query: str
    selected: str = ""
    full_names: bool = False

    def load_address(self, target_id: str, *, after: str = "", before: str = "") -> str:
        """Where the children of a node are read, of the accounts those after or before one."""
        address = reverse(
            "organization-children", kwargs={"slug": self.slug, "target_id": target_id}
        )
        place = f"after={after}" if after else f"before={before}" if before else ""
        pairs = [part for part in (self.query, place) if part]
        return f"{address}?{'&'.join(pairs)}" if pairs else address


def count_chips(own: Counter[str], inherited: Counter[str]) -> tuple[CountChip, ...]:
    """Return a chip for each type with a policy here or above, in AWS's order of the types."""
    both = own + inherited
    return tuple(
        CountChip(code, policy_type(name).label, own[name], inherited[name])
        for name, code, _ in policy_codes(both)
    )


def unit_row(scope: TreeScope, node: TreeNode, nodes: OpenNodes, *, prefix: str) -> TreeRow:
    """Make the row of the root or an OU."""
    parent = scope.tree.by_id.get(node.parent_id)
    has_children = bool(node.children or node.accounts_here)
    loaded = nodes.is_loaded(node.target_id)
    return TreeRow(
        node_id=node.target_id,
        parent_id=node.parent_id,
        kind="root" if parent is None else "unit",
        depth=node.depth,
        name=node.name,
        parent_name=parent.name if parent and parent.parent_id and not scope.full_names else "",
        siblings_prefix="" if scope.full_names else prefix,
        href=""
        if parent is None
        else reverse(
            "organizational-unit", kwargs={"slug": scope.slug, "target_id": node.target_id}
        ),
        accounts=node.accounts,
        chips=count_chips(node.own, node.inherited),
        without_full_access=scope.tree.lacks_full_access(node),
        knowledge=scope.knowledge.get(node.target_id),
        has_children=has_children,
        is_open=nodes.is_open(node.target_id),
        load="" if loaded or not has_children else scope.load_address(node.target_id),
        selected=node.target_id == scope.selected,
        opens=node.target_id in nodes.by_itself,
    )


def account_row(scope: TreeScope, account: Account, *, prefix: str) -> TreeRow:
    """Make the row of an account."""
    parent = scope.tree.by_id[account.parent_id]
    policies = scope.account_policies.get(account.account_id, ())
    own = Counter(policy.type for policy in policies if not policy.is_default)
    as_node = TreeNode(
        account.account_id, "ACCOUNT", account.name, account.parent_id, 0, policies, Counter()
    )
    return TreeRow(
        node_id=account.account_id,
        parent_id=account.parent_id,
        kind="account",
        depth=parent.depth + 1,
        name=account.name,
        parent_name=parent.name if parent.parent_id and not scope.full_names else "",
        siblings_prefix="" if scope.full_names else prefix,
        href=reverse("account", kwargs={"slug": scope.slug, "account_id": account.account_id}),
        accounts=None,
        chips=count_chips(own, parent.inherited + parent.own),
        without_full_access=scope.tree.lacks_full_access(as_node),
        knowledge=knowledge_of(scope.summaries.get(account.account_id)),
        has_children=False,
        is_open=False,
        load="",
        selected=account.account_id == scope.selected,
    )


@dataclass(frozen=True, slots=True)
class ShownAccounts:
    """The accounts shown directly in a node; `before` and `after`: how many are left out there."""

    accounts: Sequence[Account] = ()
    before: int = 0
    after: int = 0


def child_rows(
    scope: TreeScope, node: TreeNode, shown: ShownAccounts, *, with_units: bool
) -> list[TreeRow]:
    """Make the rows directly below a node: its OUs where asked for, then accounts."""
    rows = []
    if with_units:
        prefix = common_prefix(child.name for child in node.children)
        rows += [unit_row(scope, child, OpenNodes(()), prefix=prefix) for child in node.children]
    accounts = shown.accounts
    if accounts and shown.before:
        rows.append(_more_row(scope, node, accounts[0], shown.before, is_before=True))
    prefix = common_prefix(account.name for account in accounts)
    rows += [account_row(scope, account, prefix=prefix) for account in accounts]
    if accounts and shown.after:
        rows.append(_more_row(scope, node, accounts[-1], shown.after))
    return rows


def _more_row(
    scope: TreeScope, node: TreeNode, edge: Account, left: int, *, is_before: bool = False
) -> TreeRow:
    at = edge.account_id
    return TreeRow(
        node_id=f"{'before' if is_before else 'more'}-{node.target_id}-{at}",
        parent_id=node.target_id,
        kind="more",
        depth=node.depth + 1,
        name="",
        parent_name="",
        siblings_prefix="",
        href="",
        accounts=None,
        chips=(),
        without_full_access=False,
        knowledge=None,
        has_children=False,
        is_open=False,
        load=scope.load_address(node.target_id, before=at)
        if is_before
        else scope.load_address(node.target_id, after=at),
        more=left,
        is_before=is_before,
    )


def opened_by_itself(tree: Tree) -> set[str]:
    """Choose the nodes that are open at first: as many whole levels as fit on a screen or so."""
    if tree.root is None:
        return set()
    opened = {tree.root.target_id}
    rows = 1 + _rows_below(tree.root)
    level = list(tree.root.children)
    while level:
        added = sum(_rows_below(node) for node in level)
        if rows + added > _ROWS_OPENED_BY_ITSELF:
            break
        rows += added
        opened |= {node.target_id for node in level}
        level = [child for node in level for child in node.children]
    return opened


def units_below(node: TreeNode) -> list[str]:
    """Return the ids of the OUs at any depth below a node."""
    found: list[str] = []
    for child in node.children:
        found += [child.target_id, *units_below(child)]
    return found


def _rows_below(node: TreeNode) -> int:
    return len(node.children) + min(node.accounts_here, ACCOUNTS_AT_ONCE)


def tree_rows(
    scope: TreeScope,
    nodes: OpenNodes,
    *,
    accounts: Mapping[str, ShownAccounts],
    wanted: Collection[str] | None = None,
) -> list[TreeRow]:
    """Make the rows of the table, parents before their children.

    `accounts`: for each loaded node, the accounts shown directly in it. `wanted`: the only OUs
    that have a row, beside those in a node that was opened by hand; None: all.
    """
    rows: list[TreeRow] = []

    def walk(node: TreeNode, prefix: str, *, hidden: bool) -> None:
        rows.append(replace(unit_row(scope, node, nodes, prefix=prefix), is_hidden=hidden))
        if not nodes.is_loaded(node.target_id):
            return
        hidden = hidden or not nodes.is_open(node.target_id)
        children = [
            child
            for child in node.children
            if wanted is None or child.target_id in wanted or node.target_id in nodes.by_hand
        ]
        inner = common_prefix(child.name for child in children)
        for child in children:
            walk(child, inner, hidden=hidden)
        here = accounts.get(node.target_id, ShownAccounts())
        below = child_rows(scope, node, here, with_units=False)
        rows.extend(replace(row, is_hidden=hidden) for row in below)

    if scope.tree.root is not None and (wanted is None or wanted):
        walk(scope.tree.root, "", hidden=False)
    return rows


def ways_to(tree: Tree, target_ids: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the nodes on the ways to some nodes, these included, and those above them alone."""
    on_ways: set[str] = set()
    above: set[str] = set()
    for target_id in target_ids:
        at = tree.by_id.get(target_id)
        while at is not None:
            on_ways.add(at.target_id)
            above.add(at.parent_id)
            at = tree.by_id.get(at.parent_id)
    return on_ways, above
