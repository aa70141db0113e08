"""The rows of the tree table: which are shown, and what stands in them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from governance.web.parts.knowledge import NodeKnowledge, knowledge_of
from governance.web.parts.names import common_prefix
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
    button and no node. `is_before`: they precede the accounts shown.
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

    @property
    def icon_name(self) -> str:
        """The icon of its kind."""
        return {"root": "building", "unit": "folder"}.get(self.kind, "box")


@dataclass(frozen=True, slots=True)
class TreeScope:
    """What the rows are made of, and the address they continue."""

    slug: str
    tree: Tree
    knowledge: dict[str, NodeKnowledge]
    summaries: dict[str, CoverageSummary]
    account_policies: dict[str, tuple[AttachedPolicy, ...]]
    query: str
    selected: str = ""

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


def unit_row(
    scope: TreeScope, node: TreeNode, *, is_open: bool, loaded: bool, prefix: str
) -> TreeRow:
    """Make the row of the root or an OU."""
    parent = scope.tree.by_id.get(node.parent_id)
    has_children = bool(node.children or node.accounts_here)
    return TreeRow(
        node_id=node.target_id,
        parent_id=node.parent_id,
        kind="root" if parent is None else "unit",
        depth=node.depth,
        name=node.name,
        parent_name=parent.name if parent and parent.parent_id else "",
        siblings_prefix=prefix,
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
        is_open=is_open,
        load="" if loaded or not has_children else scope.load_address(node.target_id),
        selected=node.target_id == scope.selected,
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
        parent_name=parent.name if parent.parent_id else "",
        siblings_prefix=prefix,
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
        rows += [
            unit_row(scope, child, is_open=False, loaded=False, prefix=prefix)
            for child in node.children
        ]
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


def opened_by_itself(tree: Tree, *, ways_to: Iterable[str] = ()) -> set[str]:
    """Choose the nodes that are open at first: as many whole levels as fit on a screen or so.

    `ways_to`: nodes whose every ancestor is open as well.
    """
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
    for target_id in ways_to:
        at = tree.by_id.get(target_id)
        while at is not None:
            opened.add(at.target_id)
            at = tree.by_id.get(at.parent_id)
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
    scope: TreeScope, *, opened: Collection[str], accounts: Mapping[str, ShownAccounts]
) -> list[TreeRow]:
    """Make the rows of the whole table, parents before their children.

    `accounts`: for each opened node, the accounts shown directly in it.
    """
    rows: list[TreeRow] = []

    def walk(node: TreeNode, prefix: str) -> None:
        is_open = node.target_id in opened
        rows.append(unit_row(scope, node, is_open=is_open, loaded=is_open, prefix=prefix))
        if not is_open:
            return
        inner = common_prefix(child.name for child in node.children)
        for child in node.children:
            walk(child, inner)
        here = accounts.get(node.target_id, ShownAccounts())
        rows.extend(child_rows(scope, node, here, with_units=False))

    if scope.tree.root is not None:
        walk(scope.tree.root, "")
    return rows


def matching_rows(
    scope: TreeScope, *, units: Iterable[str], accounts: Mapping[str, ShownAccounts]
) -> list[TreeRow]:
    """Make the rows of OUs and accounts that were looked for, each with the way to it."""
    wanted: set[str] = set()
    opened: set[str] = set(accounts)
    for target_id in [*units, *accounts]:
        at = scope.tree.by_id.get(target_id)
        while at is not None:
            wanted.add(at.target_id)
            opened.add(at.parent_id)
            at = scope.tree.by_id.get(at.parent_id)
    rows: list[TreeRow] = []

    def walk(node: TreeNode, prefix: str) -> None:
        is_open = node.target_id in opened
        rows.append(unit_row(scope, node, is_open=is_open, loaded=is_open, prefix=prefix))
        children = [child for child in node.children if child.target_id in wanted]
        inner = common_prefix(child.name for child in children)
        for child in children:
            walk(child, inner)
        here = accounts.get(node.target_id)
        if here is not None:
            rows.extend(child_rows(scope, node, here, with_units=False))

    if scope.tree.root is not None and wanted:
        walk(scope.tree.root, "")
    return rows
