"""The graph of the explorer: OUs and accounts that hold roles and resources, and edges between.

What is closed stands for all within it; edges between the same two boxes are drawn as one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.db.models import Count, QuerySet

from governance.posture.trust.models import TrustEdge
from governance.presentation.trust_wording import edge_source, edge_target, last_part
from governance.web.parts.markup import counted
from governance.web.trust.explorer_layout import LayoutBox, positions
from inventory.selectors.hierarchy import Tree
from policies.trust import TrustPrincipalKind

MOST_EDGES: Final = 5000
MOST_WITHIN: Final = 200

Crossing = TrustEdge.Crossing
EdgeState = TrustEdge.EdgeState

_OUTSIDE: Final[Mapping[str, tuple[str, str]]] = {
    Crossing.PUBLIC: ("Public", "everyone"),
    Crossing.EXTERNAL: ("Unknown external", "accounts outside"),
    Crossing.VENDOR: ("Known vendors", "accounts outside"),
    Crossing.FEDERATED: ("Federated", "identity providers"),
    Crossing.SERVICE: ("AWS services", "service principals"),
    Crossing.NONE: ("Nobody", "deleted principals"),
}
_WHOLE: Final = "organization"
_WORST_FIRST: Final = (
    EdgeState.OPEN,
    EdgeState.UNDECIDED,
    EdgeState.GUARDED,
    EdgeState.BLOCKED,
)


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A box. `kind`: outside, unit, account, more, role or resource. `parent`: the box it is in.

    `x`, `y`: its centre; None: it is open, and as large as what it holds. `opens`: it can be
    opened, or closed if `is_open`. `edges`: how many begin or end in it.
    """

    key: str
    label: str
    detail: str
    kind: str
    parent: str = ""
    x: float | None = None
    y: float | None = None
    opens: bool = False
    is_open: bool = False
    edges: int = 0


@dataclass(slots=True)
class GraphEdge:
    """All edges from one box to another. `state`: the worst of theirs; `findings`: how many have
    one. `edge_key`: where it is a single one between two that cannot be opened further.
    """

    source: str
    target: str
    count: int = 0
    findings: int = 0
    states: Counter[str] = field(default_factory=Counter)
    edge_key: str = ""

    @property
    def state(self) -> str:
        """The worst state of all."""
        return next((str(one) for one in _WORST_FIRST if self.states[one]), "")


@dataclass(frozen=True, slots=True)
class DrawnGraph:
    """What is drawn. `total`: edges that it stands for; `left_out`: edges that it does not hold."""

    nodes: Sequence[GraphNode]
    edges: Sequence[GraphEdge]
    total: int
    left_out: int


class _Boxes:
    """Which box stands for an account, and for an end of an edge."""

    def __init__(
        self,
        tree: Tree,
        parents: Mapping[str, str],
        opened: frozenset[str],
        crowd: Mapping[str, int],
    ) -> None:
        self.tree, self.parents, self.opened = tree, parents, opened
        self.shown_accounts = self._shown_accounts(crowd)
        self._of_account: dict[str, str] = {}

    def _shown_accounts(self, crowd: Mapping[str, int]) -> frozenset[str]:
        """Choose, in each OU, the accounts with the most edges."""
        by_unit: dict[str, list[str]] = {}
        for account_id in sorted(crowd, key=lambda one: (-crowd[one], one)):
            if account_id in self.parents:
                by_unit.setdefault(self.parents[account_id], []).append(account_id)
        return frozenset(
            account_id for listed in by_unit.values() for account_id in listed[:MOST_WITHIN]
        ) | (self.opened & self.parents.keys())

    def of_account(self, account_id: str) -> str:
        """Return the box that stands for an account; empty: it is not in the tree."""
        if account_id not in self._of_account:
            self._of_account[account_id] = self._find(account_id)
        return self._of_account[account_id]

    def _find(self, account_id: str) -> str:
        unit = self.parents.get(account_id)
        if unit is None:
            return ""
        for step in self._way(unit):
            if step not in self.opened:
                return step
        return account_id if account_id in self.shown_accounts else f"{unit}:more"

    def _way(self, unit: str) -> list[str]:
        """Return the OUs from the top down to one; the root is always open."""
        way = []
        node = self.tree.by_id.get(unit)
        while node is not None and node is not self.tree.root:
            way.append(node.target_id)
            node = self.tree.by_id.get(node.parent_id)
        return way[::-1]

    def parent_of(self, key: str) -> str:
        """Return the box that an account, OU or `…:more` is in; empty: none."""
        unit = key.removesuffix(":more") if key.endswith(":more") else self.parents.get(key, "")
        if not unit:
            node = self.tree.by_id.get(key)
            unit = node.parent_id if node else ""
        root = self.tree.root
        return "" if root is None or unit == root.target_id else unit


