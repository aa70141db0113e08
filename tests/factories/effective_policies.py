"""AWS's answers of what management policies amount to."""

import json
from datetime import datetime
from typing import Any

import factory

from governance.posture.effective.organization import load_management
from inventory.models import Connection, EffectivePolicy, EffectivePolicyAsking
from inventory.viewing import Viewer
from tests.factories.policies import content
from tests.factories.times import FIRST_RUN_AT
from tests.factories.versions import VersionFactory


class EffectivePolicyFactory(VersionFactory[EffectivePolicy]):
    """AWS's answer for a chain."""

    class Meta:
        model = EffectivePolicy

    policy_type = "TAG_POLICY"
    chain = factory.Sequence(lambda n: f"{n:064x}")
    content = None


def answered(
    connection: Connection,
    account_id: str,
    document: dict[str, Any] | None,
    *,
    policy_type: str = "TAG_POLICY",
    at: datetime = FIRST_RUN_AT,
) -> EffectivePolicy:
    """Store what AWS says of an account and all others with the same policies on their way."""
    management = load_management(Viewer(sees_inventory=True), connection=connection)
    chain = management.chain(policy_type, account_id)
    EffectivePolicyAsking.objects.create(
        connection=connection,
        policy_type=policy_type,
        chain=chain,
        account_id=account_id,
        asked_at=at,
        policy_updated_at=at,
    )
    return EffectivePolicyFactory.create(
        connection=connection,
        policy_type=policy_type,
        chain=chain,
        content=None if document is None else content(json.dumps(document)),
        seen_from=at,
    )
