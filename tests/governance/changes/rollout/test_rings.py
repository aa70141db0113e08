"""Ring after ring: soak, gate, a person's go; halt, resume and the way back from anywhere."""

from datetime import timedelta

import pytest

from governance.changes.life.transitions import WrongState
from governance.changes.models import ChangeLock, ChangeRequest
from governance.changes.rollout import ending, gates, services
from governance.changes.rollout.commands import halt_commands, rollback_commands
from governance.changes.rollout.executor import Progress
from governance.changes.rollout.new_drift import new_drift
from governance.changes.rollout.new_findings import new_findings
from governance.changes.states import ChangeState
from governance.drift.models import DriftReading
from governance.inbox.models import InboxItem, InboxReading
from tests.factories.drift import baseline_version, drift_item
from tests.factories.edits import PROD, ROOT, SECURITY, WORKLOADS
from tests.factories.people import LONG_AGO
from tests.factories.rollouts import ring, staged_copy, steps
from tests.factories.runs import InventoryRunFactory
from tests.governance.changes.rollout.aws import Fault, WorkerDied
from tests.governance.changes.rollout.conftest import NEW, A, B, act, fresh


def judged(scene, at=None):
    """Have the findings of an organization judged."""
    for source in ("structure", "trust"):
        InboxReading.objects.update_or_create(
            connection=scene.connection,
            source=source,
            defaults={"mark": "1", "read_at": at or scene.clock.now + timedelta(days=1)},
        )


def found(scene, title, *, at, source="structure", severity="high", **values):
    """Put a finding into the inbox."""
    return InboxItem.objects.create(
        connection=scene.connection,
        source=source,
        source_key=title,
        kind="kind",
        title=title,
        target_kind="account",
        severity=severity,
        first_seen_at=at,
        last_seen_at=at,
        **values,
    )


