"""What the steps of a plan make effective of management policies for a while only."""

import json

import pytest

from governance.changes.evidence.collected import collected_state
from governance.changes.evidence.findings import CheckLevel
from governance.changes.evidence.management_states import setting_transients_of
from governance.changes.evidence.plans import plan_base
from governance.changes.planning import states_of
from governance.changes.planning.steps import AwsCall, ChangePlan, Step
from governance.edits.operations import Operation, OperationKind
from tests.factories.edits import (
    PAYMENTS,
    PAYMENTS_TEST,
    PROD,
    ROOT,
    TEST,
    WEBSITE,
    WORKLOADS,
    attached,
    detached,
    edited,
)
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory

TAG_POLICY, OU = "TAG_POLICY", "ORGANIZATIONAL_UNIT"
BELOW_WORKLOADS = (PAYMENTS, WEBSITE, PAYMENTS_TEST)
NOTHING = '{"tags": {"other": {}}}'
KEY = ("tags", "cost", "tag_value")


def tags(operator, *values):
    """Return a tag policy's text that does one thing to the values of the tag cost."""
    return json.dumps({"tags": {"cost": {"tag_value": {operator: list(values)}}}})


def fresh(policy_id, text):
    """Return the making of a tag policy."""
    return Operation(
        OperationKind.CREATE_POLICY,
        policy_id=policy_id,
        name=f"tags {policy_id}",
        policy_type=TAG_POLICY,
        text=text,
    )


@pytest.fixture
def standing(snapshot):
    """Return a function that has a tag policy stand at Workloads already."""

    def stand(text, policy_id="p-stand001"):
        common = {"connection": snapshot.connection, "seen_from": snapshot.run.started_at}
        PolicyFactory.create(
            policy_id=policy_id, name=policy_id, type=TAG_POLICY, text=text, **common
        )
        PolicyAttachmentFactory.create(
            policy_id=policy_id, target_id=WORKLOADS, target_type=OU, **common
        )

    return stand


@pytest.fixture
def passed(snapshot):
    """Return a function that gives what calls make effective for a while only."""

    def between(*calls, texts=()):
        made = [
            Step(
                number,
                0,
                AwsCall.CREATE_POLICY,
                {"Name": one.name, "Type": TAG_POLICY, "Content": one.text},
                creates=one.policy_id,
            )
            for number, one in enumerate(texts, 1)
        ]
        steps = [
            Step(number, 1, AwsCall(call), given)
            for number, (call, given) in enumerate(calls, len(made) + 1)
        ]
        base = plan_base(collected_state(snapshot.connection), ())
        states = states_of(ChangePlan((), (*made, *steps)), base)
        assert states[-1].problems == ()
        return setting_transients_of(states)

    return between


def attach(policy_id, target_id):
    return "AttachPolicy", {"PolicyId": policy_id, "TargetId": target_id}


def detach(policy_id, target_id):
    return "DetachPolicy", {"PolicyId": policy_id, "TargetId": target_id}


