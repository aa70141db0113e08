"""What calls a change is made of, in which order, and what the planner says of its choice."""

from dataclasses import replace

import pytest

from governance.changes.planning import delta_of
from governance.changes.planning.tables import REQUEST_TAG, resolved
from governance.edits.operations import read_operations
from governance.posture.state.organization import RCP, SCP
from policies import PolicyType
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
    closed,
    create,
    denying,
    detach,
    like,
    op,
    planned,
    ring,
    shown,
    tagging,
    update,
)

CANARY, REST = ring("Test", TEST), ring("Production", PROD)
LOCK = {"p-lock": denying("s3:*", "ec2:*")}


def codes(plan):
    return [notice.code for notice in plan.notices]


class TestANewText:
    START = base(LOCK, {TEST: (FULL, "p-lock"), PROD: (FULL, "p-lock")})

    def test_is_one_update_where_one_ring_holds_all_targets(self):
        plan = planned(self.START, [update("p-lock", denying("s3:*"))])
        assert shown(plan) == ["1 UpdatePolicy p-lock"]
        assert codes(plan) == ["direct_update"]

    def test_comes_before_the_policy_is_attached_elsewhere(self):
        start = base(LOCK, {TEST: (FULL, "p-lock"), PROD: (FULL,)})
        plan = planned(start, [attach("p-lock", PAY), update("p-lock", denying("ec2:*"))])
        assert shown(plan) == ["1 UpdatePolicy p-lock ~", f"1 attach p-lock {PAY}"]
        assert codes(plan) == ["direct_update"]

    def test_goes_from_ring_to_ring_by_a_copy_and_keeps_the_policys_id(self):
        plan = planned(self.START, [update("p-lock", denying("s3:*"))], [CANARY, REST])
        assert shown(plan) == [
            "0 CreatePolicy copy-1",
            f"1 attach copy-1 {TEST} ~",
            f"1 detach p-lock {TEST}",
            f"2 attach copy-1 {PROD} ~",
            f"2 detach p-lock {PROD}",
            "3 UpdatePolicy p-lock",
            f"3 attach p-lock {TEST}",
            f"3 attach p-lock {PROD} ~",
            f"3 detach copy-1 {TEST}",
            f"3 detach copy-1 {PROD}",
            "3 DeletePolicy copy-1",
        ]
        assert plan.steps[0].parameters["Tags"] == [
            {"Key": "orgwarden:change-request", "Value": "7"}
        ]
        assert plan.steps[0].parameters["Name"] == "lock-change-7"

    def test_leaves_the_copy_where_the_author_chooses_that(self):
        plan = planned(self.START, [update("p-lock", denying("s3:*"))], [CANARY, REST], "copy")
        assert shown(plan)[5:] == ["3 DeletePolicy p-lock", "3 UpdatePolicy copy-1 named lock"]

    def test_that_is_proven_equal_is_one_update_without_rings(self):
        plan = planned(self.START, [update("p-lock", denying("ec2:*", "s3:*"))], [CANARY, REST])
        assert shown(plan) == ["2 UpdatePolicy p-lock"]
        assert codes(plan) == ["proven_equal"]

    def test_of_a_policy_attached_nowhere_comes_before_it_is_attached(self):
        start = base(LOCK, {})
        plan = planned(start, [update("p-lock", denying("s3:*")), attach("p-lock", TEST)])
        assert shown(plan) == ["0 UpdatePolicy p-lock", f"1 attach p-lock {TEST}"]

    def test_is_one_update_where_a_target_has_no_free_slot(self):
        more = {f"p-{number}": denying(f"sqs:{number}*") for number in range(8)}
        start = base(LOCK | more, {TEST: (FULL, "p-lock", *more), PROD: (FULL, "p-lock")})
        plan = planned(start, [update("p-lock", denying("s3:*"))], [CANARY, REST])
        assert shown(plan) == ["2 UpdatePolicy p-lock"]
        assert codes(plan) == ["no_free_slot"]
        assert plan.notices[0].target_ids == (TEST,)