def first_opened(tree: Tree) -> frozenset[str]:
    """Return what is open before anybody opened or closed anything: top OUs that hold OUs."""
    tops = [] if tree.root is None else tree.root.children
    return frozenset(node.target_id for node in tops if node.children and not node.accounts_here)


def trust_graph(
    edges: "QuerySet[TrustEdge]",
    with_finding: "QuerySet[TrustEdge]",
    *,
    tree: Tree,
    parents: Mapping[str, str],
    names: Mapping[str, str],
    opened: frozenset[str],
) -> DrawnGraph:
    """Return the boxes with their places, and what leads from one to another.

    `with_finding`: those of `edges` that have one. `opened`: ids of OUs and accounts.
    """
    columns = ("crossing", "principal_account_id", "account_id", "state")
    groups = list(
        edges.order_by().values_list(*columns).annotate(total=Count("pk"))
        .values_list(*columns, "total")
    )  # fmt: skip
    crowd: Counter[str] = Counter()
    for _, source, target, _, total in groups:
        crowd[source] += total
        crowd[target] += total
    boxes = _Boxes(tree, parents, opened, crowd)
    accounts = {one for one in opened if one in parents and boxes.of_account(one) == one}
    drawing = _Drawing(boxes, names, accounts)
    for crossing, source, target, state, total in groups:
        if source not in accounts and target not in accounts:
            drawing.add_group(crossing, source, target, state, total)
    bad = with_finding.order_by().values_list(*columns[:3]).annotate(total=Count("pk"))
    for crossing, source, target, total in bad.values_list(*columns[:3], "total"):
        if source not in accounts and target not in accounts:
            drawing.add_findings(crossing, source, target, total)
    if accounts:
        drawing.add_single(_single(edges, accounts), set(_keys(with_finding, accounts)))
    return drawing.graph(total=sum(group[-1] for group in groups))


def _single(edges: "QuerySet[TrustEdge]", accounts: set[str]) -> Iterable[TrustEdge]:
    into = edges.filter(account_id__in=accounts)
    out = edges.filter(principal_account_id__in=accounts)
    ordered = (into | out).order_by("crossing_rank", "account_id", "pk")
    return ordered[:MOST_EDGES]


def _keys(edges: "QuerySet[TrustEdge]", accounts: set[str]) -> Iterable[str]:
    into = edges.filter(account_id__in=accounts)
    return (into | edges.filter(principal_account_id__in=accounts)).values_list("key", flat=True)