class TestSettingTransients:
    def test_lists_of_two_policies_side_by_side_are_neither_before_nor_after(
        self, standing, passed
    ):
        standing(tags("@@append", "a"))
        (found,) = passed(
            attach("new-1", WORKLOADS),
            detach("p-stand001", WORKLOADS),
            texts=[fresh("new-1", tags("@@append", "b"))],
        )
        assert (found.first_step, found.last_step) == (2, 2)
        assert (found.path, found.before, found.between, found.after) == (
            KEY,
            ("a",),
            ("a", "b"),
            ("b",),
        )
        assert found.account_ids == BELOW_WORKLOADS
        assert found.reason == ""

    def test_a_value_that_both_sides_have_and_a_step_takes_away_is_found(self, standing, passed):
        standing(tags("@@assign", "a"))
        (found,) = passed(
            detach("p-stand001", WORKLOADS),
            attach("new-1", WORKLOADS),
            texts=[fresh("new-1", tags("@@assign", "a"))],
        )
        assert (found.before, found.between, found.after) == (("a",), None, ("a",))
        assert (found.first_step, found.last_step) == (2, 2)

    def test_of_two_that_assign_the_first_attached_wins_and_so_a_swap_has_none(
        self, standing, passed
    ):
        standing(tags("@@assign", "a"))
        texts = [fresh("new-1", tags("@@assign", "b"))]
        assert (
            passed(attach("new-1", WORKLOADS), detach("p-stand001", WORKLOADS), texts=texts) == ()
        )

    def test_steps_in_a_row_with_one_value_are_one(self, passed):
        (found,) = passed(
            attach("new-1", TEST),
            attach("new-2", ROOT),
            detach("new-1", TEST),
            texts=[fresh("new-1", tags("@@assign", "a")), fresh("new-2", NOTHING)],
        )
        assert (found.first_step, found.last_step) == (3, 4)
        assert (found.before, found.between, found.after) == (None, ("a",), None)
        assert found.account_ids == (PAYMENTS_TEST,)

    def test_an_account_that_moves_away_before_its_policy_comes_is_without_it(
        self, standing, passed
    ):
        standing(tags("@@assign", "a"))
        (found,) = passed(
            (
                "MoveAccount",
                {"AccountId": WEBSITE, "SourceParentId": PROD, "DestinationParentId": ROOT},
            ),
            attach("p-stand001", WEBSITE),
        )
        assert (found.before, found.between, found.after) == (("a",), None, ("a",))
        assert found.account_ids == (WEBSITE,)

    def test_a_type_that_is_off_for_a_while_leaves_nothing_effective(self, standing, passed):
        standing(tags("@@assign", "a"))
        of_type = {"RootId": ROOT, "PolicyType": TAG_POLICY}
        (found,) = passed(
            ("DisablePolicyType", of_type),
            ("EnablePolicyType", of_type),
            attach("p-stand001", WORKLOADS),
        )
        assert (found.first_step, found.last_step, found.between) == (1, 2, None)

    def test_a_policy_that_cannot_be_read_leaves_the_state_unknown(self, passed):
        (found,) = passed(
            attach("new-1", TEST),
            detach("new-1", TEST),
            texts=[fresh("new-1", '{"tags": ')],
        )
        assert found.reason == "a policy on the way cannot be read"
        assert (found.path, found.account_ids) == ((), (PAYMENTS_TEST,))

    def test_plans_of_scps_have_none(self, passed):
        assert passed(attach("p-unatt001", TEST), detach("p-regio001", WORKLOADS)) == ()


class TestEvidence:
    def test_a_setting_between_the_steps_blocks_and_is_bound_with_step_and_accounts(
        self, standing, evidence
    ):
        standing(tags("@@append", "a"))
        made = evidence(
            fresh("new-1", tags("@@append", "b")),
            attached("new-1", WORKLOADS),
            detached("p-stand001", WORKLOADS),
        )
        (finding,) = [one for one in made.findings if one.code == "transient_setting"]
        assert finding.level is CheckLevel.SOFT
        assert finding.target_ids == BELOW_WORKLOADS
        assert finding.message == (
            "For a while, after step 2, tags.cost.tag_value of the effective tag policy is a, b "
            "in 3 accounts: before it is a, after b."
        )
        (shown,) = made.content["transients"]
        assert (shown["kind"], shown["policy_type"], shown["first_step"]) == (
            "setting",
            TAG_POLICY,
            2,
        )
        assert shown["setting"] == {
            "path": "tags.cost.tag_value",
            "before": ["a"],
            "between": ["a", "b"],
            "after": ["b"],
        }
        (bound,) = made.conclusions["transients"]
        assert bound["accounts"] == 3
        assert "account_ids" not in bound

    def test_one_text_in_the_place_of_another_has_none(self, standing, evidence):
        standing(tags("@@append", "a"))
        made = evidence(edited("p-stand001", tags("@@append", "b")))
        assert made.content["transients"] == []
        assert "transient_setting" not in {one.code for one in made.findings}
