"""What a check reads from AWS itself, and what it does where AWS does not answer."""

from dataclasses import replace

import pytest

from governance.changes.evidence import live_reads
from governance.changes.evidence.live_reads import read_live
from governance.edits.operations import Operation, OperationKind
from inventory.aws.errors import AwsReadDenied
from inventory.collecting.policies_now import AskedNow, FoundNow, PolicyNow
from tests.factories.edits import (
    NOW,
    PAYMENTS_TEST,
    ROOT,
    SECURITY,
    TEST,
    attached,
    created,
    deleted,
    edited,
    moved,
)
from tests.factories.policies import denying

SCP = "SERVICE_CONTROL_POLICY"


@pytest.fixture
def asked(monkeypatch):
    """What AWS was asked for; it answers each policy with one target."""
    found: list[AskedNow] = []

    def read(connection, asked, *, seconds):
        found.append(asked)
        return FoundNow({one: PolicyNow("{}", (SECURITY,)) for one in asked.policy_ids})

    monkeypatch.setattr(live_reads, "read_now", read)
    return found


class TestReadLive:
    def test_reads_each_policy_and_target_that_is_named_once(self, requested, asked):
        request = requested(
            edited("p-regio001", denying("ec2:*")),
            attached("p-regio001", SECURITY),
            attached("p-unatt001", SECURITY),
        )
        found = read_live(request, NOW)
        assert found is not None
        [what] = asked
        assert what.policy_ids == ("p-regio001", "p-unatt001")
        assert what.target_ids == (SECURITY,)
        assert what.places == (SECURITY,)
        assert what.policy_types == (SCP,)
        assert found.found.policies["p-unatt001"] == PolicyNow("{}", (SECURITY,))
        assert found.read_at == NOW

    def test_reads_the_targets_of_policies_whose_text_or_being_changes_alone(
        self, requested, asked
    ):
        request = requested(
            edited("p-regio001", denying("ec2:*")),
            deleted("p-leave001"),
            attached("p-unatt001", SECURITY),
        )
        read_live(request, NOW)
        assert asked[0].reached_by == {"p-regio001", "p-leave001"}

    def test_reads_what_is_attached_where_an_account_leaves_and_where_it_goes(
        self, requested, asked
    ):
        read_live(requested(moved(PAYMENTS_TEST, SECURITY)), NOW)
        assert asked[0].target_ids == (PAYMENTS_TEST, SECURITY)
        # Where it goes nothing changes for the others.
        assert asked[0].places == ()
        # Resource control policies are not enabled in this organization.
        assert asked[0].policy_types == (SCP,)

    def test_leaves_aws_managed_and_new_things_out(self, requested, asked):
        detached = Operation(
            OperationKind.DETACH_POLICY, policy_id="p-FullAWSAccess", target_id=SECURITY
        )
        new = created(denying("s3:*"))
        on_new = replace(attached("p-unatt001", TEST), policy_id=new.policy_id)
        unit = Operation(
            OperationKind.CREATE_ORGANIZATIONAL_UNIT,
            target_id="new-ou",
            parent_id=ROOT,
            name="Fresh",
        )
        read_live(requested(new, on_new, detached, unit), NOW)
        assert asked[0].policy_ids == ()
        assert asked[0].target_ids == (TEST, SECURITY, ROOT)
        assert "p-FullAWSAccess" in asked[0].known_policy_ids

    def test_asks_nothing_of_a_request_that_names_nothing_of_aws(self, requested, asked):
        assert read_live(requested(created(denying("s3:*"))), NOW) is None
        assert asked == []

    def test_says_why_aws_was_not_read(self, requested, monkeypatch):
        def refused(*_arguments, **_given):
            raise AwsReadDenied("AWS denied organizations:DescribePolicy.")

        monkeypatch.setattr(live_reads, "read_now", refused)
        found = read_live(requested(edited("p-regio001", denying("ec2:*"))), NOW)
        assert found is not None
        assert found.problem == "AWS denied organizations:DescribePolicy."
        assert found.found.policies == {}
