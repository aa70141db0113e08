"""Who has to agree to a contract: owners of what it lets into, none of whom wrote it."""

import re
from datetime import datetime
from typing import Final

from governance.access.owners.targets import ROOT
from governance.approvals.agreements.approving import AgreementStanding, agreement_standing
from governance.approvals.rules import ApprovalRule
from governance.contracts.directory import ContractDirectory
from governance.contracts.kind import CONTRACT
from governance.contracts.models import TrustContract
from governance.contracts.terms import ContractSource, ContractTerms, SourceKind, TargetKind
from governance.posture.trust.models import TrustEdge

_WILD: Final = re.compile(r"[*?]")
_OWN_PART: Final = re.compile(r"\d{12}")
# The rule that the product brings for whoever is not known by name; it adds to the ones that hold.
_STRANGERS: Final = ApprovalRule.owners_and_security("Outsiders whom nobody knows by name")


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


def contract_standing(
    contract: TrustContract, *, now: datetime, directory: ContractDirectory | None = None
) -> AgreementStanding:
    """Return who has to agree to a contract and who did, as rights, owners and rules stand now."""
    known = directory or ContractDirectory(contract.connection)
    terms = contract.terms
    return agreement_standing(
        CONTRACT,
        contract,
        targets_of(terms, known),
        own_rule=_STRANGERS if is_stranger(terms.source, known) else None,
        excluded=excluded_people(contract),
        now=now,
    )
