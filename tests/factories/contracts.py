"""Contracts and external parties as stored."""

from typing import Any

from django.contrib.auth.models import User

from governance.contracts.models import TrustContract, TrustContractVersion
from governance.posture.trust.models import ExternalParty
from inventory.models import Connection
from tests.factories.people import LONG_AGO

PAYMENTS, WEBSITE = "222222222222", "222222222223"


def trust_contract(connection: Connection, by: User, **values: Any) -> TrustContract:
    """Store a contract, a draft: Website may assume roles in Payments."""
    given: dict[str, Any] = {
        "number": TrustContract.objects.filter(connection=connection).count() + 1,
        "source": {"kind": "account", "value": WEBSITE},
        "target": {"kind": "account", "value": PAYMENTS},
        "actions": ["sts:AssumeRole"],
        "purpose": "The website reads payments.",
        "target_ids": [PAYMENTS],
        "declared_by": by,
        "declared_at": LONG_AGO,
        "updated_at": LONG_AGO,
        **values,
    }
    if given.get("state") == "active":
        given.setdefault("decided_at", LONG_AGO)
    made = TrustContract(connection=connection, **given)
    made.digest = made.terms.digest
    made.save()
    TrustContractVersion.objects.create(
        contract=made,
        version=made.version,
        terms=made.terms.as_json(),
        digest=made.digest,
        made_by=by,
        made_at=LONG_AGO,
    )
    return made


def party_named(connection: Connection, by: User, **values: Any) -> ExternalParty:
    """Store an external party that somebody named."""
    return ExternalParty.objects.create(
        connection=connection,
        **{
            "name": "Harbour Partners",
            "kind": ExternalParty.Kind.PARTNER,
            "account_ids": ["999999999999"],
            "updated_by": by,
            "updated_at": LONG_AGO,
            **values,
        },
    )
