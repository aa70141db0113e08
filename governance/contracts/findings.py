"""What is wrong between edges and contracts; an edge within a contract keeps its own findings."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from governance.contracts.directory import ContractDirectory
from governance.contracts.matches import CROSSINGS_WITHIN, active_contracts
from governance.contracts.matching import contract_covers
from governance.contracts.models import TrustContract
from governance.posture.trust.findings.facts import EdgeFact, TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.findings.registry import register_trust_finding
from governance.posture.trust.findings.thresholds import trust_thresholds
from governance.posture.trust.models import TrustEdge
from policies.trust import TrustSeverity

# AWS services act for the account that names them; what is wrong there has findings of its own.
_NEED_NONE: Final = (*CROSSINGS_WITHIN, TrustEdge.Crossing.SERVICE)
_SEVERITY: Final = {
    TrustEdge.Crossing.PUBLIC: TrustSeverity.HIGH,
    TrustEdge.Crossing.EXTERNAL: TrustSeverity.HIGH,
    TrustEdge.Crossing.ENVIRONMENT: TrustSeverity.MEDIUM,
    TrustEdge.Crossing.FEDERATED: TrustSeverity.MEDIUM,
    TrustEdge.Crossing.VENDOR: TrustSeverity.MEDIUM,
}
_ADOPT: Final = {
    "text": "Declare a contract for it, or remove it from the policy if it is not intended."
}


def _needs_contract(facts: TrustFacts) -> list[EdgeFact]:
    return [edge for edge in facts.edges if edge.crossing not in _NEED_NONE]


def _is_asked_for(facts: TrustFacts) -> bool:
    """Whether every edge needs a contract by now."""
    first_day = trust_thresholds(facts.connection).contracts_from
    if first_day is not None:
        return facts.now.date() >= first_day
    return active_contracts(facts.connection).exists()


def _outside(facts: TrustFacts) -> Iterator[EdgeFact]:
    directory = ContractDirectory(facts.connection)
    agreed = [contract.terms for contract in active_contracts(facts.connection)]
    for edge in _needs_contract(facts):
        crossing = directory.facts(edge)
        if not any(contract_covers(terms, crossing) for terms in agreed):
            yield edge


def _outside_contracts(facts: TrustFacts) -> Iterator[FoundTrust]:
    if not _is_asked_for(facts):
        return
    for edge in _outside(facts):
        is_blocked = edge.state == TrustEdge.EdgeState.BLOCKED
        usual = _SEVERITY.get(TrustEdge.Crossing(edge.crossing), TrustSeverity.LOW)
        yield FoundTrust(
            subject_arn=edge.resource_arn,
            account_id=edge.account_id,
            edge_key=edge.key,
            statement=edge.statement,
            severity=TrustSeverity.LOW if is_blocked else usual,
            message=f"No contract covers {edge.vendor or edge.principal_id} into "
            f"{edge.resource_name}.",
            evidence={"crossing": edge.crossing, "state": edge.state},
            remedy=_ADOPT,
        )


def _no_contracts(facts: TrustFacts) -> Iterator[FoundTrust]:
    edges = _needs_contract(facts)
    if not edges or _is_asked_for(facts):
        return
    organization = ContractDirectory(facts.connection).organization_id
    first_day = trust_thresholds(facts.connection).contracts_from
    from_when = f"; from {first_day.isoformat()} on each is a finding" if first_day else ""
    yield FoundTrust(
        subject_arn=organization,
        account_id="",
        message=f"No contract says which crossings are intended: {len(edges):,} edges cross an "
        f"account boundary{from_when}.",
        evidence={"edges": len(edges)},
        remedy={"text": "Adopt the intended edges as contracts, the widest first."},
    )


def _unmatched(facts: TrustFacts) -> Iterator[FoundTrust]:
    active = list(active_contracts(facts.connection))
    if not active:
        return
    directory = ContractDirectory(facts.connection)
    crossings = [
        directory.facts(edge) for edge in facts.edges if edge.crossing not in CROSSINGS_WITHIN
    ]
    for contract in active:
        terms = contract.terms
        if any(contract_covers(terms, crossing) for crossing in crossings):
            continue
        yield FoundTrust(
            subject_arn=str(contract),
            account_id=_account_of(contract),
            about=str(contract.pk),
            message=f"Contract {contract} covers no edge: {contract.purpose}",
            evidence={"contract": contract.number, "since": _day(contract)},
            remedy={"text": "End the contract, or correct it by declaring another in its place."},
        )


def _ending(facts: TrustFacts) -> Iterator[FoundTrust]:
    within = timedelta(days=trust_thresholds(facts.connection).contract_ending_days)
    today = facts.now.date()
    for contract in active_contracts(facts.connection).filter(until__lte=today + within):
        if contract.until is None or contract.until < today:
            continue
        days = (contract.until - today).days
        yield FoundTrust(
            subject_arn=str(contract),
            account_id=_account_of(contract),
            about=f"{contract.pk}:{contract.until.isoformat()}",
            message=f"Contract {contract} ends on {_said(contract.until)}: {contract.purpose}",
            severity=TrustSeverity.MEDIUM if days <= 7 else TrustSeverity.LOW,
            evidence={"contract": contract.number, "until": contract.until.isoformat()},
            remedy={"text": "Declare its successor, or remove the edges that it covers."},
        )


def _account_of(contract: TrustContract) -> str:
    """Return the account that a contract lets into, empty where it is several."""
    target_ids = contract.target_ids
    return target_ids[0] if len(target_ids) == 1 and target_ids[0].isdecimal() else ""


def _day(contract: TrustContract) -> str:
    return contract.decided_at.date().isoformat() if contract.decided_at else ""


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


CONTRACT_FINDINGS: Final = (
    TrustFindingKind(
        code="outside-contracts",
        label="Outside every contract",
        question="Which edges does no contract cover?",
        severity=TrustSeverity.MEDIUM,
        check=_outside_contracts,
    ),
    TrustFindingKind(
        code="no-contracts",
        label="No contracts declared",
        question="Are crossings covered by contracts?",
        severity=TrustSeverity.LOW,
        check=_no_contracts,
    ),
    TrustFindingKind(
        code="contract-without-edge",
        label="Contract covers no edge",
        question="Which contracts cover no edge?",
        severity=TrustSeverity.LOW,
        check=_unmatched,
    ),
    TrustFindingKind(
        code="contract-ending",
        label="Contract ends soon",
        question="Which contracts end soon?",
        severity=TrustSeverity.LOW,
        check=_ending,
    ),
)


def register() -> None:
    """Have these be asked with the findings of trust."""
    for kind in CONTRACT_FINDINGS:
        register_trust_finding(kind)
