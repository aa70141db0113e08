"""Reads of contracts: the list, one of them, the edges that it covers."""

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from governance.approvals.agreements.changing import State
from governance.approvals.agreements.selectors import agreements, numbered, with_number
from governance.contracts.directory import ContractDirectory
from governance.contracts.kind import CONTRACT
from governance.contracts.matches import (
    CROSSINGS_WITHIN,
    contracts_in_force,
    edges_matching,
    matching_at,
)
from governance.contracts.models import ContractMatch, TrustContract
from governance.contracts.terms import ContractTerms
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import trust_edges
from inventory.models import Connection
from inventory.viewing import Viewer


def contracts(
    viewer: Viewer,
    *,
    connection: Connection,
    states: Collection[str] = (),
    words: str = "",
    target_id: str = "",
    declared_by_id: int | None = None,
    waiting_for_id: int | None = None,
    ends_within_days: int | None = None,
    today: date | None = None,
    as_of: datetime | None = None,
) -> "QuerySet[TrustContract]":
    """Return the contracts that a viewer may see, the latest first, each with `edge_count`.

    `as_of`: only those that were in force then, with what they covered then; None: all, now.
    `words`: in the purpose, or an id, ARN or name of either end; `C-17` finds that one.
    `ends_within_days`: active ones whose last day is that near, counted from `today`.
    """
    rows = agreements(
        CONTRACT,
        viewer,
        connection=connection,
        states=states,
        target_id=target_id,
        waiting_for_id=waiting_for_id,
        ends_within_days=ends_within_days,
        today=today,
    )
    if declared_by_id is not None:
        rows = rows.filter(declared_by_id=declared_by_id)
    if as_of is not None:
        rows = rows.filter(pk__in=contracts_in_force(connection, as_of))
    if words:
        rows = rows.filter(with_words(words.strip()))
    return (
        rows.select_related("declared_by", "replaces")
        .annotate(edge_count=Count("matches", filter=matching_at(as_of, prefix="matches__")))
        .order_by("-number")
    )


def with_words(words: str) -> Q:
    """Return the condition on contracts whose purpose or ends have words, or with the number."""
    found = Q(purpose__icontains=words) | Q(source__value__icontains=words)
    found |= Q(target__value__icontains=words) | Q(source__tenant__icontains=words)
    return found | with_number(words, "C-")


def contract_find(viewer: Viewer, *, connection: Connection, number: int) -> TrustContract | None:
    """Return one contract, None where the viewer sees none of that number."""
    return numbered(contracts(viewer, connection=connection), number)


def contract_edges(
    viewer: Viewer, contract: TrustContract, *, directory: ContractDirectory | None = None
) -> "QuerySet[TrustEdge]":
    """Return the edges that a contract covers, or would cover once it is active."""
    connection = contract.connection
    if contract.state == State.ACTIVE:
        keys = list(
            ContractMatch.objects.filter(matching_at(None), contract=contract).values_list(
                "edge_key", flat=True
            )
        )
    elif contract.state in (State.DRAFT, State.PROPOSED, State.REJECTED):
        keys = edge_keys_of_terms(
            viewer, contract.terms, directory or ContractDirectory(connection)
        )
    else:
        keys = []
    rows = trust_edges(viewer, connection=connection).filter(key__in=keys)
    return rows.order_by("crossing_rank", "resource_name", "key")


def edge_keys_of_terms(
    viewer: Viewer, terms: ContractTerms, directory: ContractDirectory
) -> list[str]:
    """Return the keys of the edges, of those that a viewer may see, that terms would cover."""
    rows = trust_edges(viewer, connection=directory.connection).exclude(
        crossing__in=CROSSINGS_WITHIN
    )
    return [edge.key for edge in edges_matching(terms, rows, directory)]
