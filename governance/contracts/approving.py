"""Who has to agree to a contract: owners of what it lets into, none of whom wrote it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.access import rights
from governance.access.owners.targets import ROOT
from governance.approvals.effects import TargetEffect
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.requirements import (
    ApprovalStanding,
    RequiredApproval,
    required_approvals,
    standing,
)
from governance.approvals.reviews import ReviewSubject, reviews_of, reviews_void
from governance.approvals.rules import ANY_EFFECT, OWNERS, ApprovalRule, ApprovalRules
from governance.approvals.settings import approval_rules
from governance.audit import actions
from governance.contracts.directory import ContractDirectory
from governance.contracts.models import TrustContract
from governance.contracts.terms import ContractSource, ContractTerms, SourceKind, TargetKind
from governance.posture.trust.models import TrustEdge
from inventory.models import Connection

SUBJECT_KIND: Final = "trust_contract"
OPERATION: Final = "trust_contract"
_WILD: Final = re.compile(r"[*?]")
_OWN_PART: Final = re.compile(r"\d{12}")
# The rule that the product brings for whoever is not known by name; it adds to the ones that hold.
_STRANGERS: Final = ApprovalRule(
    name="Outsiders whom nobody knows by name",
    targets=frozenset(),
    environments=frozenset(),
    tags=frozenset(),
    policy_types=frozenset(),
    operations=frozenset(),
    effect=ANY_EFFECT,
    count=1,
    source=OWNERS,
    group="",
    group_id=None,
    needs_security=True,
    needs_step_up=True,
)


def targets_of(terms: ContractTerms, directory: ContractDirectory) -> list[str]:
    """Return the ids of the accounts, OUs or root that a contract lets into, in order.

    The root where it cannot be told which accounts, such as for a pattern of buckets.
    """
    target = terms.target
    if target.kind in (TargetKind.ACCOUNT, TargetKind.ORGANIZATIONAL_UNIT):
        return [target.value]
    if target.kind is TargetKind.ENVIRONMENT:
        return directory.accounts_in(target.value) or _root(directory)
    account_id = target.value.split(":", 5)[4]
    if _OWN_PART.fullmatch(account_id):
        return [account_id] if account_id in directory.account_ids else _root(directory)
    if account_id or _WILD.search(target.value):
        return _root(directory)
    # The ARN of a bucket names no account; edges into it do.
    rows = TrustEdge.objects.as_of(None).filter(
        connection=directory.connection, resource_arn=target.value
    )
    found = sorted(set(rows.values_list("account_id", flat=True)) & directory.account_ids)
    return found or _root(directory)


def _root(directory: ContractDirectory) -> list[str]:
    return [one.target_id for one in directory.tree.by_id.values() if one.kind == ROOT]


def is_stranger(source: ContractSource, directory: ContractDirectory) -> bool:
    """Whether a contract lets in somebody outside whom no name tells, or everyone."""
    match source.kind:
        case SourceKind.EVERYONE:
            return True
        case SourceKind.ORGANIZATION:
            return source.value != directory.organization_id
        case SourceKind.PROVIDER:
            return not source.tenant and not source.value.startswith("arn:")
        case SourceKind.ACCOUNT:
            return _is_unknown(source.value, directory)
        case SourceKind.PRINCIPAL:
            return _is_unknown(source.value.split(":", 5)[4], directory)
        case _:
            return False


def _is_unknown(account_id: str, directory: ContractDirectory) -> bool:
    return account_id not in directory.account_ids and account_id not in directory.vendors


def excluded_people(contract: TrustContract) -> frozenset[int]:
    """Return who cannot approve a contract: whoever declared it, and whoever wrote a version."""
    writers = contract.versions.values_list("made_by_id", flat=True)
    return frozenset({contract.declared_by_id, *writers})


def required_for(
    connection: Connection,
    terms: ContractTerms,
    directory: ContractDirectory,
    *,
    excluded: Iterable[int],
    now: datetime,
    waiting_since: datetime | None = None,
) -> tuple[RequiredApproval, ...]:
    """Return the approvals that a contract with these terms needs, as owners stand now."""
    effects = [
        TargetEffect(target_id, newly_allowed=True, operations=frozenset({OPERATION}))
        for target_id in targets_of(terms, directory)
    ]
    held = approval_rules(connection)
    if is_stranger(terms.source, directory):
        held = ApprovalRules(
            held.version,
            (*held.rules, _STRANGERS),
            held.unchanged_count,
            held.escalate_after_hours,
            held.expire_after_days,
        )
    return required_approvals(
        connection,
        effects,
        excluded=frozenset(excluded),
        now=now,
        waiting_since=waiting_since,
        rules=held,
        right=rights.APPROVE_CONTRACT,
    )


@dataclass(frozen=True, slots=True)
class ContractStanding:
    """Where a contract stands between the approvals it needs and those it has."""

    subject: ReviewSubject
    reviews: tuple[Review, ...]
    standing: ApprovalStanding

    @property
    def waiting_for(self) -> list[int]:
        """The ids of the people whose turn it is: entitled, and without a verdict so far."""
        answered = {one.reviewer_id for one in self.reviews if one.verdict != ReviewVerdict.COMMENT}
        return sorted(self.standing.waits_for - answered - self.subject.excluded)


def contract_standing(
    contract: TrustContract, *, now: datetime, directory: ContractDirectory | None = None
) -> ContractStanding:
    """Return who has to agree to a contract and who did, as rights, owners and rules stand now."""
    excluded = excluded_people(contract)
    required = required_for(
        contract.connection,
        contract.terms,
        directory or ContractDirectory(contract.connection),
        excluded=excluded,
        now=now,
        waiting_since=contract.proposed_at if contract.state == "proposed" else None,
    )
    subject = ReviewSubject(
        kind=SUBJECT_KIND,
        id=str(contract.pk),
        connection_id=contract.connection_id,
        name=f"{contract} {contract.purpose}"[:200],
        digest=contract.digest,
        excluded=excluded,
        required=required,
        record_id=str(contract.number),
        action=actions.CONTRACT_REVIEW,
        right=rights.APPROVE_CONTRACT,
        reading_right=rights.VIEW_CONTRACTS,
    )
    reviews = tuple(reviews_of(subject))
    return ContractStanding(subject, reviews, standing(required, reviews, digest=contract.digest))


def contract_reviews(contract: TrustContract) -> list[Review]:
    """Return all that was said of a contract, also of earlier versions, the oldest first."""
    return list(
        Review.objects.filter(
            subject_kind=SUBJECT_KIND,
            subject_id=str(contract.pk),
            connection_id=contract.connection_id,
        )
        .select_related("reviewer")
        .order_by("created_at", "pk")
    )


def void_contract_reviews(contract: TrustContract, *, reason: str, now: datetime) -> None:
    """Have no review of a contract count any more; they stay to be read."""
    reviews_void(
        subject_kind=SUBJECT_KIND,
        subject_id=str(contract.pk),
        connection_id=contract.connection_id,
        reason=reason,
        now=now,
    )