class _Drawing:
    """Boxes and edges as they come together."""

    def __init__(self, boxes: _Boxes, names: Mapping[str, str], accounts: set[str]) -> None:
        self.boxes, self.names, self.accounts = boxes, names, accounts
        self.edges: dict[tuple[str, str], GraphEdge] = {}
        self.things: dict[str, GraphNode] = {}
        self.drawn = 0

    def add_group(self, crossing: str, source: str, target: str, state: str, total: int) -> None:
        """Add edges that are all alike in where they begin and end."""
        edge = self._edge(self._from(crossing, source), self.boxes.of_account(target))
        edge.count += total
        edge.states[state] += total
        self.drawn += total

    def add_findings(self, crossing: str, source: str, target: str, total: int) -> None:
        """Say of how many of them something is wrong."""
        edge = self._edge(self._from(crossing, source), self.boxes.of_account(target))
        edge.findings += total

    def add_single(self, edges: Iterable[TrustEdge], bad: set[str]) -> None:
        """Add edges of open accounts, each to its role or resource."""
        for one in edges:
            edge = self._edge(self._principal(one), self._resource(one))
            edge.count += 1
            edge.states[one.state] += 1
            edge.findings += one.key in bad
            edge.edge_key = one.key if edge.count == 1 else ""
            self.drawn += 1

    def _edge(self, source: str, target: str) -> GraphEdge:
        key = (source or "not-seen", target or "not-seen")
        return self.edges.setdefault(key, GraphEdge(*key))

    def _from(self, crossing: str, account_id: str) -> str:
        if crossing in _OUTSIDE:
            return f"from-{crossing}"
        return self.boxes.of_account(account_id) if account_id else _WHOLE

    def _principal(self, edge: TrustEdge) -> str:
        account_id = edge.principal_account_id
        if account_id not in self.accounts:
            return self._from(edge.crossing, account_id)
        named = (TrustPrincipalKind.ROLE, TrustPrincipalKind.USER)
        if edge.principal_kind not in named:
            return account_id
        label = last_part(edge.principal_id)
        detail = edge_source(edge, self.names).detail
        return self._thing(edge.principal_id, label, detail, "role", account_id)

    def _resource(self, edge: TrustEdge) -> str:
        if edge.account_id not in self.accounts:
            return self.boxes.of_account(edge.account_id)
        end = edge_target(edge, self.names)
        kind = "role" if edge.service == "iam" else "resource"
        return self._thing(edge.resource_arn, edge.resource_name, end.detail, kind, edge.account_id)

    def _thing(self, arn: str, label: str, detail: str, kind: str, account_id: str) -> str:
        self.things.setdefault(arn, GraphNode(arn, label, detail, kind, account_id))
        return arn

    def graph(self, *, total: int) -> DrawnGraph:
        """Return what is drawn, the boxes at their places."""
        listed = sorted(self.edges.values(), key=lambda one: (-one.findings, -one.count))
        shown = listed[:MOST_EDGES]
        left_out = total - self.drawn + sum(one.count for one in listed[MOST_EDGES:])
        used = {key for edge in shown for key in (edge.source, edge.target)}
        counts: Counter[str] = Counter()
        for edge in shown:
            counts[edge.source] += edge.count
            if edge.target != edge.source:
                counts[edge.target] += edge.count
        nodes = self._nodes(used, counts)
        return DrawnGraph(self._at_places(nodes), shown, total, max(0, left_out))

    def _nodes(self, used: set[str], counts: Mapping[str, int]) -> dict[str, GraphNode]:
        nodes: dict[str, GraphNode] = {}
        for key in sorted(used):
            nodes[key] = self._node(key, counts.get(key, 0))
        for node in list(nodes.values()):
            above = node.parent
            while above and above not in nodes:
                nodes[above] = self._node(above, 0)
                above = nodes[above].parent
        return nodes

    def _node(self, key: str, edges: int) -> GraphNode:
        if key in self.things:
            return replace(self.things[key], edges=edges)
        if key == "not-seen":
            return GraphNode(key, "Not visible to you", "", "outside", edges=edges)
        if key == _WHOLE:
            return GraphNode(key, "Whole organization", "", "outside", edges=edges)
        if key.startswith("from-"):
            label, detail = _OUTSIDE[key.removeprefix("from-")]
            return GraphNode(key, label, detail, "outside", edges=edges)
        parent = self.boxes.parent_of(key)
        if key.endswith(":more"):
            return GraphNode(key, "Other accounts", "", "more", parent, edges=edges)
        is_account = key in self.boxes.parents
        unit = self.boxes.tree.by_id.get(key)
        label = self.names.get(key, key) if is_account else unit.name if unit else key
        accounts = counted(unit.accounts, "account,accounts") if unit else ""
        return GraphNode(
            key=key,
            label=label,
            detail="account" if is_account else accounts,
            kind="account" if is_account else "unit",
            parent=parent,
            opens=True,
            is_open=key in (self.accounts if is_account else self.boxes.opened),
            edges=edges,
        )

    def _at_places(self, nodes: Mapping[str, GraphNode]) -> list[GraphNode]:
        made = {key: LayoutBox(key) for key in nodes}
        order = sorted(nodes.values(), key=self._order)
        for node in order:
            if node.parent:
                made[node.parent].children.append(made[node.key])
        tops = [made[node.key] for node in order if not node.parent]
        outside = [box for box in tops if nodes[box.key].kind == "outside"]
        places = positions(outside, [box for box in tops if box not in outside])
        found = []
        for node in order:
            x, y = places.get(node.key, (None, None))
            found.append(replace(node, x=x, y=y))
        return found

    def _order(self, node: GraphNode) -> tuple[int, str, str]:
        outside = [f"from-{one}" for one in Crossing.values]
        rank = outside.index(node.key) if node.key in outside else len(outside)
        return (rank, node.label.casefold(), node.key)
