"""Which edges active contracts cover: worked out once, and read by tables and findings."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from governance.approvals.agreements.changing import State
from governance.contracts.directory import ContractDirectory
from governance.contracts.matching import TermsMismatch, TermsPart, contract_covers, mismatches
from governance.contracts.models import ContractMatch, ContractMatching, TrustContract
from governance.contracts.terms import ContractTerms
from governance.posture.trust.models import TrustEdge
from inventory.digests import sha256
from inventory.models import Connection

CROSSINGS_WITHIN: Final = (TrustEdge.Crossing.ACCOUNT, TrustEdge.Crossing.NONE)
"""The crossings that leave no account; contracts are about the others."""

_Pair = tuple[int, str]
# Which differs least: a wrong source or target weighs more than a missing guard.
_WEIGHT: Final[Mapping[TermsPart, int]] = {
    TermsPart.TARGET: 4,
    TermsPart.SOURCE: 3,
    TermsPart.ACTIONS: 2,
    TermsPart.GUARDS: 1,
}


def crossing_edges(
    connection: Connection, *, as_of: datetime | None = None
) -> "QuerySet[TrustEdge]":
    """Return the edges that leave an account; what limits a viewer is the caller's to add."""
    return (
        TrustEdge.objects.as_of(as_of)
        .filter(connection=connection)
        .exclude(crossing__in=CROSSINGS_WITHIN)
    )


@transaction.atomic
def matches_refresh(
    connection: Connection, *, moment: datetime, directory: ContractDirectory | None = None
) -> int:
    """Work out again which edges the active contracts cover; return how many pairs there are.

    One at a time for an organization; what stays as it is is not written. `moment`: when the
    versions of the edges begin of which it is asked.
    """
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    ContractMatching.objects.get_or_create(connection=connection, defaults={"known_from": moment})
    contracts = list(active_contracts(connection))
    found: set[_Pair] = set()
    if contracts:
        known = directory or ContractDirectory(connection)
        terms = [(contract.pk, contract.terms) for contract in contracts]
        for edge in crossing_edges(connection).iterator(chunk_size=2000):
            crossing = known.facts(edge)
            found.update(
                (contract_id, edge.key)
                for contract_id, agreed in terms
                if contract_covers(agreed, crossing)
            )
    began = {contract.pk: contract.decided_at or moment for contract in contracts}
    stored = ContractMatch.objects.filter(connection=connection)
    _replace(connection, stored, found, moment=moment, began=began)
    return len(found)


@transaction.atomic
def contract_matches_refresh(contract: TrustContract, *, moment: datetime) -> int:
    """Work out which edges one contract covers, none unless it is active; return how many."""
    connection = contract.connection
    ContractMatching.objects.get_or_create(connection=connection, defaults={"known_from": moment})
    found: set[_Pair] = set()
    if contract.state == State.ACTIVE:
        directory = ContractDirectory(connection)
        edges = edges_matching(contract.terms, crossing_edges(connection), directory)
        found = {(contract.pk, edge.key) for edge in edges}
    stored = ContractMatch.objects.filter(contract=contract)
    _replace(connection, stored, found, moment=moment, began={contract.pk: moment})
    return len(found)


def _replace(
    connection: Connection,
    stored: "QuerySet[ContractMatch]",
    found: set[_Pair],
    *,
    moment: datetime,
    began: Mapping[int, datetime],
) -> None:
    """Bring the pairs of `stored` that hold up to what is found.

    A pair begins at `moment`, and never before its contract does, which `began` tells.
    """
    held = {
        (contract_id, edge_key): key
        for key, contract_id, edge_key in stored.filter(matched_until__isnull=True).values_list(
            "pk", "contract_id", "edge_key"
        )
    }
    gone = stored.filter(pk__in=[key for pair, key in held.items() if pair not in found])
    gone.filter(matched_from__gte=moment).delete()
    gone.update(matched_until=moment)
    ContractMatch.objects.bulk_create(
        [
            ContractMatch(
                connection=connection,
                contract_id=contract_id,
                edge_key=edge_key,
                matched_from=max(moment, began[contract_id]),
            )
            for contract_id, edge_key in sorted(found - held.keys())
        ],
        batch_size=1000,
    )


def matches_are_known(connection: Connection, as_of: datetime | None) -> bool:
    """Whether it is known what contracts covered at a time; None: now."""
    if as_of is None:
        return True
    matching = ContractMatching.objects.filter(connection=connection).first()
    if matching is not None and matching.known_from <= as_of:
        return True
    return not contracts_in_force(connection, as_of).exists()


