"""Findings about all trust together: each is found where it is, and not beside it."""

import json
from datetime import timedelta

import pytest

from governance.posture.state.organization import load_organization
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kinds import (
    perimeter_exemption_without_owner,
    production_trusts_sandbox,
)
from governance.posture.trust.findings.registry import (
    TRUST_FINDING_KINDS,
    register_trust_finding,
)
from tests.factories.owners import OwnershipFactory
from tests.factories.people import UserFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

PAYMENTS, TEST, LOGS, STRANGER = "222222222222", "222222222224", "333333333331", "999999999999"
NOW = FIRST_RUN_AT + timedelta(hours=1)


@pytest.fixture
def found(snapshot, viewer):
    def ask(kind):
        organization = load_organization(viewer, connection=snapshot.connection)
        return list(kind.check(TrustFacts(snapshot.connection, organization, NOW)))

    return ask


class TestProductionTrustsSandbox:
    def test_finds_usable_edges_from_a_sandbox(self, snapshot, found):
        account = snapshot.accounts["payments-test"]
        account.tags = {"environment": "sandbox"}
        account.save()
        common = {"connection": snapshot.connection, "crossing": "environment"}
        edge = TrustEdgeFactory.create(principal_account_id=TEST, **common)
        TrustEdgeFactory.create(principal_account_id=TEST, state="blocked", **common)
        TrustEdgeFactory.create(principal_account_id=LOGS, **common)
        (finding,) = found(production_trusts_sandbox.KIND)
        assert finding.edge_key == edge.key
        assert "payments-test" in finding.message
        assert "Remove 222222222224" in finding.remedy["text"]

    def test_does_not_take_a_test_account_for_a_sandbox(self, snapshot, found):
        TrustEdgeFactory.create(
            connection=snapshot.connection, principal_account_id=TEST, crossing="environment"
        )
        assert found(production_trusts_sandbox.KIND) == []


def perimeter(snapshot, exempted, **more):
    statement = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {"aws:ResourceOrgID": "o-exampleorg"},
            "ArnNotLike": {"aws:PrincipalArn": exempted},
        },
        **more,
    }
    policy = PolicyFactory.create(
        connection=snapshot.connection,
        policy_id="p-perimete",
        name="perimeter",
        text=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    PolicyAttachmentFactory.create(
        connection=snapshot.connection, policy_id=policy.policy_id, target_id=PAYMENTS
    )


class TestPerimeterExemption:
    def test_finds_what_nobody_owns(self, snapshot, found):
        exempted = [
            f"arn:aws:iam::{LOGS}:role/owned",
            f"arn:aws:iam::{TEST}:role/unowned",
            f"arn:aws:iam::{STRANGER}:role/stranger",
            "arn:aws:iam::*:role/anywhere",
            "arn:aws:iam::*:role/aws-service-role/*",
        ]
        perimeter(snapshot, exempted)
        OwnershipFactory.create(
            connection=snapshot.connection, target_id=LOGS, user=UserFactory.create()
        )
        messages = {
            one.evidence["exempted"]: one.message
            for one in found(perimeter_exemption_without_owner.KIND)
        }
        assert set(messages) == set(exempted[1:4])
        assert "has no owner" in messages[exempted[1]]
        assert "no known external party" in messages[exempted[2]]
        assert "names no account" in messages[exempted[3]]

    def test_looks_at_perimeters_alone(self, snapshot, found):
        exempted = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{TEST}:role/x"}}
        perimeter(snapshot, [], Condition=exempted)
        assert found(perimeter_exemption_without_owner.KIND) == []


def test_kinds_have_codes_of_their_own():
    kind = TRUST_FINDING_KINDS["production-trusts-sandbox"]
    register_trust_finding(kind)
    with pytest.raises(ValueError, match="production-trusts-sandbox"):
        register_trust_finding(kind.__class__(kind.code, "", "", kind.severity, lambda _: ()))
