"""Contracts in words: both ends by name, and when they end."""

from datetime import date

from governance.contracts.directory import ContractDirectory
from governance.contracts.models import TrustContract
from governance.contracts.terms import (
    GUARD_LABELS,
    SOURCE_LABELS,
    TARGET_LABELS,
    ContractSource,
    ContractTarget,
    SourceKind,
    TargetKind,
)
from policies.trust import GuardKind


def source_name(source: ContractSource, directory: ContractDirectory) -> str:
    """Name from whom: `account payments`, `Datadog`, `GitHub … of halden-freight`, an ARN."""
    match source.kind:
        case SourceKind.ACCOUNT | SourceKind.ORGANIZATIONAL_UNIT:
            return directory.name(source.value)
        case SourceKind.PROVIDER:
            tenant = f" of {source.tenant}" if source.tenant else ", any tenant"
            return f"{source.value}{tenant}"
        case SourceKind.ORGANIZATION if source.value == directory.organization_id:
            return "This organization"
        case SourceKind.EVERYONE:
            return "Everyone"
        case _:
            return source.value


def target_name(target: ContractTarget, directory: ContractDirectory) -> str:
    """Name into what: `OU Prod`, `production accounts`, an ARN."""
    match target.kind:
        case TargetKind.ACCOUNT | TargetKind.ORGANIZATIONAL_UNIT:
            return directory.name(target.value)
        case TargetKind.ENVIRONMENT:
            return f"{target.value} accounts"
        case TargetKind.RESOURCE:
            return target.value


def source_label(source: ContractSource) -> str:
    """Return what kind the source is of."""
    return SOURCE_LABELS[source.kind]


def target_label(target: ContractTarget) -> str:
    """Return what kind the target is of."""
    return TARGET_LABELS[target.kind]


def guard_labels(contract: TrustContract) -> str:
    """Return the guards that a contract asks for, in words."""
    return ", ".join(GUARD_LABELS[GuardKind(one)] for one in contract.guards) or "None"


def until_words(contract: TrustContract, today: date) -> str:
    """Say until when it holds: `31 Jan 2027, in 12 days`."""
    until = contract.until
    if until is None:
        return "No end"
    said = f"{until.day} {until:%b %Y}"
    if contract.state != TrustContract.State.ACTIVE:
        return said
    days = (until - today).days
    if days < 0:
        return f"{said}, past"
    left = "today" if days == 0 else f"in {days:,} day{'' if days == 1 else 's'}"
    return f"{said}, {left}" if days <= 60 else said