def contracts_in_force(connection: Connection, as_of: datetime | None) -> "QuerySet[TrustContract]":
    """Return the contracts that held at a time, in order of their numbers; None: now.

    What an active contract says never changes.
    """
    if as_of is None:
        return active_contracts(connection)
    return (
        TrustContract.objects.filter(
            connection=connection, state__in=(State.ACTIVE, State.ENDED), decided_at__lte=as_of
        )
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=as_of))
        .order_by("number")
    )


def matching_at(as_of: datetime | None, *, prefix: str = "") -> Q:
    """Return the condition on matches that held at a time; None: now. `prefix`: as `matches__`."""
    still = Q(**{f"{prefix}matched_until__isnull": True})
    if as_of is None:
        return still
    later = Q(**{f"{prefix}matched_until__gt": as_of})
    return Q(**{f"{prefix}matched_from__lte": as_of}) & (still | later)


def active_contracts(connection: Connection) -> "QuerySet[TrustContract]":
    """Return the contracts that hold, in order of their numbers."""
    return TrustContract.objects.filter(connection=connection, state=State.ACTIVE).order_by(
        "number"
    )


def contracts_mark(connection: Connection) -> str:
    """Return what is equal where the same contracts hold: their digests."""
    digests = active_contracts(connection).values_list("number", "digest")
    return sha256(repr(list(digests)))


def contract_of_edges(
    connection: Connection, edges: Iterable[TrustEdge | str], *, as_of: datetime | None = None
) -> dict[str, TrustContract]:
    """Return the contract that covers each edge, by the edge's key, in one query.

    Of several the one with the lowest number; edges outside every contract are absent.
    """
    keys = {edge if isinstance(edge, str) else edge.key for edge in edges}
    rows = (
        _matches(connection, as_of)
        .filter(edge_key__in=keys)
        .select_related("contract")
        .order_by("-contract__number")
    )
    return {row.edge_key: row.contract for row in rows}


def with_contract(
    edges: "QuerySet[TrustEdge]",
    connection: Connection,
    numbers: Collection[int] | None = None,
    *,
    as_of: datetime | None = None,
) -> "QuerySet[TrustEdge]":
    """Keep the edges that a contract covers; `numbers`: one of these, None: any."""
    return edges.filter(key__in=_covered_keys(connection, numbers, as_of))


def without_contract(
    edges: "QuerySet[TrustEdge]", connection: Connection, *, as_of: datetime | None = None
) -> "QuerySet[TrustEdge]":
    """Keep the edges that no contract covers."""
    return edges.exclude(key__in=_covered_keys(connection, None, as_of))


def _covered_keys(
    connection: Connection, numbers: Collection[int] | None, as_of: datetime | None
) -> "QuerySet[ContractMatch, str]":
    chosen = Q() if numbers is None else Q(contract__number__in=numbers)
    return _matches(connection, as_of).filter(chosen).values_list("edge_key", flat=True)


def _matches(connection: Connection, as_of: datetime | None) -> "QuerySet[ContractMatch]":
    rows = ContractMatch.objects.filter(matching_at(as_of), connection=connection)
    return rows.filter(contract__state=State.ACTIVE) if as_of is None else rows


def nearest_contract(
    edge: TrustEdge, directory: ContractDirectory
) -> tuple[TrustContract, tuple[TermsMismatch, ...]] | None:
    """Return the active contract that an edge fits best, and what of it differs.

    None: no contract is near, since neither its source nor its target fits. One that covers the
    edge differs in nothing.
    """
    crossing = directory.facts(edge)
    nearest: tuple[int, TrustContract, tuple[TermsMismatch, ...]] | None = None
    for contract in active_contracts(directory.connection):
        found = mismatches(contract.terms, crossing)
        weight = sum(_WEIGHT[one.part] for one in found)
        if {TermsPart.SOURCE, TermsPart.TARGET} <= {one.part for one in found}:
            continue
        if nearest is None or weight < nearest[0]:
            nearest = (weight, contract, found)
    return None if nearest is None else (nearest[1], nearest[2])


def edges_matching(
    terms: ContractTerms, edges: "QuerySet[TrustEdge]", directory: ContractDirectory
) -> list[TrustEdge]:
    """Return those of some edges that a contract with these terms would cover."""
    return [
        edge
        for edge in edges.iterator(chunk_size=2000)
        if contract_covers(terms, directory.facts(edge))
    ]
