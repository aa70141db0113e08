"""Which contract covers an edge, as the table, the picture and the panel show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from governance.access import rights
from governance.contracts.directory import ContractDirectory
from governance.contracts.matches import (
    contract_of_edges,
    matches_are_known,
    nearest_contract,
    with_contract,
)
from governance.contracts.models import TrustContract
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import trust_edges
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.reading import WITHIN, is_within


@dataclass(frozen=True, slots=True)
class ContractLabel:
    """The contract of an edge. `label`: C-17, empty where it has none; `is_known` False: not known.

    `is_needed`: whether the edge crosses something that a contract would declare.
    """

    label: str = ""
    href: str = ""
    is_known: bool = True
    is_needed: bool = True


def contracts_are_known(page: ConnectionPage) -> bool:
    """Whether it can be told what contracts covered at the time looked at, by who looks."""
    may_see = page.may(rights.VIEW_CONTRACTS, None)
    return may_see and matches_are_known(page.connection, page.as_of)


def covered_edges(
    page: ConnectionPage, edges: "QuerySet[TrustEdge]"
) -> "QuerySet[TrustEdge] | None":
    """Keep the edges that a contract in force covers; None: not known."""
    if not contracts_are_known(page):
        return None
    return with_contract(edges, page.connection, as_of=page.as_of)


def count_without_contract(page: ConnectionPage, total: int) -> int | None:
    """Count the edges across accounts that no contract covers; None: not known.

    `total`: how many edges cross an account boundary and can be used.
    """
    if not contracts_are_known(page):
        return None
    edges = trust_edges(page.viewer, connection=page.connection, as_of=page.as_of)
    usable = edges.exclude(WITHIN).exclude(crossing=TrustEdge.Crossing.NONE)
    return total - with_contract(usable, page.connection, as_of=page.as_of).order_by().count()


def contract_labels(page: ConnectionPage, edges: Sequence[TrustEdge]) -> dict[str, ContractLabel]:
    """Return the contract of each edge by its key, in one query."""
    if not contracts_are_known(page):
        return {edge.key: ContractLabel(is_known=False) for edge in edges}
    found = contract_of_edges(page.connection, edges, as_of=page.as_of)
    return {
        edge.key: ContractLabel(str(found[edge.key]), contract_href(page, found[edge.key]))
        if edge.key in found
        else ContractLabel(is_needed=_is_needed(edge))
        for edge in edges
    }


def _is_needed(edge: TrustEdge) -> bool:
    """Whether a contract would declare the edge: somebody may use it, across accounts."""
    return edge.crossing != TrustEdge.Crossing.NONE and not is_within(edge)


def contract_href(page: ConnectionPage, contract: TrustContract) -> str:
    """Return the address of a contract's page, empty where there is none."""
    try:
        return reverse(
            "contract", kwargs={"slug": page.connection.slug, "contract_number": contract.number}
        )
    except NoReverseMatch:
        return ""


def contract_of_panel(page: ConnectionPage, edge: TrustEdge) -> dict[str, Any]:
    """Return what the panel says of the contract: its own, or the nearest and what differs."""
    label = contract_labels(page, [edge])[edge.key]
    shown: dict[str, Any] = {"label": label, "nearest": None, "adopt_href": ""}
    if page.as_of is not None or not label.is_known or label.label or not label.is_needed:
        return shown
    near = nearest_contract(edge, ContractDirectory(page.connection))
    if near is not None:
        contract, differs = near
        shown["nearest"] = {
            "label": str(contract),
            "href": contract_href(page, contract),
            "purpose": contract.purpose,
            "until": contract.until,
            "differs": [one.reason for one in differs],
        }
    if page.may(rights.DECLARE_CONTRACT, edge.account_id):
        try:
            adopt = reverse("contract-declare", kwargs={"slug": page.connection.slug})
            shown["adopt_href"] = f"{adopt}?edge={edge.key}"
        except NoReverseMatch:
            shown["adopt_href"] = ""
    return shown
