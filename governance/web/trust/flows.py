"""The picture of crossings: from where to where edges lead, and how many have no contract."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, QuerySet
from django.http import QueryDict

from governance.posture.trust.models import TrustEdge
from governance.web.parts.charts import Chart, chart_layout, step_of
from governance.web.parts.filters import address
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.places import TrustPlaces
from inventory.selectors.accounts import account_parents
from inventory.selectors.trees import unit_tree

Crossing = TrustEdge.Crossing

# Where an edge comes from that does not come from an account of the organization.
_FROM_OUTSIDE: Final[Mapping[str, str]] = {
    Crossing.PUBLIC: "Public",
    Crossing.EXTERNAL: "Unknown external",
    Crossing.VENDOR: "Known vendors",
    Crossing.FEDERATED: "Federated",
    Crossing.SERVICE: "AWS services",
    Crossing.NONE: "Deleted principals",
}
# Room for the names beside the picture.
_MARGIN: Final = {"l": 150, "r": 150, "t": 8, "b": 8}
_WHOLE: Final = "Whole organization"
_NOT_SEEN: Final = "not-seen"


@dataclass(frozen=True, slots=True)
class FlowEnd:
    """An end of a band. `filters`: what the address gets when somebody chooses it."""

    key: str
    label: str
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrustFlow:
    """A band. `uncovered`: edges without a contract; None: not known."""

    source: FlowEnd
    target: FlowEnd
    edges: int
    uncovered: int | None


def trust_places(page: ConnectionPage, edges: "QuerySet[TrustEdge]") -> TrustPlaces:
    """Choose the OUs by which edges are summed up."""
    counts: Counter[str] = Counter()
    for column in ("account_id", "principal_account_id"):
        rows = edges.order_by().values_list(column).annotate(total=Count("pk"))
        for account_id, total in rows.values_list(column, "total"):
            counts[account_id] += total
    tree = unit_tree(page.viewer, connection=page.connection, as_of=page.as_of).tree
    parents = account_parents(page.viewer, connection=page.connection, as_of=page.as_of)
    return TrustPlaces(tree, parents, counts)


def trust_flows(
    edges: "QuerySet[TrustEdge]",
    places: TrustPlaces,
    *,
    covered: "QuerySet[TrustEdge] | None",
) -> list[TrustFlow]:
    """Sum edges up by where they come from and lead to; the order is that of the picture.

    `covered`: those of them that have a contract; None: not known.
    """
    total = _by_ends(edges, places)
    with_contract = Counter[_Ends]() if covered is None else _by_ends(covered, places)
    order = [*(f"from-{one}" for one in Crossing.values), _WHOLE, _NOT_SEEN]
    order += [one.target_id for one in places.places]
    flows = [
        TrustFlow(*ends, count, None if covered is None else count - with_contract[ends])
        for ends, count in total.items()
    ]
    return sorted(flows, key=lambda one: (order.index(one.source.key), order.index(one.target.key)))


_Ends = tuple[FlowEnd, FlowEnd]


def _by_ends(edges: "QuerySet[TrustEdge]", places: TrustPlaces) -> Counter[_Ends]:
    columns = ("crossing", "principal_account_id", "account_id")
    rows = edges.order_by().values_list(*columns).annotate(total=Count("pk"))
    found: Counter[_Ends] = Counter()
    for crossing, source_id, target_id, total in rows.values_list(*columns, "total"):
        target = places.of_account(target_id)
        end = (
            FlowEnd(_NOT_SEEN, "Not visible to you", ())
            if target is None
            else FlowEnd(target.target_id, target.label, _filter("to", target.target_id))
        )
        found[_source(crossing, source_id, places), end] += total
    return found


def _source(crossing: str, account_id: str, places: TrustPlaces) -> FlowEnd:
    if crossing in _FROM_OUTSIDE:
        return FlowEnd(f"from-{crossing}", _FROM_OUTSIDE[crossing], (("crossing", crossing),))
    if not account_id:
        return FlowEnd(_WHOLE, _WHOLE, (("principal_kind", "organization"),))
    place = places.of_account(account_id)
    if place is None:
        return FlowEnd(_NOT_SEEN, "Not visible to you", ())
    return FlowEnd(place.target_id, place.label, _filter("comes_from", place.target_id))


def _filter(name: str, target_id: str) -> tuple[tuple[str, str], ...]:
    """Return the filter by an OU; the root's would keep all, not what lies directly under it."""
    return () if target_id.startswith("r-") else ((name, target_id),)


