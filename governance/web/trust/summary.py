"""Counts of edges by crossing, and which edges of each have a finding: once for each state.

At 200,000 edges these counts take most of a second; every page of one state shows the same.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.http import QueryDict

from governance.contracts.models import ContractMatch, TrustContract
from governance.posture.state.process_cache import ProcessCache
from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.selectors import trust_edges, trust_findings
from governance.presentation.trust_wording import provider_name
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.contract_labels import count_without_contract
from governance.web.trust.reading import OUTSIDE, is_within_kind
from inventory.models import Connection
from inventory.viewing import visible_key
from policies.trust import TrustSeverity

_KEPT: Final = 48
_NOTED: Final = 4
_BAD: Final = (TrustSeverity.CRITICAL, TrustSeverity.HIGH)
_SEVERITIES: Final = tuple(str(each) for each in TrustSeverity)
# What of an address does not say which edges are shown.
_APART: Final = {"edge", "fold", "unfold", "group", "start", "open", "format", "page"}

Crossing = TrustEdge.Crossing


@dataclass(frozen=True, slots=True)
class CrossingSummary:
    """Counts of some edges. Shared: never change it.

    `worst`: by crossing, the keys of the edges with a finding, the worst first. `bad`: how many
    of them have a critical or high one. `notes`: what the head of a group adds.
    """

    edges: Mapping[str, int]
    within: int
    blocked: int
    worst: Mapping[str, Sequence[int]] = field(default_factory=dict)
    bad: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All edges that are counted, those within accounts left out."""
        return sum(self.edges.values())

    @property
    def outside(self) -> int:
        """How many come from outside the organization."""
        return sum(self.edges.get(crossing, 0) for crossing in OUTSIDE)


StateKey = tuple[Hashable, ...]
_STATE: Final = "_trust_state"
_summaries: Final[ProcessCache[StateKey, CrossingSummary]] = ProcessCache(most=_KEPT)


def all_edges(page: ConnectionPage) -> CrossingSummary:
    """Count all edges that somebody may see, without what only the table shows."""
    key = (*state_of(page), "all")
    edges = trust_edges(page.viewer, connection=page.connection, as_of=page.as_of)
    return _summaries.get(key, lambda: _counted(edges, with_within=False))


def filtered_edges(
    page: ConnectionPage, edges: "QuerySet[TrustEdge]", query: QueryDict, *, with_within: bool
) -> CrossingSummary:
    """Count the edges that an address asks for. `edges`: those; `with_within`: of accounts, too."""
    asked = tuple(sorted((k, *v) for k, v in query.lists() if k not in _APART))
    key = (*state_of(page), asked, with_within)
    findings = trust_findings(page.viewer, connection=page.connection, as_of=page.as_of)
    return _summaries.get(key, lambda: _summary(edges, findings, with_within=with_within))


def state_of(page: ConnectionPage) -> StateKey:
    """Return what is equal where a page counts the same; read once for each page."""
    found: StateKey | None = page.__dict__.get(_STATE)
    if found is None:
        viewer, connection = page.viewer, page.connection
        found = (connection.pk, visible_key(viewer, connection), page.as_of, *_marks(connection))
        page.__dict__[_STATE] = found
    return found


def _marks(connection: Connection) -> StateKey:
    """Return what differs once edges, findings, contracts or what they cover differ."""
    of_edges, of_findings = (
        model._default_manager.filter(connection=connection) for model in (TrustEdge, TrustFinding)
    )
    return (
        *(_last(rows, "pk") for rows in (of_edges, of_findings)),
        *(
            _last(rows.filter(seen_until__isnull=False), "seen_until")
            for rows in (of_edges, of_findings)
        ),
        _last(TrustContract.objects.filter(connection=connection), "updated_at"),
        _last(ContractMatch.objects.filter(connection=connection), "pk"),
        _last(
            ContractMatch.objects.filter(connection=connection, matched_until__isnull=False),
            "matched_until",
        ),
    )


def _last(rows: "QuerySet[Any]", column: str) -> Hashable:
    found: Hashable = rows.order_by(f"-{column}").values_list(column, flat=True).first()
    return found


def _counted(edges: "QuerySet[TrustEdge]", *, with_within: bool) -> CrossingSummary:
    columns = ("crossing", "source", "state")
    rows = edges.order_by().values_list(*columns).annotate(total=Count("pk"))
    by_crossing: Counter[str] = Counter()
    within = blocked = 0
    for crossing, source, state, total in rows.values_list(*columns, "total"):
        is_inside = is_within_kind(crossing, source)
        within += total if is_inside else 0
        if with_within or not is_inside:
            by_crossing[crossing] += total
            blocked += total if state == TrustEdge.EdgeState.BLOCKED else 0
    return CrossingSummary(by_crossing, within, blocked)


def _summary(
    edges: "QuerySet[TrustEdge]", findings: "QuerySet[TrustFinding]", *, with_within: bool
) -> CrossingSummary:
    counts = _counted(edges, with_within=with_within)
    ranks: dict[str, int] = {}
    for key, severity in findings.exclude(edge_key="").values_list("edge_key", "severity"):
        rank = _SEVERITIES.index(severity)
        ranks[key] = min(rank, ranks.get(key, rank))
    ranked: dict[str, list[tuple[int, str, int]]] = {}
    found = edges.filter(key__in=findings.exclude(edge_key="").values("edge_key"))
    for pk, key, crossing, account_id in found.order_by().values_list(
        "pk", "key", "crossing", "account_id"
    ):
        ranked.setdefault(crossing, []).append((ranks.get(key, len(_SEVERITIES)), account_id, pk))
    return CrossingSummary(
        edges=counts.edges,
        within=counts.within,
        blocked=counts.blocked,
        worst={key: tuple(pk for _, _, pk in sorted(rows)) for key, rows in ranked.items()},
        bad={key: sum(rank < len(_BAD) for rank, _, _ in rows) for key, rows in ranked.items()},
        notes={
            Crossing.FEDERATED: _noted(edges, Crossing.FEDERATED, "provider"),
            Crossing.VENDOR: _noted(edges, Crossing.VENDOR, "vendor"),
        },
    )


def _noted(edges: "QuerySet[TrustEdge]", crossing: str, column: str) -> str:
    rows = edges.filter(crossing=crossing).order_by().values_list(column)
    counted = rows.annotate(total=Count("pk")).order_by("-total", column)
    named = provider_name if column == "provider" else str
    said = [
        f"{named(value)} {total:,}"
        for value, total in counted.values_list(column, "total")[: _NOTED + 1]
        if value
    ]
    return ", ".join(said[:_NOTED]) + (" and others" if len(said) > _NOTED else "")


def usable(totals: CrossingSummary) -> int:
    """Count the edges that a contract would declare: those that somebody may use."""
    return totals.total - totals.edges.get(Crossing.NONE, 0)


def line_of(page: ConnectionPage, totals: CrossingSummary) -> str:
    """Say the counts in one line under the title."""
    without_contract = count_without_contract(page, usable(totals))
    edges = "1 edge crosses" if totals.total == 1 else f"{totals.total:,} edges cross"
    outside = "1 comes" if totals.outside == 1 else f"{totals.outside:,} come"
    parts = [
        f"{edges} an account boundary",
        f"{outside} from outside",
        f"{totals.blocked:,} blocked",
    ]
    if without_contract is not None:
        parts.append(f"{without_contract:,} without a contract")
    return " · ".join(parts)
