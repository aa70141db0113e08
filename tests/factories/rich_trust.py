"""Edges of trust of every crossing and state, with findings, guards and a history."""

from typing import Any

from inventory.models import Connection
from tests.factories.policies import content
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory

INSIDE, OTHER = "222222222222", "222222222224"
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":'
    '"arn:aws:iam::999999999999:root"},"Action":"sts:AssumeRole"}]}'
)
GUARDS = (
    {
        "kind": "organization",
        "key": "aws:PrincipalOrgID",
        "operator": "StringEquals",
        "values": ["o-exampleorg1"],
        "holds": True,
        "leaves_open": "Every principal of the organization.",
    },
    {
        "kind": "principal",
        "key": "aws:PrincipalArn",
        "operator": "StringLike",
        "values": ["arn:aws:iam::*:role/etl-*"],
        "holds": False,
        "leaves_open": "3 roles today, and any new one.",
    },
)
_FROM: dict[str, dict[str, Any]] = {
    "public": {"principal_kind": "everyone", "principal_id": "*", "principal_account_id": ""},
    "external": {},
    "environment": {
        "principal_kind": "role",
        "principal_account_id": OTHER,
        "principal_id": f"arn:aws:iam::{OTHER}:role/ci/Deployer",
        "guards": list(GUARDS),
    },
    "federated": {
        "principal_kind": "federated",
        "principal_account_id": "",
        "principal_id": "token.actions.githubusercontent.com",
        "provider": "token.actions.githubusercontent.com",
        "tenant": "halden",
    },
    "vendor": {"vendor": "Datadog", "principal_account_id": "464622532012"},
    "organization": {"principal_account_id": OTHER, "principal_id": OTHER},
    "unit": {
        "principal_kind": "organizational_unit",
        "principal_account_id": "",
        "principal_id": "o-exampleorg1/r-ab12/ou-ab12-prod0001/",
    },
    "service": {
        "principal_kind": "service",
        "principal_account_id": "",
        "principal_id": "cloudtrail.amazonaws.com",
    },
    "account": {"principal_account_id": INSIDE, "principal_id": INSIDE},
    "none": {
        "principal_kind": "deleted",
        "principal_account_id": "",
        "principal_id": "AROAEXAMPLE000000001",
        "state": "blocked",
        "blocked_by": {"by": "policy", "because": "the principal was deleted"},
    },
}


def rich_trust(connection: Connection) -> None:
    """Store an edge of each crossing; findings, a witness, and one that is gone."""
    policy = content(TRUST)
    made = {
        crossing: TrustEdgeFactory.create(
            connection=connection, crossing=crossing, content=policy, **given
        )
        for crossing, given in _FROM.items()
    }
    for crossing, severity in (("external", "critical"), ("environment", "high")):
        TrustFindingFactory.create(
            connection=connection,
            edge_key=made[crossing].key,
            severity=severity,
            remedy={"text": "Name the role.", "condition": {"StringEquals": {"a": "b"}}},
        )
    made["external"].witness = {
        "principal": "arn:aws:iam::999999999999:role/any",
        "action": "sts:AssumeRole",
        "resource": made["external"].resource_arn,
        "context": {},
    }
    made["external"].save()
    TrustEdgeFactory.create(
        connection=connection,
        crossing="service",
        source="grant",
        through="kms grant",
        service="kms",
        resource_type="key",
        state="undecided",
        undecided=["The SCPs of the caller are not collected."],
        principal_kind="service",
        principal_account_id="",
        principal_id="logs.amazonaws.com",
        statement=None,
        actions=["kms:Decrypt"],
    )
    TrustEdgeFactory.create(
        connection=connection, crossing="public", seen_from=FIRST_RUN_AT, seen_until=SECOND_RUN_AT
    )
