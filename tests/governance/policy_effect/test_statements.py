"""Which statements of a policy have no effect anywhere, and why: proven, never guessed."""

import json
from pathlib import Path

import pytest

from governance.policy_effect.statements import StatementState, policy_statements
from inventory.models import CollectedSpan, Policy, PolicyAttachment, Root
from tests.factories.organization import AccountFactory
from tests.factories.policies import denying
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import ended
from tests.governance.policy_effect.conftest import RCP, document, target_id

CASES = json.loads(Path(__file__).with_name("no_effect_cases.json").read_text("utf-8"))


@pytest.fixture
def effect(reach):
    """Return a function that tells what a statement of a policy does."""
    return lambda policy, number=1: policy_statements(reach(policy)).of(number)


class TestEachCase:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["that"])
    def test_is_told_with_its_reason(self, attach, effect, case):
        statements = [case["statement"]] * (2 if case.get("twice") else 1)
        targets = [case["target"]] if case["target"] else []
        policy = attach(document(*statements), *targets, name="looked-at", type=case["type"])
        found = effect(policy)
        if case["why"] is None:
            assert found.state is StatementState.EFFECT
            assert found.accounts == case["accounts"]
            assert found.reasons == ()
        else:
            assert found.state is StatementState.NO_EFFECT
            assert [reason.why.value for reason in found.reasons] == [case["why"]]
            assert case["said"] in found.reasons[0].said
            assert found.accounts == 0


