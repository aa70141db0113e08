"""What a check reads from AWS itself, and what it does where AWS does not answer."""

from dataclasses import replace

import pytest

from governance.changes.evidence import live_reads
from governance.changes.evidence.live_reads import read_live
from governance.edits.operations import Operation, OperationKind
from inventory.aws.errors import AwsReadDenied
from inventory.collecting.policies_now import PolicyNow
from tests.factories.edits import NOW, SECURITY, attached, created, edited
from tests.factories.policies import denying


@pytest.fixture
def asked(monkeypatch):
    """The ids that AWS was asked for; AWS answers each with one policy."""
    found: list[list[str]] = []

    def read(connection, policy_ids, *, seconds):
        found.append(list(policy_ids))
        return {one: PolicyNow("{}", (SECURITY,)) for one in policy_ids}

    monkeypatch.setattr(live_reads, "read_policies_now", read)
    return found


class TestReadLive:
    def test_reads_each_policy_that_is_named_once(self, requested, asked):
        request = requested(
            edited("p-regio001", denying("ec2:*")),
            attached("p-regio001", SECURITY),
            attached("p-unatt001", SECURITY),
        )
        found = read_live(request, NOW)
        assert found is not None
        assert asked == [["p-regio001", "p-unatt001"]]
        assert found.policies["p-unatt001"] == PolicyNow("{}", (SECURITY,))
        assert found.read_at == NOW

    def test_leaves_aws_managed_and_new_policies_out(self, requested, asked):
        detached = Operation(
            OperationKind.DETACH_POLICY, policy_id="p-FullAWSAccess", target_id=SECURITY
        )
        new = created(denying("s3:*"))
        on_new = replace(attached("p-unatt001", SECURITY), policy_id=new.policy_id)
        assert read_live(requested(new, on_new, detached), NOW) is None
        assert asked == []

    def test_says_why_aws_was_not_read(self, requested, monkeypatch):
        def refused(*_arguments, **_given):
            raise AwsReadDenied("AWS denied organizations:DescribePolicy.")

        monkeypatch.setattr(live_reads, "read_policies_now", refused)
        found = read_live(requested(edited("p-regio001", denying("ec2:*"))), NOW)
        assert found is not None
        assert found.problem == "AWS denied organizations:DescribePolicy."
        assert found.policies == {}
