"""The way back from every step of a plan."""

import pytest

from governance.changes.planning import plan_table, rollback_of
from governance.changes.planning.states import states_after
from governance.posture.state.organization import SCP
from policies import PolicyType
from tests.governance.changes.planning.organizations import (
    FULL,
    PROD,
    ROOT,
    TEST,
    TRY,
    WORK,
    attach,
    attachments,
    base,
    create,
    denying,
    detach,
    like,
    op,
    planned,
    ring,
    shown_rollback,
    update,
)

RINGS = [ring("Test", TEST), ring("Production", PROD)]
START = base(
    {"p-lock": denying("s3:*", "ec2:*"), "p-new": denying("s3:*"), "p-above": denying("sqs:*")},
    {
        ROOT: (FULL, "p-new"),
        WORK: (FULL, "p-above"),
        TEST: (FULL, "p-lock"),
        PROD: (FULL, "p-lock"),
    },
    tags={"p-lock": {"team": "red", "old": "1"}},
)
CHANGES = {
    "copy": ([update("p-lock", denying("s3:*"))], "keep"),
    "copy left": ([update("p-lock", denying("s3:*"))], "copy"),
    "trial": ([update("p-above", denying("sqs:*", "sns:*"))], "keep"),
    "two": (
        [update("p-lock", denying("s3:*")), update("p-above", denying("sns:*"))],
        "keep",
    ),
    "delete": ([op("delete_policy", policy_id="p-lock")], "keep"),
    "swap": (
        [attach("p-new", TEST), detach("p-lock", TEST), create("new-1", denying("sns:*"))],
        "keep",
    ),
    "names": (
        [
            op("rename_policy", policy_id="p-lock", name="Lock"),
            op("tag_policy", policy_id="p-lock", tags=(("team", "b"), ("old", None), ("x", "1"))),
            op("rename_organizational_unit", target_id=TEST, name="Trial"),
        ],
        "keep",
    ),
    "tree": (
        [
            op("create_organizational_unit", target_id="new-1", parent_id=WORK, name="Fresh"),
            attach("p-lock", "new-1"),
            op("move_account", target_id=TRY, parent_id="new-1"),
            op("delete_organizational_unit", target_id=TEST),
        ],
        "keep",
    ),
    "off": ([op("disable_policy_type", policy_type=SCP)], "keep"),
    "on": ([op("enable_policy_type", policy_type=PolicyType.RESOURCE_CONTROL_POLICY)], "keep"),
}


def settled(found, ids):
    """Return a state with what was made again under its old id."""
    policies = {ids.get(one, one): policy for one, policy in found["policies"].items()}
    attached = {
        (kind, ids.get(target_id, target_id)): frozenset(ids.get(one, one) for one in held)
        for (kind, target_id), held in found["attached"].items()
    }
    parents = {
        ids.get(one, one): ids.get(parent, parent) for one, parent in found["parents"].items()
    }
    return {**found, "policies": policies, "attached": attached, "parents": parents}


def made_again(plan, position, back):
    """Return what stands for what in the end: the ids of what was deleted, by the new ids."""
    deleted = {
        f"back-{step.number}": step.parameters.get("PolicyId")
        or step.parameters.get("OrganizationalUnitId")
        for step in plan.steps[:position]
        if step.call.startswith("Delete")
    }
    assert {step.creates for step in back if step.creates} == deleted.keys()
    return {
        fresh: gone for fresh, gone in deleted.items() if not gone.startswith(("copy-", "new-"))
    }


def way_back(plan, position=None, skipped=()):
    table = plan_table(START, plan.steps)
    return rollback_of(plan.steps, table, position=position, skipped=skipped)


class TestRollbackOf:
    @pytest.mark.parametrize("name", CHANGES)
    def test_restores_the_base_from_every_prefix(self, name):
        operations, policy_ids = CHANGES[name]
        plan = planned(START, operations, RINGS, policy_ids)
        assert plan.steps
        first, *_ = states_after((), START)
        for position in range(len(plan.steps) + 1):
            back = way_back(plan, position)
            *_, last = states_after((*plan.steps[:position], *back), START)
            assert last.problems == ()
            found = settled(like(last), made_again(plan, position, back))
            expected = like(first)
            tags = {one: START.collected.details_of(one).tags for one in found["tags"]}
            again = [one for one in made_again(plan, position, back) if one in tags]
            assert found["tags"] == tags | {one: {"team": "red", "old": "1"} for one in again}
            for what in ("attached", "parents", "enabled", "policies"):
                assert found[what] == expected[what], (position, what)
            assert all(START.organization.names[k].name == v for k, v in found["names"].items())

    def test_waits_where_the_way_out_waited(self):
        plan = planned(START, [attach("p-new", TEST), detach("p-lock", TEST)])
        assert shown_rollback(plan.rollback) == [
            f"attach p-lock {TEST} ~",
            f"detach p-new {TEST}",
        ]

    def test_of_a_staged_policy_passes_the_states_of_the_way_there_in_reverse(self):
        plan = planned(START, [update("p-lock", denying("s3:*"))], RINGS)
        there = [attachments(state) for state in states_after(plan.steps, START)]
        back = states_after((*plan.steps, *plan.rollback), START)
        passed = [attachments(state) for state in back][len(plan.steps) :]
        copies = {step.creates for step in plan.rollback if step.creates}
        as_there = [
            {
                place: frozenset("copy-1" if one in copies else one for one in held)
                for place, held in state.items()
            }
            for state in passed
        ]
        assert as_there == there[::-1]

    def test_leaves_out_steps_that_were_skipped(self):
        plan = planned(START, [attach("p-new", TEST), attach("p-new", PROD)])
        back = way_back(plan, 2, skipped={1})
        assert shown_rollback(back) == [f"detach p-new {TEST}"]

    def test_of_a_type_switched_off_attaches_everything_again(self):
        plan = planned(START, [op("disable_policy_type", policy_type=SCP)])
        assert set(shown_rollback(plan.rollback)) == {
            "EnablePolicyType SERVICE_CONTROL_POLICY ~",
            f"attach p-new {ROOT}",
            f"attach p-above {WORK}",
            f"attach p-lock {TEST}",
            f"attach p-lock {PROD}",
        }
        assert [notice.code for notice in plan.notices] == ["rollback_type_attachments"]
