"""Single policies and targets as AWS has them at this moment, against the simulator."""

import json
from contextlib import contextmanager

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collecting import accounts_now
from inventory.collecting.policies_now import AskedNow, PolicyNow, read_now

pytestmark = pytest.mark.simulator
SCP = "SERVICE_CONTROL_POLICY"
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
    made = console.create_policy(Name="read-now", Type=SCP, Description="", Content=TEXT)
    policy_id = made["Policy"]["PolicySummary"]["Id"]
    console.attach_policy(PolicyId=policy_id, TargetId=root)
    yield policy_id, root
    console.detach_policy(PolicyId=policy_id, TargetId=root)
    console.delete_policy(PolicyId=policy_id)


@pytest.fixture
def refused(simulator):
    """Return a context in which AWS refuses an operation."""

    @contextmanager
    def refuse(operation):
        simulator.control("POST", "/faults", {"kind": "refuse", "operation": operation})
        try:
            yield
        finally:
            simulator.control("DELETE", "/faults")

    return refuse


class TestReadNow:
    def test_returns_texts_and_targets_and_none_for_what_is_gone(self, connection, policy):
        policy_id, root = policy
        asked = AskedNow(policy_ids=(policy_id, "p-gone0000"))
        found = read_now(connection, asked, seconds=20)
        assert found.policies == {
            policy_id: PolicyNow(TEXT, (root,), "read-now", SCP),
            "p-gone0000": None,
        }
        assert found.targets == {}

    def test_returns_parents_and_what_was_attached_with_policies_that_nobody_has_read(
        self, connection, console, policy
    ):
        policy_id, root = policy
        account_id = console.list_accounts()["Accounts"][-1]["Id"]
        asked = AskedNow(
            target_ids=(root, account_id, "ou-ab12-gone0000"),
            policy_types=(SCP,),
            known_policy_ids=frozenset(),
        )
        found = read_now(connection, asked, seconds=20)
        assert found.targets["ou-ab12-gone0000"] is None
        at_root, account = found.targets[root], found.targets[account_id]
        assert at_root is not None
        assert account is not None
        assert {policy_id, "p-FullAWSAccess"} <= set(at_root.attached[SCP])
        assert at_root.parent_id == ""
        assert account.parent_id == console.list_parents(ChildId=account_id)["Parents"][0]["Id"]
        assert found.policies[policy_id] == PolicyNow(TEXT, (root,), "read-now", SCP)
        assert "p-FullAWSAccess" not in found.policies

    def test_reads_the_targets_of_a_policy_that_reaches_them(self, connection, policy):
        policy_id, root = policy
        asked = AskedNow(
            policy_ids=(policy_id,), reached_by=frozenset({policy_id}), policy_types=(SCP,)
        )
        assert list(read_now(connection, asked, seconds=20).targets) == [root]

    def test_reads_the_accounts_below_a_place_in_all_its_ous(self, connection, console):
        root = console.list_roots()["Roots"][0]["Id"]
        pages = console.get_paginator("list_accounts").paginate()
        every = {one["Id"]: one["Name"] for page in pages for one in page["Accounts"]}
        found = read_now(connection, AskedNow(target_ids=(root,), places=(root,)), seconds=30)
        assert (found.places, found.places_left, found.problem) == ((root,), (), "")
        held = {key: name for here in found.accounts.values() for key, name in here.items()}
        assert held == every
        (some,) = [unit for unit, here in found.accounts.items() if here and unit != root][:1]
        (first, *_) = found.accounts[some]
        assert console.list_parents(ChildId=first)["Parents"][0]["Id"] == some

    def test_says_below_which_place_there_is_more_than_it_reads(
        self, connection, console, monkeypatch
    ):
        monkeypatch.setattr(accounts_now, "_MOST_ANSWERS", 3)
        root = console.list_roots()["Roots"][0]["Id"]
        found = read_now(connection, AskedNow(target_ids=(root,), places=(root,)), seconds=30)
        assert (found.places, found.places_left) == ((), (root,))

    def test_keeps_the_policies_and_says_why_targets_were_not_read(
        self, connection, policy, refused
    ):
        policy_id, root = policy
        asked = AskedNow(policy_ids=(policy_id,), target_ids=(root,), policy_types=(SCP,))
        with refused("ListPoliciesForTarget"):
            found = read_now(connection, asked, seconds=20)
        assert found.policies[policy_id] is not None
        assert found.targets == {}
        assert found.left == (root,)
        assert "ListPoliciesForTarget" in found.problem

    def test_raises_where_the_organization_reader_may_not(self, connection, refused):
        with refused("DescribePolicy"), pytest.raises(AwsReadDenied, match="DescribePolicy"):
            read_now(connection, AskedNow(policy_ids=("p-gone0000",)), seconds=20)
