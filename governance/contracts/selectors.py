"""Reads of contracts: the list, one of them, the edges that it covers."""

from collections.abc import Collection
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from governance.contracts.changing import State
from governance.contracts.directory import ContractDirectory
from governance.contracts.matches import CROSSINGS_WITHIN, edges_matching
from governance.contracts.models import ContractMatch, TrustContract
from governance.contracts.terms import ContractTerms
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import trust_edges
from inventory.models import Connection
from inventory.viewing import Viewer, visible


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
) -> "QuerySet[TrustContract]":
    """Return the contracts that a viewer may see, the latest first, each with `edge_count`.

    `words`: in the purpose, or an id, ARN or name of either end; `C-17` finds that one.
    `ends_within_days`: active ones whose last day is that near, counted from `today`.
    """
    rows = visible(TrustContract.objects.all(), viewer).filter(connection=connection)
    if states:
        rows = rows.filter(state__in=states)
    if declared_by_id is not None:
        rows = rows.filter(declared_by_id=declared_by_id)
    if waiting_for_id is not None:
        rows = rows.filter(waiting_for__contains=[waiting_for_id])
    if target_id:
        rows = rows.filter(target_ids__contains=[target_id])
    if ends_within_days is not None and today is not None:
        rows = rows.filter(state=State.ACTIVE, until__lte=today + timedelta(days=ends_within_days))
    if words:
        rows = rows.filter(with_words(words.strip()))
    return (
        rows.select_related("declared_by", "replaces")
        .annotate(edge_count=Count("matches"))
        .order_by("-number")
    )


def with_words(words: str) -> Q:
    """Return the condition on contracts whose purpose or ends have words, or with the number."""
    number = words.upper().removeprefix("C-")
    found = Q(purpose__icontains=words) | Q(source__value__icontains=words)
    found |= Q(target__value__icontains=words) | Q(source__tenant__icontains=words)
    if number.isdecimal() and len(number) < 10:
        found |= Q(number=int(number))
    return found


def contract_find(viewer: Viewer, *, connection: Connection, number: int) -> TrustContract | None:
    """Return one contract, None where the viewer sees none of that number."""
    if number > 2**31 - 1:
        return None
    return contracts(viewer, connection=connection).filter(number=number).first()


def contract_edges(
    viewer: Viewer, contract: TrustContract, *, directory: ContractDirectory | None = None
) -> "QuerySet[TrustEdge]":
    """Return the edges that a contract covers, or would cover once it is active."""
    connection = contract.connection
    if contract.state == State.ACTIVE:
        keys = list(
            ContractMatch.objects.filter(contract=contract).values_list("edge_key", flat=True)
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


def contract_counts(viewer: Viewer, *, connection: Connection) -> dict[str, int]:
    """Return how many contracts there are that a viewer may see, by state."""
    rows = visible(TrustContract.objects.all(), viewer).filter(connection=connection)
    return dict(rows.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n"))


def contracts_waiting(
    viewer: Viewer, *, user: User, connection: Connection
) -> "QuerySet[TrustContract]":
    """Return the contracts that wait for a person."""
    return contracts(viewer, connection=connection, waiting_for_id=user.pk)
