"""Single policies as AWS has them at this moment, against the simulator."""

import json

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collecting.policies_now import PolicyNow, read_policies_now

pytestmark = pytest.mark.simulator
TEXT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "gamelift:*", "Resource": "*"}],
    }
)


@pytest.fixture
def policy(console):
    """A policy attached to the root, as somebody made it at the console."""
    root = console.list_roots()["Roots"][0]["Id"]
    made = console.create_policy(
        Name="read-now", Type="SERVICE_CONTROL_POLICY", Description="", Content=TEXT
    )
    policy_id = made["Policy"]["PolicySummary"]["Id"]
    console.attach_policy(PolicyId=policy_id, TargetId=root)
    yield policy_id, root
    console.detach_policy(PolicyId=policy_id, TargetId=root)
    console.delete_policy(PolicyId=policy_id)


class TestReadPoliciesNow:
    def test_returns_texts_and_targets_and_none_for_what_is_gone(self, connection, policy):
        policy_id, root = policy
        found = read_policies_now(connection, [policy_id, "p-gone0000"], seconds=20)
        assert found == {policy_id: PolicyNow(TEXT, (root,)), "p-gone0000": None}

    def test_raises_where_the_organization_reader_may_not(self, connection, simulator):
        simulator.control("POST", "/faults", {"kind": "refuse", "operation": "DescribePolicy"})
        try:
            with pytest.raises(AwsReadDenied, match="DescribePolicy"):
                read_policies_now(connection, ["p-gone0000"], seconds=20)
        finally:
            simulator.control("DELETE", "/faults")
