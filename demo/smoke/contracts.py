"""A contract and an external party to visit."""

from django.contrib.auth.models import User
from django.utils import timezone

from governance.contracts.models import TrustContract
from governance.contracts.terms import (
    ContractSource,
    ContractTarget,
    ContractTerms,
    SourceKind,
    TargetKind,
)
from governance.posture.trust.models import ExternalParty
from inventory.models import Account, Connection

_PARTY = "Harbour Partners"


def kept_contract(connection: Connection, account: Account, visitor: User) -> TrustContract:
    """Return the first contract, declared here where there is none."""
    first = TrustContract.objects.filter(connection=connection).order_by("number").first()
    if first is not None:
        return first
    terms = ContractTerms(
        ContractSource(SourceKind.EVERYONE, "*"),
        ContractTarget(TargetKind.ACCOUNT, account.account_id),
        ("sts:AssumeRole",),
        purpose="To be visited.",
    )
    made = TrustContract(
        connection=connection,
        number=1,
        source=terms.source.as_json(),
        target=terms.target.as_json(),
        actions=list(terms.actions),
        purpose=terms.purpose,
        digest=terms.digest,
        target_ids=[account.account_id],
        declared_by=visitor,
        declared_at=timezone.now(),
        updated_at=timezone.now(),
    )
    made.save()
    return made


def kept_party(connection: Connection, visitor: User) -> ExternalParty:
    """Return a party that was named, without accounts of the demo's."""
    party, _ = ExternalParty.objects.get_or_create(
        connection=connection,
        name=_PARTY,
        defaults={
            "account_ids": ["123456789012"],
            "updated_by": visitor,
            "updated_at": timezone.now(),
        },
    )
    return party
