"""A denied request explained over REST."""

import json

import pytest

from tests.factories.policies import FULL_ACCESS, PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.principals import RoleFactory

ADDRESS = "/api/v1/organizations/acme/explain"
ACCOUNT = "222222222224"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deployer/build-7"
MESSAGE = (
    f"User: {SESSION} is not authorized to perform: ec2:RunInstances on resource: * with an "
    "explicit deny in a service control policy: arn:aws:organizations::111111111111:policy/"
    "o-exampleorg1/service_control_policy/p-regio001"
)


@pytest.fixture
def ask(viewer, acme):
    """Post a question."""
    RoleFactory.create(
        connection=acme.connection,
        account_id=ACCOUNT,
        name="Deployer",
        inline_policies={"own": content(FULL_ACCESS).sha256},
    )
    return lambda **body: viewer.post(ADDRESS, body, format="json")


class TestExplain:
    def test_explains_a_pasted_message_to_the_lines_that_decide(self, ask):
        answer = ask(text=MESSAGE)
        assert answer.status_code == 200
        told = answer.json()
        assert told["decision"] == {
            "decision": "explicit_deny",
            "decided_by": ["service_control_policy"],
            "unknown_keys": [],
        }
        (level,) = [level for level in told["levels"] if level["decides"]]
        assert level["target_id"] == "ou-ab12-work0001"
        (policy,) = [policy for policy in level["policies"] if policy["decides"]]
        assert policy["policy"]["policy_id"] == "p-regio001"
        assert '"ec2:*"' in policy["text"]
        assert policy["deciding_lines"] == [{"statement": 1, "first_line": 1, "last_line": 1}]
        assert told["claim"]["agreement"] == "agrees"
        assert told["page"].startswith("http://testserver/o/acme/why-denied/?principal=")

    def test_takes_a_request_with_context_and_assumptions(self, ask, acme):
        text = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Deny",
                    "Action": "s3:*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            }
        )
        common = {"connection": acme.connection, "policy_id": "p-secure01"}
        PolicyFactory.create(text=text, name="secure", **common)
        PolicyAttachmentFactory.create(target_id=ACCOUNT, **common)
        body = {
            "principal": SESSION,
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::reports/a.csv",
        }
        told = ask(**body).json()
        assert told["decision"]["decision"] == "unknown"
        assert told["decision"]["unknown_keys"] == ["aws:securetransport"]
        assert [gap["code"] for gap in told["gaps"] if gap["matters"]] == ["resource_policy"]
        settled = {"context": {"aws:SecureTransport": True}, "assume": {"resource_policy": "none"}}
        assert ask(**body, **settled).json()["decision"]["decision"] == "allowed"
        settled["context"] = {"aws:SecureTransport": False}
        assert ask(**body, **settled).json()["decision"]["decision"] == "explicit_deny"

    def test_says_which_part_of_a_message_was_not_understood_until_it_is_given(self, ask):
        said = "User is not authorized to perform: ec2:RunInstances"
        refused = ask(text=said)
        assert refused.status_code == 400
        (error,) = refused.json()["errors"]
        assert error["pointer"] == "#/text"
        assert "principal not understood" in error["detail"]
        assert ask(text=said, principal=SESSION).status_code == 200

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/principal"),
            ({"principal": "Bob", "action": "s3:GetObject"}, "/principal"),
            ({"principal": SESSION, "action": "everything"}, "/action"),
            ({"principal": SESSION, "action": "s3:GetObject", "resource": "b"}, "/resource"),
            (
                {"principal": SESSION, "action": "s3:GetObject", "resource_account_id": "1"},
                "/resource_account_id",
            ),
            ({"principal": SESSION, "action": "s3:GetObject", "actoin": "x"}, "/actoin"),
            ({"principal": SESSION, "action": "s3:GetObject", "as_of": "soon"}, "/as_of"),
            (
                {"principal": SESSION, "action": "s3:GetObject", "context": {"a:b": {"c": 1}}},
                "/context",
            ),
        ],
    )
    def test_says_which_member_is_wrong(self, ask, body, pointer):
        answer = ask(**body)
        assert answer.status_code == 400
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert any(found.startswith(f"#{pointer}") for found in pointers)

    def test_says_when_the_first_run_was(self, ask):
        answer = ask(text=MESSAGE, as_of="2020-01-01")
        assert answer.status_code == 422
        assert answer.json()["first_run_at"].startswith("2026-11-01T08:00")

    def test_never_takes_what_is_not_known_for_allowed(self, ask):
        told = ask(principal="arn:aws:iam::999999999999:role/x", action="iam:CreateUser").json()
        assert told["decision"]["decision"] == "unknown"
        codes = {gap["code"] for gap in told["gaps"] if gap["matters"]}
        assert codes >= {"scp_not_known", "identity_outside"}