def most_held(plan, start):
    """The most SCPs that a target holds in any state of a plan."""
    return max(
        len(held)
        for state in all_states(plan, start)
        for held in state.policies.attached[SCP].values()
    )


class TestFullTargets:
    """Ten SCPs a target, in every state of a plan."""

    FILLERS = {f"p-{number}": denying(f"sqs:{number}*") for number in range(9)}

    def test_get_no_copy_where_the_policy_comes_newly(self):
        start = base(
            LOCK | self.FILLERS,
            {TEST: (FULL, "p-lock"), PROD: (FULL, "p-lock"), PAY: (*self.FILLERS,)},
        )
        changes = [update("p-lock", denying("s3:*")), attach("p-lock", PAY)]
        plan = planned(start, changes, [CANARY, REST])
        assert codes(plan) == ["no_free_slot"]
        assert plan.notices[0].target_ids == (PAY,)
        assert most_held(plan, start) == 10
        left = planned(start, changes, [CANARY, REST], "copy")
        assert "no_free_slot" not in codes(left)
        assert most_held(left, start) == 10

    def test_get_no_second_trial_of_policies_attached_above(self):
        above = {"p-a": denying("s3:Get*"), "p-b": denying("ec2:Run*")}
        start = base(
            above | self.FILLERS,
            {WORK: (FULL, *above), TEST: (FULL, *list(self.FILLERS)[:8])},
        )
        changes = [update("p-a", denying("s3:*")), update("p-b", denying("ec2:*"))]
        plan = planned(start, changes, [CANARY, ring("All", WORK)])
        assert codes(plan) == ["no_free_slot"]
        assert f"1 attach copy-1 {TEST}" in shown(plan)
        assert most_held(plan, start) == 10

    def test_give_a_trials_slot_back_before_another_policy_comes_back(self):
        both = {**LOCK, "p-above": denying("s3:Get*")}
        start = base(
            both | self.FILLERS,
            {
                WORK: (FULL, "p-above"),
                TEST: (FULL, "p-lock", *list(self.FILLERS)[:6]),
                PROD: (FULL, "p-lock"),
            },
        )
        changes = [update("p-lock", denying("ec2:*")), update("p-above", denying("s3:*"))]
        plan = planned(start, changes, [CANARY, ring("All", WORK)])
        assert codes(plan) == []
        ended = shown(plan)
        assert ended.index(f"3 detach copy-2 {TEST}") < ended.index(f"3 attach p-lock {TEST}")
        assert most_held(plan, start) == 10

    def test_are_filled_in_a_new_ou_only_once_its_first_policy_is_gone(self):
        new = "new-ou-1"
        start = base(self.FILLERS | LOCK, {})
        made = op("create_organizational_unit", target_id=new, parent_id=WORK, name="New")
        kept = allowing("*")
        changes = [
            made,
            create("new-1", kept),
            attach("new-1", new),
            *(attach(one, new) for one in self.FILLERS),
            detach(FULL, new),
        ]
        plan = planned(start, changes)
        assert most_held(plan, start) == 10


