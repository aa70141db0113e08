"""What calls a change is made of, in which order, and what the planner says of its choice."""

from dataclasses import replace

from governance.changes.planning import delta_of
from governance.edits.operations import read_operations
from governance.posture.state.organization import SCP
from policies import PolicyType
from tests.governance.changes.planning.organizations import (
    FULL,
    OLD,
    PAY,
    PROD,
    ROOT,
    TEST,
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
