"""Evidence of states between steps, of management policies, and on top of live reads."""

import json
from dataclasses import replace

from governance.changes.evidence.collected import collected_state
from governance.changes.evidence.findings import CheckLevel
from governance.changes.evidence.intermediate import transients_of
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.plans import PlannedChange, planned_change
from governance.changes.planning import PlanBase, states_of
from governance.changes.planning.steps import AwsCall, ChangePlan, Step
from governance.edits.collected_policies import NOTHING_ELSE_COLLECTED
from governance.edits.draft import draft
from governance.effects.headline import headline
from tests.factories.edits import (
    PAYMENTS,
    PAYMENTS_TEST,
    SECURITY,
    TEST,
    WEBSITE,
    attached,
    created,
    detached,
    edited,
)
from tests.factories.policies import denying

TAGS = json.dumps({"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}})


def planned(snapshot, operations, steps):
    """Return a plan whose steps are given, with its states."""
    organization = collected_state(snapshot.connection).organization
    plan = ChangePlan(
        rings=(),
        steps=tuple(
            Step(number, 1, AwsCall(call), {"PolicyId": policy_id, "TargetId": target_id})
            for number, (call, policy_id, target_id) in enumerate(steps, 1)
        ),
    )
    base = PlanBase(organization, NOTHING_ELSE_COLLECTED)
    return PlannedChange(plan, states_of(plan, base), draft(organization, operations))


class TestTransientsOf:
    def test_a_deny_that_is_open_for_a_while_is_found_with_its_steps(self, snapshot):
        steps = [
            ("DetachPolicy", "p-leave001", "r-ab12"),
            ("AttachPolicy", "p-unatt001", SECURITY),
            ("AttachPolicy", "p-leave001", "r-ab12"),
        ]
        made = planned(snapshot, [attached("p-unatt001", SECURITY)], steps)
        found = [one for one in transients_of(made) if not one.unlisted]
        assert {(one.kind, one.first_step, one.last_step) for one in found} == {("allowed", 1, 2)}
        assert PAYMENTS_TEST in {account for one in found for account in one.account_ids}

    def test_attaching_before_detaching_has_none(self, snapshot):
        operations = [attached("p-leave001", TEST), detached("p-leave001", "r-ab12")]
        steps = [
            ("AttachPolicy", "p-leave001", TEST),
            ("DetachPolicy", "p-leave001", "r-ab12"),
        ]
        assert transients_of(planned(snapshot, operations, steps)) == ()

    def test_a_grant_for_a_while_blocks_whatever_is_set(self, evidence, monkeypatch):
        def with_a_gap(*arguments, **options):
            found = planned_change(*arguments, **options)
            open_state = draft(found.final.before, [detached("p-leave001", "r-ab12")])
            states = (found.states[0], open_state, *found.states[1:])
            return replace(found, states=states)

        monkeypatch.setattr(f"{make_evidence.__module__}.planned_change", with_a_gap)
        made = evidence(attached("p-unatt001", SECURITY))
        grants = [one for one in made.findings if one.code == "transient_grant"]
        assert grants
        assert {one.level for one in grants} == {CheckLevel.HARD}
        assert made.content["transients"][0]["kind"] == "allowed"


class TestManagementPolicies:
    def test_accounts_whose_effective_policy_differs_are_affected(self, evidence):
        made = evidence(edited("p-costs001", TAGS))
        assert {one.target_id for one in made.targets} == {PAYMENTS, WEBSITE, PAYMENTS_TEST}
        assert {kind for one in made.targets for kind in one.policy_types} == {"TAG_POLICY"}
        assert {name for one in made.targets for name in one.operations} == {"update_policy"}
        assert {one["policy_type"] for one in made.content["management"]} == {"TAG_POLICY"}
        assert "The effective tag policy changes in 3 accounts of 2 OUs." in headline(made.content)

    def test_what_aws_would_refuse_of_a_text_blocks(self, evidence):
        made = evidence(edited("p-costs001", '{"tags": '))
        assert ("policy_refused", CheckLevel.HARD) in {(o.code, o.level) for o in made.findings}


class TestNames:
    def test_a_name_that_another_policy_of_the_type_has_blocks(self, evidence):
        made = evidence(created(denying("s3:DeleteBucket"), name="deny-regions"))
        assert "operation_refused" in {one.code for one in made.blocked_by()}


def rings_of(*targets):
    """Return a ring for each target."""
    return [
        {"name": f"Ring {number}", "targets": [one], "soak_minutes": 5, "gate": "automatic"}
        for number, one in enumerate(targets)
    ]


class TestRings:
    def test_a_target_that_the_organization_does_not_have_blocks(self, evidence):
        rings = rings_of(SECURITY, "ou-ab12-mistyped1")
        made = evidence(attached("p-unatt001", SECURITY), rings=rings)
        (found,) = [one for one in made.blocked_by() if one.code == "ring_target_unknown"]
        assert "Ring 1 names ou-ab12-mistyped1" in found.message

    def test_a_ring_without_a_call_is_said(self, evidence):
        made = evidence(attached("p-unatt001", SECURITY), rings=rings_of(TEST, SECURITY))
        (found,) = [one for one in made.findings if one.code == "ring_without_steps"]
        assert (found.level, found.target_ids) == (CheckLevel.ADVISORY, (TEST,))
        made = evidence(
            attached("p-unatt001", SECURITY),
            attached("p-unatt001", TEST),
            rings=rings_of(TEST, SECURITY),
        )
        assert not {one.code for one in made.findings} & {
            "ring_without_steps",
            "ring_target_unknown",
        }