# Of a label of 11 px: a character's width, and what stands beside it.
_CHARACTER: Final = 6
_BESIDE_LABEL: Final = 12
_MOST_ROOM: Final = 280
_FILTERS: Final = ("crossing", "comes_from", "to", "principal_kind", "edge")


def flow_href(query: QueryDict, *ends: FlowEnd) -> str:
    """Return the address that filters the table by one or both ends of a band."""
    changes: dict[str, str | None] = dict.fromkeys(_FILTERS)
    for end in ends:
        changes |= dict(end.filters)
    return address(query, **changes)


def flow_chart(flows: Sequence[TrustFlow], query: QueryDict) -> Chart:
    """Draw the bands: width is edges, colour the share without a contract."""
    sources = list(dict.fromkeys(flow.source for flow in flows))
    targets = list(dict.fromkeys(flow.target for flow in flows))
    targets.sort(key=lambda end: min(i for i, f in enumerate(flows) if f.target == end))
    outgoing: Counter[FlowEnd] = Counter()
    incoming: Counter[FlowEnd] = Counter()
    for flow in flows:
        outgoing[flow.source] += flow.edges
        incoming[flow.target] += flow.edges
    is_known = all(flow.uncovered is not None for flow in flows)
    selected = [_is_selected(flow, query) for flow in flows]
    labels = [f"{end.label}  {outgoing[end]:,}" for end in sources]
    labels += [f"{end.label}  {incoming[end]:,}" for end in targets]
    trace = {
        "type": "sankey",
        "arrangement": "fixed",
        "orientation": "h",
        "hoverinfo": "none",
        # Outlined by the page: Plotly gives all bands one line.
        "meta": {"selected": [number for number, one in enumerate(selected) if one]},
        "textfont": {"size": 11, "color": "var(--ow-ink)"},
        "node": {
            "label": labels,
            "color": ["var(--ow-ink-3)"] * len(labels),
            "line": {"width": 0},
            "thickness": 6,
            "pad": 10,
            "hoverinfo": "none",
            "customdata": [flow_href(query, end) for end in (*sources, *targets)],
        },
        "link": {
            "source": [sources.index(flow.source) for flow in flows],
            "target": [len(sources) + targets.index(flow.target) for flow in flows],
            "value": [flow.edges for flow in flows],
            "color": [_colour(flow) for flow in flows],
            "line": {"width": 0},
            "hoverinfo": "none",
            "customdata": [
                [
                    flow_href(query, flow.source, flow.target),
                    f"{flow.source.label} to {flow.target.label}",
                    _counted(flow.edges),
                    _said(flow),
                ]
                for flow in flows
            ],
        },
    }
    total = sum(flow.edges for flow in flows)
    return Chart(
        key="crossings",
        title="Crossings",
        figure={
            "data": [trace],
            "layout": chart_layout(
                margin={
                    "l": _room(labels[: len(sources)], least=150),
                    "r": _room(labels[len(sources) :], least=130),
                    "t": 8,
                    "b": 8,
                }
            ),
        },
        said="Width: edges. Colour: share of edges without a contract. Select a band to filter the "
        "table."
        if is_known
        else "Width: edges. Select a band to filter the table. Contracts aren't known.",
        heads=("From and to", "Edges", "Without a contract"),
        rows=tuple(
            (
                (
                    f"{flow.source.label} to {flow.target.label}",
                    flow_href(query, flow.source, flow.target),
                ),
                flow.edges,
                _said(flow),
            )
            for flow in flows
        ),
        low="0 %" if is_known else "",
        high="100 % without a contract" if is_known else "",
        has_unknown=not is_known and bool(total),
        is_explored=True,
    )


def _room(labels: Sequence[str], *, least: int) -> int:
    """Return how many pixels labels take beside the picture."""
    longest = max((len(label) for label in labels), default=0)
    return min(max(least, longest * _CHARACTER + _BESIDE_LABEL), _MOST_ROOM)


def _counted(edges: int) -> str:
    return "1 edge" if edges == 1 else f"{edges:,} edges"


def _said(flow: TrustFlow) -> str:
    if flow.uncovered is None:
        return "contract not known"
    return f"{flow.uncovered:,} without a contract"


def _colour(flow: TrustFlow) -> str:
    if flow.uncovered is None:
        return "var(--ow-track)"
    return f"var(--ow-seq-{step_of(flow.uncovered / flow.edges, 1.0)})"


def _is_selected(flow: TrustFlow, query: QueryDict) -> bool:
    wanted = (*flow.source.filters, *flow.target.filters)
    return bool(wanted) and all(value in query.getlist(name) for name, value in wanted)