class TestAPolicyAttachedAboveARing:
    START = base(LOCK, {WORK: (FULL, "p-lock")})

    def test_that_is_tightened_is_tried_below(self):
        tighter = denying("s3:*", "ec2:*", "sqs:*")
        plan = planned(self.START, [update("p-lock", tighter)], [CANARY, ring("All", WORK)])
        assert shown(plan) == [
            "0 CreatePolicy copy-1",
            f"1 attach copy-1 {TEST}",
            f"2 attach copy-1 {WORK} ~",
            f"2 detach p-lock {WORK} ~",
            f"3 detach copy-1 {TEST}",
            "3 UpdatePolicy p-lock",
            f"3 attach p-lock {WORK} ~",
            f"3 detach copy-1 {WORK}",
            "3 DeletePolicy copy-1",
        ]
        assert plan.notices == ()

    def test_twice_is_tried_once_below(self):
        start = base(LOCK, {WORK: (FULL, "p-lock"), PROD: (FULL, "p-lock")})
        tighter = denying("s3:*", "ec2:*", "sqs:*")
        rings = [ring("First", PAY), ring("All", PROD, WORK)]
        steps = shown(planned(start, [update("p-lock", tighter)], rings))
        assert steps.count(f"1 attach copy-1 {PAY}") == 1
        assert steps.count(f"3 detach copy-1 {PAY}") == 1

    def test_is_not_tried_where_it_is_attached_newly(self):
        tighter = update("p-lock", denying("s3:*", "ec2:*", "sqs:*"))
        rings = [ring("First", TEST), ring("All", WORK)]
        plan = planned(self.START, [attach("p-lock", TEST), tighter], rings)
        assert shown(plan).count(f"1 attach copy-1 {TEST}") == 1
        assert like(all_states(plan, self.START)[-1]) == like(
            delta_of(self.START, [attach("p-lock", TEST), tighter]).drafted
        )

    def test_that_is_loosened_cannot_be_and_the_planner_says_so(self):
        plan = planned(self.START, [update("p-lock", denying("s3:*"))], [CANARY, ring("All", WORK)])
        assert shown(plan) == ["2 UpdatePolicy p-lock"]
        assert codes(plan) == ["attached_above"]
        assert plan.notices[0].target_ids == (TEST,)

    def test_that_is_loosened_is_offered_to_move_to_what_lies_below(self):
        loosened = update("p-lock", denying("s3:*"))
        plan = planned(self.START, [loosened], [CANARY, ring("All", WORK)])
        offered = read_operations(list(plan.notices[0].operations))
        assert offered == (
            *(attach("p-lock", one) for one in (PROD, TEST, OLD)),
            detach("p-lock", WORK),
        )
        assert "Its attachment can move" in plan.notices[0].message

        moved = planned(self.START, [loosened, *offered], [CANARY, ring("All", WORK)])
        assert shown(moved)[:11] == [
            f"0 attach p-lock {PROD}",
            f"0 attach p-lock {TEST}",
            f"0 attach p-lock {OLD} ~ ?",
            f"0 detach p-lock {WORK} ~",
            "0 CreatePolicy copy-1",
            f"1 attach copy-1 {TEST} ~",
            f"1 detach p-lock {TEST}",
            f"2 attach copy-1 {PROD}",
            f"2 attach copy-1 {OLD} ~ ?",
            f"2 detach p-lock {PROD}",
            f"2 detach p-lock {OLD} ?",
        ]
        assert "attached_above" not in codes(moved)

    def test_parts_where_rings_part_even_two_levels_below(self):
        loosened = update("p-lock", denying("s3:*"))
        plan = planned(self.START, [loosened], [ring("First", PAY), ring("All", WORK)])
        offered = read_operations(list(plan.notices[0].operations))
        assert [one.target_id for one in offered] == [PAY, WEB, TEST, OLD, WORK]

    def test_stays_where_moving_it_down_would_change_access(self):
        only = {"p-list": allowing("s3:*", "iam:*")}
        start = base(LOCK | only, {WORK: ("p-list", "p-lock")})
        changes = [update("p-list", allowing("s3:*", "iam:*", "sqs:*"))]
        plan = planned(start, changes, [CANARY, ring("All", WORK)])
        assert codes(plan) == ["attached_above"]
        assert plan.notices[0].operations == ()
        assert "not proven" in plan.notices[0].message