class TestAStatement:
    def test_that_works_at_one_of_two_targets_has_effect_in_the_accounts_of_that_one(
        self, attach, effect
    ):
        text = document({"Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"})
        found = effect(attach(text, "Test", "payments"))
        assert (found.state, found.accounts, found.reached) == (StatementState.EFFECT, 1, 2)

    def test_without_effect_tells_the_targets_of_a_reason_together(self, attach, effect, snapshot):
        text = document({"Effect": "Deny", "Action": "rds:*", "Resource": "*"})
        found = effect(attach(text, "Test", "payments", name="again"))
        assert found.state is StatementState.NO_EFFECT
        assert {(reason.why.value, reason.target_ids) for reason in found.reasons} == {
            ("covered", (target_id(snapshot, "Test"), target_id(snapshot, "payments")))
        }
        assert found.reasons[0].by.policy.name == "deny-regions"
        assert found.reasons[0].by.number == 1

    def test_that_two_others_cover_together_names_both(self, attach, effect):
        def lock(*regions):
            held = {"StringEquals": {"aws:RequestedRegion": list(regions)}}
            return document(
                {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": held}
            )

        attach(lock("us-east-1"), "Root", name="no-virginia")
        attach(lock("us-west-2"), "Workloads", name="no-oregon")
        found = effect(attach(lock("us-east-1", "us-west-2"), "Test", name="both"))
        assert [reason.why.value for reason in found.reasons] == ["together"]
        assert "no-virginia, no-oregon" in found.reasons[0].said

    def test_of_rcp_full_access_decides_nothing_since_aws_attaches_it_everywhere(
        self, effect, snapshot
    ):
        found = effect(Policy.objects.get(policy_id="p-RCPFullAWSAccess"))
        assert found.state is StatementState.NO_EFFECT
        assert [reason.why.value for reason in found.reasons] == ["covered"]
        assert "RCPFullAWSAccess" in found.reasons[0].said

    @pytest.mark.parametrize("listed", [True, False])
    def test_of_an_rcp_is_told_alike_where_rcp_full_access_is_not_listed(
        self, attach, effect, listed
    ):
        def denying_over(*transport):
            held = {"Bool": {"aws:SecureTransport": list(transport)}}
            return document(
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
                | {"Condition": held}
            )

        if not listed:
            PolicyAttachment.objects.filter(policy_id="p-RCPFullAWSAccess").delete()
        rcp = {"type": RCP}
        attach(denying_over("false"), "Workloads", name="plain", **rcp)
        attach(denying_over("true"), "Root", name="encrypted", **rcp)
        both = effect(attach(denying_over("true", "false"), "Test", name="both", **rcp))
        assert [reason.why.value for reason in both.reasons] == ["together"]

    def test_is_looked_at_alone_while_the_others_of_its_policy_stay(self, attach, effect):
        policy = attach(
            document(
                {"Sid": "Wide", "Effect": "Deny", "Action": "s3:*", "Resource": "*"},
                {"Sid": "Narrow", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
            ),
            "Test",
        )
        wide, narrow = effect(policy, 1), effect(policy, 2)
        assert wide.state is StatementState.EFFECT
        assert narrow.state is StatementState.NO_EFFECT
        assert "statement 1 of the policy itself" in narrow.reasons[0].said
        assert narrow.sid == "Narrow"

    def test_is_undecided_while_a_policy_on_the_way_cannot_be_read(self, attach, effect):
        attach("{not json", "Test", name="broken")
        found = effect(attach(denying("organizations:LeaveOrganization"), "Test"))
        assert found.state is StatementState.UNDECIDED
        assert "the text of broken cannot be read" in found.undecided

    def test_is_undecided_while_the_place_of_an_account_is_not_known(
        self, attach, effect, snapshot
    ):
        policy = attach(denying("organizations:LeaveOrganization"), "Test")
        AccountFactory.create(connection=snapshot.connection, parent_id="ou-ab12-nowhere1")
        found = effect(policy)
        assert found.state is StatementState.UNDECIDED
        assert "place in the organization was not collected" in found.undecided

    def test_is_undecided_where_the_policies_were_never_read_whole(self, attach, effect, snapshot):
        CollectedSpan.objects.filter(
            collector="organizations.policies.SERVICE_CONTROL_POLICY"
        ).delete()
        found = effect(attach(denying("s3:*"), "Test"))
        assert found.state is StatementState.UNDECIDED
        assert "never read completely" in found.undecided

    def test_has_no_effect_while_its_type_is_not_enabled(self, attach, effect, snapshot):
        Root.objects.filter(connection=snapshot.connection).update(policy_types={})
        found = effect(attach(denying("s3:*"), "Test"))
        assert [reason.why.value for reason in found.reasons] == ["not_enabled"]

    def test_reaches_nobody_in_an_empty_unit(self, attach, effect, snapshot):
        snapshot.accounts["payments-test"].delete()
        found = effect(attach(denying("s3:*"), "Test"))
        assert [reason.why.value for reason in found.reasons] == ["reaches_nobody"]

    def test_of_the_aws_managed_allow_has_effect_where_nothing_else_allows(self, effect, snapshot):
        found = effect(snapshot.policies["FullAWSAccess"])
        assert found.state is StatementState.EFFECT
        assert found.accounts == 5


class TestThePolicy:
    def test_tells_within_a_time_at_least_one_statement(self, attach, reach):
        text = document(
            *({"Effect": "Deny", "Action": f"s3:{n}", "Resource": "*"} for n in ("Get*", "Put*"))
        )
        found = policy_statements(reach(attach(text, "Test")))
        assert [one.number for one in found.within(-1)] == [1]
        assert [one.number for one in found.within(-1, first=2)] == [2]
        assert [one.number for one in found.within(60)] == [1, 2]

    def test_that_cannot_be_read_has_no_statements(self, attach, reach):
        found = policy_statements(reach(attach("{not json", "Test")))
        assert not found.is_readable
        assert found.statements == ()
        with pytest.raises(IndexError):
            found.of(1)

    def test_is_looked_at_again_once_the_organization_changed(self, attach, effect, snapshot):
        policy = attach(denying("s3:DeleteBucket"), "Test")
        assert effect(policy).state is StatementState.EFFECT
        ended(PolicyAttachment.objects.get(policy_id=policy.policy_id), at=SECOND_RUN_AT)
        assert effect(policy).state is StatementState.NO_EFFECT
