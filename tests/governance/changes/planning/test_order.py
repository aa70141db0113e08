"""In which order a plan's steps stand, and what has no plan."""

import pytest

from governance.changes.planning import delta_of
from governance.changes.planning.tables import REQUEST_TAG, resolved
from governance.posture.state.organization import RCP, SCP
from policies.comparison import find_transients
from policies.compiled import default_compiler
from tests.governance.changes.planning.organizations import (
    FULL,
    OLD,
    PAY,
    PROD,
    ROOT,
    TEST,
    TRY,
    WEB,
    WORK,
    all_states,
    allowing,
    attach,
    base,
    create,
    denying,
    detach,
    like,
    op,
    planned,
    ring,
    shown,
    update,
)

CANARY, REST = ring("Test", TEST), ring("Production", PROD)
LOCK = {"p-lock": denying("s3:*", "ec2:*")}


def codes(plan):
    return [notice.code for notice in plan.notices]


class TestOrder:
    def test_attaches_before_it_detaches_at_every_target(self):
        start = base(LOCK | {"p-new": denying("s3:*")}, {TEST: (FULL, "p-lock")})
        plan = planned(start, [detach("p-lock", TEST), attach("p-new", TEST)])
        assert shown(plan) == [f"1 attach p-new {TEST} ~", f"1 detach p-lock {TEST}"]

    def test_deletes_a_policy_after_it_was_detached_everywhere(self):
        start = base(LOCK, {TEST: (FULL, "p-lock"), PROD: (FULL, "p-lock")})
        plan = planned(start, [op("delete_policy", policy_id="p-lock")], [CANARY, REST])
        assert shown(plan) == [
            f"1 detach p-lock {TEST}",
            f"2 detach p-lock {PROD}",
            "3 DeletePolicy p-lock",
        ]
        assert codes(plan) == ["rollback_new_policy_id"]

    def test_says_beforehand_that_a_suspended_account_may_be_passed_over(self):
        start = base(LOCK, {OLD: (FULL, "p-lock"), TEST: (FULL, "p-lock")})
        plan = planned(start, [op("delete_policy", policy_id="p-lock")])
        assert shown(plan) == [
            f"1 detach p-lock {TEST}",
            f"1 detach p-lock {OLD} ?",
            "2 DeletePolicy p-lock ?",
        ]
        assert "suspended_targets" in codes(plan)

    def test_makes_an_ou_with_its_policies_before_accounts_move_into_it(self):
        start = base(LOCK, {})
        plan = planned(
            start,
            [
                op("create_organizational_unit", target_id="new-1", parent_id=WORK, name="Fresh"),
                attach("p-lock", "new-1"),
                op("move_account", target_id=TRY, parent_id="new-1"),
                op("delete_organizational_unit", target_id=TEST),
            ],
        )
        assert shown(plan) == [
            "0 CreateOrganizationalUnit new-1",
            "0 attach p-lock new-1 ~",
            f"1 MoveAccount {TRY} new-1".replace("MoveAccount", "moveaccount"),
            f"2 DeleteOrganizationalUnit {TEST}",
        ]
        assert codes(plan) == ["rollback_new_unit_id"]

    def test_switches_types_by_single_steps(self):
        start = base({}, {})
        made = create("new-1", '{"Version":"2012-10-17","Statement":[]}', RCP)
        plan = planned(
            start,
            [op("enable_policy_type", policy_type=RCP), made, attach("new-1", TEST)],
        )
        assert shown(plan) == [
            "0 EnablePolicyType RESOURCE_CONTROL_POLICY ~",
            "0 CreatePolicy new-1",
            f"1 attach new-1 {TEST}",
        ]
        off = planned(base({}, {}), [op("disable_policy_type", policy_type=SCP)])
        assert shown(off) == ["2 DisablePolicyType SERVICE_CONTROL_POLICY ~"]
        assert codes(off) == ["rollback_type_attachments"]

    def test_names_and_tags_come_last(self):
        start = base(LOCK, {}, tags={"p-lock": {"team": "red", "old": "1"}})
        plan = planned(
            start,
            [
                op("rename_policy", policy_id="p-lock", name="Lock"),
                op("tag_policy", policy_id="p-lock", tags=(("team", "blue"), ("old", None))),
                op("rename_organizational_unit", target_id=TEST, name="Trial"),
            ],
        )
        assert shown(plan) == [
            "2 UpdatePolicy p-lock named Lock",
            "2 TagResource p-lock",
            "2 UntagResource p-lock",
            f"2 UpdateOrganizationalUnit {TEST} named Trial",
        ]