class TestManagementPolicies:
    TAGS = PolicyType.TAG_POLICY

    def start(self, *attached, text=None):
        policies = {"p-tags": (self.TAGS, text or tagging("Cost", "a", "b"))}
        return base({}, dict.fromkeys(attached, (FULL, "p-tags")), management=policies)

    def test_that_would_merge_with_their_copy_are_updated_directly(self):
        plan = planned(
            self.start(TEST, PROD),
            [update("p-tags", tagging("Team", "c"))],
            [CANARY, REST],
        )
        assert shown(plan) == ["2 UpdatePolicy p-tags"]
        assert codes(plan) == ["would_merge"]

    def test_attached_above_a_ring_are_tried_below_where_that_sets_the_same(self):
        plan = planned(
            self.start(WORK), [update("p-tags", tagging("Cost", "c"))], [CANARY, ring("All", WORK)]
        )
        assert shown(plan) == [
            "0 CreatePolicy copy-1",
            f"1 attach copy-1 {TEST}",
            f"2 attach copy-1 {WORK} ~",
            f"2 detach p-tags {WORK} ~",
            f"3 detach copy-1 {TEST}",
            "3 UpdatePolicy p-tags",
            f"3 attach p-tags {WORK} ~",
            f"3 detach copy-1 {WORK}",
            "3 DeletePolicy copy-1",
        ]
        assert plan.notices == ()

    def test_that_let_nothing_below_differ_are_offered_to_move_to_what_lies_below(self):
        start = self.start(WORK, text=closed("Cost", "a"))
        written = update("p-tags", closed("Cost", "c"))
        rings = [CANARY, ring("All", WORK)]
        [notice] = planned(start, [written], rings).notices
        assert notice.code == "attached_above"
        assert "what it newly sets cannot be tried below it" in notice.message
        assert "proven to leave all effective policies unchanged" in notice.message
        offered = read_operations(list(notice.operations))
        assert [one.target_id for one in offered] == [PROD, TEST, OLD, WORK]

        moved = planned(start, [written, *offered], rings)
        assert shown(moved)[:7] == [
            f"0 attach p-tags {PROD}",
            f"0 attach p-tags {TEST}",
            f"0 attach p-tags {OLD} ~ ?",
            f"0 detach p-tags {WORK} ~",
            "0 CreatePolicy copy-1",
            f"1 attach copy-1 {TEST} ~",
            f"1 detach p-tags {TEST}",
        ]
        assert "attached_above" not in codes(moved)
        assert moved.steps[0].reason.endswith("no effective policy changes.")

    def test_stay_where_another_below_would_become_one_of_two_that_disagree(self):
        policies = {
            "p-tags": (self.TAGS, tagging("Cost", "a")),
            "p-own": (self.TAGS, tagging("Cost", "own")),
        }
        held = {WORK: (FULL, "p-tags"), TEST: (FULL, "p-own")}
        start = base({}, held, management=policies)
        changes = [update("p-tags", tagging("Cost", "c"))]
        [notice] = planned(start, changes, [CANARY, ring("All", WORK)]).notices
        assert notice.operations == ()
        assert "not proven to leave their effective policies unchanged" in notice.message

    def test_of_which_one_on_the_way_was_not_read_prove_nothing(self):
        start = self.start(ROOT, WORK)
        unread = replace(start.collected, settings={"p-tags": None})
        plan = planned(
            replace(start, collected=unread),
            [update("p-tags", tagging("Cost", "c"))],
            [CANARY, ring("All", WORK, ROOT)],
        )
        assert "attached_above" in codes(plan)
        assert all(not one.operations for one in plan.notices)

    def test_are_created_attached_and_detached(self):
        made = create("new-1", tagging("Team", "c"), self.TAGS)
        plan = planned(self.start(TEST), [made, detach("p-tags", TEST), attach("new-1", TEST)])
        assert shown(plan) == [
            "0 CreatePolicy new-1",
            f"1 attach new-1 {TEST} ~",
            f"1 detach p-tags {TEST}",
        ]
        assert codes(plan) == ["merges_for_a_while"]


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
