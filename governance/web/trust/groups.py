"""Edges grouped by what they cross, the worst first, each group folded to its first rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import QueryDict

from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.selectors import trust_findings
from governance.presentation.trust_wording import (
    EdgeEnd,
    edge_source,
    edge_target,
    guard_words,
    state_words,
)
from governance.web.parts.filters import address
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.contract_labels import ContractLabel, contract_labels
from governance.web.trust.summary import CrossingSummary
from policies.trust import TrustSeverity

SHOWN_FIRST: Final = 3
SHOWN_MORE: Final = 50
BAD: Final = Q(severity__in=(TrustSeverity.CRITICAL, TrustSeverity.HIGH))

Crossing = TrustEdge.Crossing

# What stands in the group's head where its counts by provider or vendor do not.
_NOTES: Final[Mapping[str, str]] = {
    Crossing.PUBLIC: "everyone",
    Crossing.EXTERNAL: "accounts outside that no vendor list names",
    Crossing.ENVIRONMENT: "other environments into production",
    Crossing.NONE: "principals that no longer exist",
}


@dataclass(frozen=True, slots=True)
class ShownEdge:
    """An edge as a row. `severity`: of its worst finding, empty where it has none."""

    edge: TrustEdge
    source: EdgeEnd
    target: EdgeEnd
    guards: str
    state: str
    state_look: str
    severity: str
    contract: ContractLabel


@dataclass(frozen=True, slots=True)
class CrossingGroup:
    """The edges of one crossing. `findings`: how many have one; `bad`: a critical or high one.

    `toggle_href` opens or folds it; `more`: how many rows are not shown, had from `more_href`;
    `only_href` shows this group alone.
    """

    key: str
    label: str
    note: str
    count: int
    findings: int
    bad: int
    is_open: bool
    toggle_href: str
    more: int
    more_href: str
    only_href: str


def with_findings(findings: "QuerySet[TrustFinding]") -> Any:
    """Return the keys of edges that have a finding, as a subquery."""
    return findings.exclude(edge_key="").values("edge_key")


def of_crossing(edges: "QuerySet[TrustEdge]", crossing: str) -> "QuerySet[TrustEdge]":
    """Keep the edges of one crossing, by the index that begins with its rank."""
    return edges.filter(crossing=crossing, crossing_rank=Crossing.values.index(crossing))


def worst_first(
    edges: "QuerySet[TrustEdge]",
    worst: Sequence[int],
    findings: "QuerySet[TrustFinding]",
    *,
    start: int,
    most: int,
) -> list[TrustEdge]:
    """Return some edges of a list in which those with the worst findings come first.

    `worst`: the primary keys of those with a finding, in their order.
    """
    chosen = worst[start : start + most]
    by_key = edges.in_bulk(list(chosen)) if chosen else {}
    found = [by_key[pk] for pk in chosen if pk in by_key]
    if len(chosen) == most:
        return found
    after = max(0, start - len(worst))
    others = edges.exclude(key__in=with_findings(findings))
    rest = others.order_by("crossing_rank", "resource_name", "key")
    return found + list(rest[after : after + most - len(chosen)])


def worst_of(edges: "QuerySet[TrustEdge]", findings: "QuerySet[TrustFinding]") -> list[int]:
    """Return the primary keys of the few edges of a list that have a finding, the worst first."""
    keys = dict(edges.filter(key__in=with_findings(findings)).values_list("key", "pk"))
    order = [str(each) for each in TrustSeverity]
    worst = severities(findings, keys)
    return [keys[key] for key in sorted(worst, key=lambda one: (order.index(worst[one]), one))]


def names_of(edges: Sequence[TrustEdge]) -> dict[str, str]:
    """Return the names of the accounts at both ends of edges, as selectors annotate them."""
    names = {}
    for edge in edges:
        for account_id, name in (
            (edge.account_id, getattr(edge, "account_name", None)),
            (edge.principal_account_id, getattr(edge, "principal_account_name", None)),
        ):
            if name:
                names[account_id] = str(name)
    return names


def shown_edges(page: ConnectionPage, edges: Sequence[TrustEdge]) -> list[ShownEdge]:
    """Return rows of the table: one query for the findings of all, one for their contracts."""
    names = names_of(edges)
    findings = trust_findings(page.viewer, connection=page.connection, as_of=page.as_of)
    worst = severities(findings, [edge.key for edge in edges])
    contracts = contract_labels(page, edges)
    return [
        ShownEdge(
            edge=edge,
            source=edge_source(edge, names),
            target=edge_target(edge, names),
            guards=guard_words(edge),
            state=state_words(edge),
            state_look=state_look_of(edge, worst.get(edge.key, "")),
            severity=worst.get(edge.key, ""),
            contract=contracts[edge.key],
        )
        for edge in edges
    ]


def severities(findings: "QuerySet[TrustFinding]", keys: Collection[str]) -> dict[str, str]:
    """Return the worst severity by edge; edges without a finding are absent."""
    order = {str(each): rank for rank, each in enumerate(TrustSeverity)}
    worst: dict[str, str] = {}
    rows = findings.filter(edge_key__in=keys).values_list("edge_key", "severity")
    for key, severity in rows:
        if key not in worst or order[severity] < order[worst[key]]:
            worst[key] = severity
    return worst


def severities_of(findings: Sequence[TrustFinding]) -> str:
    """Return the worst severity of some findings, empty where there is none."""
    order = [str(each) for each in TrustSeverity]
    return min((one.severity for one in findings), key=order.index, default="")


def state_look_of(edge: TrustEdge, severity: str) -> str:
    """Return the key of the look: an open edge is red only where something is wrong with it."""
    if edge.state == TrustEdge.EdgeState.OPEN:
        is_bad = severity in (TrustSeverity.CRITICAL, TrustSeverity.HIGH)
        return "trust_open_bad" if is_bad else "trust_open"
    return f"trust_{edge.state}"


def crossing_groups(
    edges: "QuerySet[TrustEdge]",
    findings: "QuerySet[TrustFinding]",
    counts: CrossingSummary,
    *,
    query: QueryDict,
) -> list[tuple[CrossingGroup, list[TrustEdge]]]:
    """Return the groups with the edges that they show first; `ShownEdge`s are made of them at once.

    Groups with findings are open unless the address folds them (`fold`), others only where it
    opens them (`unfold`).
    """
    folded, unfolded = set(query.getlist("fold")), set(query.getlist("unfold"))
    found = []
    for crossing in Crossing:
        count = counts.edges.get(crossing, 0)
        if not count:
            continue
        worst = counts.worst.get(crossing, ())
        is_open = crossing in unfolded or (bool(worst) and crossing not in folded)
        rows: list[TrustEdge] = []
        if is_open:
            here = of_crossing(edges, crossing)
            rows = worst_first(here, worst, findings, start=0, most=SHOWN_FIRST)
        group = CrossingGroup(
            key=crossing.value,
            label=str(crossing.label),
            note=counts.notes.get(crossing) or _NOTES.get(crossing, ""),
            count=count,
            findings=len(worst),
            bad=counts.bad.get(crossing, 0),
            is_open=is_open,
            toggle_href=_toggled(query, crossing.value, is_open),
            more=count - len(rows) if is_open else 0,
            more_href=address(query, group=crossing.value, start=str(len(rows))),
            only_href=address(query, crossing=crossing.value),
        )
        found.append((group, rows))
    return found


def _toggled(query: QueryDict, crossing: str, is_open: bool) -> str:
    changed = query.copy()
    adds, drops = ("fold", "unfold") if is_open else ("unfold", "fold")
    changed.setlist(drops, [one for one in changed.getlist(drops) if one != crossing])
    changed.setlist(adds, [*(one for one in changed.getlist(adds) if one != crossing), crossing])
    return f"?{changed.urlencode()}"