REFUSED = [
    (op("move_organizational_unit", target_id=PROD, parent_id=TEST), "no call that moves an OU"),
    (detach("p-guard", WORK), "EnableControl, DisableControl"),
    (update("p-guard", denying("s3:*")), "belongs to AWS Control Tower"),
    (op("rename_policy", policy_id="p-guard", name="Mine"), "belongs to AWS Control Tower"),
    (op("move_account", target_id=OLD, parent_id=TEST), "Account Factory"),
    (op("move_account", target_id=TRY, parent_id=WORK), "Account Factory"),
    (update(FULL, denying("s3:*")), "AWS keeps this policy"),
    (op("delete_organizational_unit", target_id=PROD), "holds 2 accounts and OUs"),
    (create("new-1", denying("s3:*"), name="lock"), "there is a policy lock"),
    (attach("p-lock", "new-1"), "there is no root, OU or account new-1"),
    (op("disable_policy_type", policy_type=RCP), "is not enabled"),
    (op("disable_policy_type", policy_type=SCP), "it belongs to AWS Control Tower"),
    (
        op("create_organizational_unit", target_id="new-1", parent_id=ROOT, name=WORK),
        "holds an OU",
    ),
]


class TestWhatIsRefused:
    START = base(
        LOCK | {"p-guard": denying("s3:DeleteBucket")},
        {WORK: (FULL, "p-guard")},
        names={"p-guard": "aws-guardrails-AbCdEf"},
    )

    @pytest.mark.parametrize(("operation", "words"), REFUSED)
    def test_is_left_out_of_the_plan_with_its_reason(self, operation, words):
        (problem,) = delta_of(self.START, [operation]).drafted.problems
        assert words in problem.message
        assert planned(self.START, [operation]).steps == ()


CHANGES = {
    "copy": ([update("p-lock", denying("s3:*"))], [CANARY, REST]),
    "trial": ([update("p-above", denying("sqs:*", "sns:*"))], [CANARY, REST]),
    "swap": ([attach("p-new", TEST), detach("p-lock", TEST), attach("p-new", PROD)], [CANARY]),
    "down": ([attach("p-above", TEST), attach("p-above", PROD), detach("p-above", WORK)], []),
    "allows": ([detach(FULL, TEST), attach("p-list", TEST)], []),
    "moves": ([op("move_account", target_id=TRY, parent_id=PROD)], []),
    "down and loosened": (
        [
            update("p-above", denying("sqs:SendMessage")),
            *(attach("p-above", one) for one in (TEST, PROD, OLD)),
            detach("p-above", WORK),
        ],
        [CANARY, REST],
    ),
}


class TestStates:
    START = base(
        LOCK
        | {
            "p-above": denying("sqs:*"),
            "p-new": denying("s3:GetObject"),
            "p-list": allowing("s3:*", "ec2:*"),
        },
        {
            WORK: (FULL, "p-above"),
            TEST: (FULL, "p-lock"),
            PROD: (FULL, "p-lock"),
            WEB: (FULL, "p-lock"),
        },
    )

    @pytest.mark.parametrize("name", CHANGES)
    def test_end_with_what_the_operations_make_and_have_no_transient(self, name):
        operations, rings = CHANGES[name]
        plan = planned(self.START, operations, rings)
        states = all_states(plan, self.START)
        end = delta_of(self.START, operations).drafted
        assert like(states[-1])["attached"] == like(end)["attached"]
        assert like(states[-1])["parents"] == like(end)["parents"]
        found = find_transients(
            [state.after[SCP].tree for state in states],
            compiler=default_compiler(),
            report_on=[PAY, WEB, TRY],
        )
        assert found.transients == ()
        assert found.undecided == ()


class TestWhatIsCreated:
    def test_is_named_alike_by_the_plan_and_by_the_rollout(self):
        start = base(LOCK, {TEST: (FULL, "p-lock"), PROD: (FULL, "p-lock")})
        plan = planned(start, [update("p-lock", denying("s3:*"))], [CANARY, REST])
        made, attached = plan.steps[:2]
        created = {made.creates: "p-real0001"}
        assert resolved(attached, created) == {"PolicyId": "p-real0001", "TargetId": TEST}
        assert "PolicyId" not in resolved(made, created)
        assert REQUEST_TAG in {tag["Key"] for tag in made.parameters["Tags"]}
