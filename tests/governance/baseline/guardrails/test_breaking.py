"""Who could really do what a counterexample shows."""

import json

from governance.baseline.guardrails.breaking import principals_able
from governance.baseline.guardrails.refreshing import refresh_guardrails
from governance.baseline.guardrails.selectors import guardrail_result
from tests.factories.edits import MANAGEMENT, NOW, PAYMENTS, PAYMENTS_TEST
from tests.factories.policies import content
from tests.factories.principals import RoleFactory


def test_those_who_may_by_their_own_policies_are_named_and_no_others(snapshot, viewer):
    connection = snapshot.connection
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}],
        }
    )
    for name, account_id, policies in (
        ("Maker", PAYMENTS_TEST, {"all": content(text).pk}),
        ("Reader", PAYMENTS_TEST, {}),
        ("Maker", PAYMENTS, {"all": content(text).pk}),
    ):
        RoleFactory.create(
            name=name, account_id=account_id, inline_policies=policies, connection=connection
        )
    refresh_guardrails(connection, now=NOW)
    asked = {"connection": connection, "guardrail_id": "no-iam-users"}
    result = guardrail_result(viewer, account_id=PAYMENTS_TEST, **asked)
    assert result is not None
    found = principals_able(viewer, result)
    assert found is not None
    assert found.action == "iam:CreateUser"
    assert found.is_known
    arns = [one.arn for one in found.principals]
    assert arns == [f"arn:aws:iam::{PAYMENTS_TEST}:role/Maker"]


def test_what_holds_has_nobody(snapshot, viewer):
    connection = snapshot.connection
    refresh_guardrails(connection, now=NOW)
    result = guardrail_result(
        viewer,
        connection=connection,
        guardrail_id="accounts-stay-in-the-organization",
        account_id=PAYMENTS_TEST,
    )
    assert result is not None
    assert result.outcome == "holds"
    assert result.account_id != MANAGEMENT
    assert principals_able(viewer, result) is None