class TestGates:
    def test_a_ring_soaks_and_then_waits_for_a_persons_go(self, scene, ringed):
        rollout = scene.start(ringed)
        assert scene.advance(rollout) is Progress.WAITS
        assert fresh(ringed).state == ChangeState.SOAKING
        assert scene.aws.attached(A) == {"FullAWSAccess", "guard (change)"}
        assert scene.aws.attached(B) == {"FullAWSAccess", "guard"}
        scene.clock.now += timedelta(minutes=59)
        scene.advance(rollout)
        assert fresh(ringed).state == ChangeState.SOAKING
        scene.clock.now += timedelta(minutes=2)
        scene.advance(rollout)
        assert fresh(ringed).state == ChangeState.WAITING_FOR_GO
        act(scene, services.rollout_go, ringed, ring_number=1, reason="seen")
        scene.advance(rollout)
        assert scene.aws.attached(B) == {"FullAWSAccess", "guard (change)"}

    def test_an_automatic_gate_without_data_holds_and_can_be_passed(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.advance(rollout)
        scene.clock.now += timedelta(hours=2)
        scene.advance(rollout)
        act(scene, services.rollout_go, ringed, ring_number=1, reason="seen")
        scene.advance(rollout)
        waiting = fresh(ringed)
        assert waiting.state == ChangeState.WAITING_FOR_GO
        assert "no account of this ring has been collected" in waiting.state_reason
        act(scene, services.rollout_go, ringed, ring_number=2, reason="looked at by hand")
        scene.carry_on(rollout)
        assert scene.aws.organization.policies["p-guard00"].content == NEW

    def test_an_automatic_gate_passes_where_nothing_speaks_against_it(
        self, scene, ringed, monkeypatch
    ):
        monkeypatch.setattr(gates, "_stale_coverage", lambda _ring: [])
        judged(scene)
        ringed.evidence.plan["rings"][0]["gate"] = "automatic"
        rollout = scene.start(ringed)
        rollout.rings.update(gate="automatic", soak_minutes=0)
        rollout.plan = ringed.evidence.plan
        monkeypatch.setattr("governance.changes.rollout.guard.check_plan", lambda *_: None)
        scene.carry_on(rollout)
        assert scene.aws.organization.policies["p-guard00"].content == NEW

    def test_new_findings_at_the_rings_accounts_hold_until_somebody_sets_them_aside(
        self, scene, ringed
    ):
        first = scene.start(ringed).rings.get(number=1)
        first.started_at = first.applied_at = scene.clock.now
        later = scene.clock.now + timedelta(minutes=5)
        assert new_findings(first, later) == (
            "structure findings could not be checked",
            "trust findings could not be checked",
        )
        judged(scene, at=scene.clock.now - timedelta(minutes=1))
        assert new_findings(first, later) == (
            "structure findings were not checked since the ring was applied",
        )
        judged(scene, at=later)
        assert new_findings(first, later) == ()

        found(scene, "there before", target_id=A, at=scene.clock.now - timedelta(days=1))
        found(scene, "in the other ring", target_id=B, at=later)
        found(scene, "the ring's own change", target_id=A, at=later, source="drift")
        assert new_findings(first, later) == ()
        item = found(scene, "a role nobody guards", target_id="arn", account_id=A, at=later)
        found(scene, "an OU", target_id="ou-ab12-x", account_ids=[A, B], at=later, severity="low")
        assert new_findings(first, later) == (
            "2 findings are new in this ring (1 high, 1 low): see Findings",
        )
        type(item).objects.update(state="snoozed")
        assert new_findings(first, later) == ()

    def test_new_drift_holds_unless_the_request_itself_explains_it(self, scene, ringed):
        first = scene.start(ringed).rings.get(number=1)
        first.started_at = first.applied_at = scene.clock.now
        later = scene.clock.now + timedelta(minutes=5)
        assert new_drift(first, later) == ()
        baseline_version(scene.connection, scene.author)
        assert new_drift(first, later) == ("drift was not checked since the ring was applied",)
        DriftReading.objects.create(
            connection=scene.connection, looked_until=later, baseline_version=1, read_at=later
        )
        assert new_drift(first, later) == ()

        own = {"source": "Orgwarden", "change_number": ringed.number}
        drifted = {"place_id": A, "account_id": A, "first_seen_at": later}
        drift_item(scene.connection, **drifted, explained_by=own)
        drift_item(scene.connection, **{**drifted, "first_seen_at": LONG_AGO})
        drift_item(scene.connection, **{**drifted, "place_id": B, "account_id": B})
        drift_item(scene.connection, **drifted, state="ignored")
        assert new_drift(first, later) == ()
        drift_item(scene.connection, **drifted)
        drift_item(scene.connection, **drifted, explained_by={**own, "change_number": 999})
        assert new_drift(first, later) == (
            "2 drift items are new where this ring applies (2 high): see Findings",
        )
        assert new_drift in gates.OBSERVATIONS

    def test_drift_above_a_rings_targets_and_below_them_holds_too(self, snapshot, scene):
        scene.connection = snapshot.connection
        request = scene.request(
            staged_copy([[WORKLOADS], [SECURITY]], text=NEW),
            rings=[ring(1, [WORKLOADS], gate="automatic"), ring(2, [SECURITY])],
        )
        snapshot.connection.apply_role_arn = "arn:aws:iam::111111111111:role/OrgwardenApply"
        snapshot.connection.save()
        first = scene.start(request).rings.get(number=1)
        first.started_at = first.applied_at = scene.clock.now
        now = scene.clock.now
        baseline_version(snapshot.connection, scene.author)
        DriftReading.objects.create(
            connection=snapshot.connection, looked_until=now, baseline_version=1, read_at=now
        )
        for place in (SECURITY, ROOT, PROD):
            drift_item(
                snapshot.connection,
                place_id=place,
                account_id="",
                first_seen_at=now,
                severity={SECURITY: "critical", ROOT: "medium", PROD: "low"}[place],
            )
        (reason,) = new_drift(first, now)
        assert "(1 medium, 1 low)" in reason

    def test_a_stop_in_the_ring_holds_and_a_halt_that_was_resumed_does_not(
        self, scene, ringed, monkeypatch
    ):
        monkeypatch.setattr(gates, "_stale_coverage", lambda _ring: [])
        monkeypatch.setattr(gates, "OBSERVATIONS", [])
        rollout = scene.start(ringed)
        halt = lambda _aws: act(scene, services.rollout_halt, ringed)  # noqa: E731
        scene.aws.faults = [Fault(2, "console", halt), Fault(3, "refuse")]
        assert scene.advance(rollout) is Progress.STOPPED
        first = rollout.rings.get(number=1)
        assert gates.judge(first, now=scene.clock.now).state is gates.GateState.PASSES
        act(scene, services.rollout_resume, ringed)
        assert scene.advance(rollout) is Progress.STOPPED
        (reason,) = gates.judge(first, now=scene.clock.now).reasons
        assert reason.startswith("it stopped in this ring: step 3: AWS refused DetachPolicy")

    def test_an_observation_that_speaks_against_it_holds(self, scene, ringed, monkeypatch):
        monkeypatch.setattr(gates, "OBSERVATIONS", [lambda _ring, _now: ("12 denials in A",)])
        rollout = scene.start(ringed)
        first = rollout.rings.get(number=1)
        assert "12 denials in A" in gates.judge(first, now=scene.clock.now).reasons

    def test_going_on_without_data_needs_a_reason_and_with_them_none(
        self, scene, ringed, monkeypatch
    ):
        rollout = scene.start(ringed)
        scene.advance(rollout)
        scene.clock.now += timedelta(hours=2)
        scene.advance(rollout)
        with pytest.raises(services.ReasonMissing, match="no account of this ring has been"):
            act(scene, services.rollout_go, ringed, ring_number=1, reason=" ")
        monkeypatch.setattr(gates, "_stale_coverage", lambda _ring: [])
        judged(scene)
        assert act(scene, services.rollout_go, ringed, ring_number=1).state == "done"

    def test_a_ring_that_does_not_wait_takes_no_go(self, scene, ringed):
        scene.start(ringed)
        with pytest.raises(services.NoGateWaits):
            act(scene, services.rollout_go, ringed, ring_number=2)


class TestTheRunAfterARollout:
    @pytest.mark.parametrize(("minutes", "shared"), [(-1, False), (1, True)])
    def test_is_one_that_goes_on_already_if_it_began_after_the_last_step(
        self, scene, ringed, minutes, shared
    ):
        rollout = scene.start(ringed)
        scene.advance(rollout)
        last = rollout.journal.order_by("recorded_at").last().recorded_at
        run = InventoryRunFactory.create(
            connection=scene.connection,
            state="running",
            finished_at=None,
            started_at=last + timedelta(minutes=minutes),
        )
        ending.ask_for_run(rollout, last + timedelta(minutes=2))
        rollout.refresh_from_db()
        assert rollout.seen_run_id == (run.pk if shared else None)


class TestHalt:
    def test_halt_comes_before_the_next_call_and_resume_goes_on_there(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.aws.faults = [
            Fault(2, "console", lambda _aws: act(scene, services.rollout_halt, ringed))
        ]
        assert scene.advance(rollout) is Progress.STOPPED
        assert len(scene.aws.writes) == 2
        assert fresh(ringed).state == ChangeState.HALTED
        assert scene.advance(rollout) is Progress.WAITS
        act(scene, services.rollout_resume, ringed)
        scene.advance(rollout)
        assert fresh(ringed).state == ChangeState.SOAKING

    def test_a_waiting_gate_is_halted_and_rolled_back(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.advance(rollout)
        act(scene, services.rollout_halt, ringed, reason="customers call")
        assert "customers call" in fresh(ringed).state_reason
        back = act(scene, services.rollout_roll_back, ringed)
        scene.carry_on(back)
        assert fresh(ringed).state == ChangeState.ROLLED_BACK
        assert scene.aws.attached(A) == {"FullAWSAccess", "guard"}
        assert scene.aws.policy_named("guard (change)") is None
        assert ChangeLock.objects.count() == 0

    def test_nothing_is_halted_that_does_not_run(self, scene, ringed):
        with pytest.raises(WrongState):
            act(scene, services.rollout_halt, ringed)


class TestWayBack:
    def test_it_settles_a_call_whose_worker_died(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.aws.faults = [Fault(3, "die-after")]
        with pytest.raises(WorkerDied):
            scene.advance(rollout)
        back = act(scene, services.rollout_roll_back, ringed)
        scene.carry_on(back)
        assert fresh(ringed).state == ChangeState.ROLLED_BACK
        assert scene.aws.attached(A) == {"FullAWSAccess", "guard"}

    def test_it_stops_where_somebody_else_has_written_and_is_tried_again(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.advance(rollout)
        scene.aws.console("DetachPolicy", PolicyId="p-FullAWSAccess", TargetId=A)
        back = act(scene, services.rollout_roll_back, ringed)
        scene.carry_on(back)
        failed = fresh(ringed)
        assert failed.state == ChangeState.ROLLBACK_FAILED
        assert f"{A}: p-FullAWSAccess removed" in failed.state_reason
        scene.aws.console("AttachPolicy", PolicyId="p-FullAWSAccess", TargetId=A)
        act(scene, services.rollout_roll_back, ringed)
        scene.carry_on(fresh(back))
        assert fresh(ringed).state == ChangeState.ROLLED_BACK

    def test_it_says_what_comes_back_otherwise(self, scene):
        plan = steps(
            *(
                (1, "DetachPolicy", {"PolicyId": "p-guard00", "TargetId": each})
                for each in (A, B, "200000000002")
            ),
            (1, "DeletePolicy", {"PolicyId": "p-guard00"}),
        )
        rollout = scene.start(scene.request(plan))
        scene.carry_on(rollout)
        found = services.way_back(fresh(rollout))
        assert found.otherwise == (
            "guard is deleted. Rolled back, it is created again with a new id; references to the "
            "old one must be updated.",
        )
        commands = rollback_commands(fresh(rollout), found.steps)
        assert commands[0].startswith("BACK_4=$(aws organizations create-policy --name guard")
        assert commands[0].endswith("--query Policy.PolicySummary.Id --output text)")
        assert commands[1].startswith('aws organizations attach-policy --policy-id "$BACK_4"')

    def test_commands_name_the_call_whose_answer_nobody_has(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.aws.faults = [Fault(3, "die-after")]
        with pytest.raises(WorkerDied):
            scene.advance(rollout)
        left = fresh(rollout)
        said, undo, *rest = rollback_commands(left, services.way_back(left).steps)
        assert said == (
            "# DetachPolicy of step 3 may have been made as well: look in AWS. If so, first:"
        )
        assert undo.startswith("# aws organizations attach-policy --policy-id p-guard00")
        assert [line.split()[2] for line in rest] == ["detach-policy", "delete-policy"]

    def test_halt_as_a_command_denies_the_apply_role_everything(self, scene):
        (command,) = halt_commands(scene.connection)
        assert command.startswith("aws iam put-role-policy --role-name OrgwardenApply")

    def test_what_is_applied_is_not_rolled_back(self, scene, ringed):
        ChangeRequest.objects.filter(pk=ringed.pk).update(state=ChangeState.APPLIED)
        with pytest.raises(WrongState, match="not rolled back"):
            act(scene, services.rollout_roll_back, ringed)
