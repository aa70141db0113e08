"""A plan reaches AWS step by step, compared, journaled and read back."""

import pytest

from governance.audit.models import AuditEntry
from governance.changes.models import ChangeLock, JournalEntry
from governance.changes.states import ChangeState
from tests.factories.rollouts import staged_copy, steps
from tests.governance.changes.rollout.aws import Fault, WorkerDied, text_of
from tests.governance.changes.rollout.conftest import fresh

A, B, C = "200000000000", "200000000001", "200000000002"
UNIT = "ou-ab12-workload"
NEW = text_of("new")


def _base_of_unit(account_ids):
    """Return a reviewed base in which Workloads holds some accounts."""
    unit = {"name": "Workloads", "kind": "OU", "parent_id": "r-ab12", "attached": {}}
    return {
        "policies": {},
        "targets": {UNIT: {**unit, "accounts": account_ids}},
        "enabled_types": [],
    }


@pytest.fixture
def plan():
    return staged_copy([[A], [B]], text=NEW)


class TestForward:
    def test_a_copy_is_staged_and_the_policy_keeps_its_id(self, scene, plan):
        rollout = scene.start(scene.request(plan))
        scene.carry_on(rollout)
        guard = scene.aws.organization.policies["p-guard00"]
        assert guard.content == NEW
        assert [scene.aws.attached(each) for each in (A, B, C)] == [{"FullAWSAccess", "guard"}] * 3
        assert scene.aws.policy_named("guard (change)") is None
        assert [name for name, _ in scene.aws.writes] == [step.call.value for step in plan]

    def test_each_call_has_its_lines_and_its_audit_entry(self, scene, plan):
        request = scene.request(plan)
        rollout = scene.start(request)
        scene.carry_on(rollout)
        lines = JournalEntry.objects.filter(rollout=rollout)
        for number in range(1, len(plan) + 1):
            phases = list(lines.filter(step=number).values_list("phase", "outcome"))
            assert phases == [("intent", ""), ("answer", "done"), ("read_back", "as planned")]
        entries = AuditEntry.objects.filter(action="change_request.write")
        assert entries.count() == len(plan)
        assert lines.filter(phase="intent", audit_entry=None).count() == 0
        answered = lines.filter(phase="answer").values_list("aws_request_id", flat=True)
        assert all(each.startswith("request-") for each in answered)

    def test_nothing_follows_before_what_a_step_wrote_is_enforced(self, scene, plan, settings):
        settings.CHANGES_PROPAGATION_SECONDS = 300
        scene.aws.enforcement.seconds = 240
        seen = []
        scene.aws.watch = lambda aws: seen.append(aws.enforced(A) | {"at": scene.clock.now}.keys())
        rollout = scene.start(scene.request(plan))
        scene.carry_on(rollout)
        allowed = {text_of("old"), NEW}
        assert all(each & allowed for each in seen)

    def test_a_created_policy_carries_the_number_of_the_request(self, scene, plan):
        scene.aws.faults = [Fault(2, "die-before")]
        rollout = scene.start(scene.request(plan, number=7))
        with pytest.raises(WorkerDied):
            scene.advance(rollout)
        made = scene.aws.policy_named("guard (change)")
        assert made.tags["orgwarden:change-request"] == "7"
        assert fresh(rollout).created == {"copy-1": made.policy_id}

    def test_locks_hold_what_is_written_to_until_the_end(self, scene, plan):
        request = scene.request(plan)
        rollout = scene.start(request)
        scene.advance(rollout)
        held = set(ChangeLock.objects.values_list("object_id", flat=True))
        assert held == {"p-guard00", A, B}


class TestBase:
    def test_another_live_state_than_reviewed_makes_it_stale_and_writes_nothing(self, scene, plan):
        base = {
            "policies": {
                "p-guard00": {
                    "name": "guard",
                    "type": "SERVICE_CONTROL_POLICY",
                    "text": text_of("old"),
                    "attached_to": [A, B, C],
                }
            },
            "targets": {},
            "enabled_types": [],
        }
        request = scene.request(plan, base=base)
        scene.aws.console("UpdatePolicy", PolicyId="p-guard00", Content=text_of("edited"))
        rollout = scene.start(request)
        scene.advance(rollout)
        assert fresh(request).state == ChangeState.STALE
        assert "its text changed" in fresh(request).state_reason
        assert scene.aws.writes == []
        assert ChangeLock.objects.count() == 0

    @pytest.mark.parametrize(
        ("reviewed", "says"),
        [
            ([A, B], f"{C} joined"),
            ([A, B, C, "299999999999"], "299999999999 left"),
        ],
    )
    def test_an_account_that_joined_or_left_a_target_makes_it_stale_and_writes_nothing(
        self, scene, reviewed, says
    ):
        plan = steps((1, "AttachPolicy", {"PolicyId": "p-guard00", "TargetId": UNIT}, True))
        request = scene.request(plan, base=_base_of_unit(reviewed))
        scene.advance(scene.start(request))
        assert fresh(request).state == ChangeState.STALE
        assert f"accounts of Workloads ({UNIT}): {says}" in fresh(request).state_reason
        assert scene.aws.writes == []

    def test_the_accounts_that_were_reviewed_let_it_begin(self, scene):
        plan = steps((1, "AttachPolicy", {"PolicyId": "p-guard00", "TargetId": UNIT}, True))
        rollout = scene.start(scene.request(plan, base=_base_of_unit([A, B, C])))
        scene.carry_on(rollout)
        assert [name for name, _ in scene.aws.writes] == ["AttachPolicy"]

    def test_a_console_edit_in_between_halts_and_says_what_differs(self, scene, plan):
        edit = lambda aws: aws.console("DetachPolicy", PolicyId="p-guard00", TargetId=B)  # noqa: E731
        scene.aws.faults = [Fault(2, "console", edit)]
        request = scene.request(plan)
        rollout = scene.start(request)
        scene.carry_on(rollout)
        assert fresh(request).state == ChangeState.HALTED
        assert f"{B}: p-guard00 removed" in fresh(request).state_reason


class TestRefusals:
    def test_a_constraint_halts(self, scene, plan):
        scene.aws.faults = [Fault(3, "refuse")]
        request = scene.request(plan)
        rollout = scene.start(request)
        scene.carry_on(rollout)
        assert fresh(request).state == ChangeState.HALTED
        assert "ConstraintViolationException" in fresh(request).state_reason
        assert len(scene.aws.writes) == 2

    def test_an_optional_target_that_cannot_be_changed_is_left_out_in_all_steps(self, scene):
        plan = steps(
            (
                1,
                "AttachPolicy",
                {"PolicyId": "p-FullAWSAccess", "TargetId": "299999999999"},
                False,
                True,
            ),
            (1, "DetachPolicy", {"PolicyId": "p-guard00", "TargetId": A}),
        )
        request = scene.request(plan)
        rollout = scene.start(request)
        scene.carry_on(rollout)
        skipped = JournalEntry.objects.get(rollout=rollout, phase="skipped")
        assert skipped.detail["TargetId"] == "299999999999"
        assert scene.aws.attached(A) == {"FullAWSAccess"}
