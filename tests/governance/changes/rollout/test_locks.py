"""What else may write meanwhile, and what the guard of a rollout does."""

from datetime import timedelta

import pytest

from governance.access.actors import user_actor
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeLock
from governance.changes.rollout import locks, services
from governance.changes.rollout.executor import Progress
from governance.changes.states import ChangeState
from tests.factories.audit import tamper
from tests.factories.rollouts import staged_copy, steps
from tests.governance.changes.rollout.aws import Fault, text_of
from tests.governance.changes.rollout.conftest import A, act, fresh


class TestLocks:
    def test_a_second_rollout_of_the_same_policy_waits_in_the_queue(self, scene, ringed):
        first = scene.start(ringed)
        second = scene.start(scene.request(staged_copy([[A]], text=text_of("third")), number=2))
        scene.advance(first)
        assert scene.advance(second) is Progress.WAITS
        place = locks.queue_place(fresh(second))
        assert place is not None
        assert (place.place, place.waits_for) == (2, (1,))
        assert "p-guard00" in place.object_ids
        act(scene, services.rollout_halt, ringed)
        scene.carry_on(act(scene, services.rollout_roll_back, ringed))
        scene.clock.now += timedelta(minutes=1)
        scene.advance(second)
        assert locks.queue_place(fresh(second)) is None
        assert scene.aws.organization.policies["p-guard00"].content == text_of("third")

    def test_security_releases_a_lock_of_what_is_halted_with_a_reason(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.advance(rollout)
        release = {
            "actor": user_actor(scene.approver),
            "connection": scene.connection,
            "object_id": "p-guard00",
            "now": scene.clock.now,
        }
        with pytest.raises(locks.StillRolling):
            locks.lock_release(**release, reason="needed")
        act(scene, services.rollout_halt, ringed)
        with pytest.raises(CannotChangeRequest, match="reason"):
            locks.lock_release(**release, reason=" ")
        locks.lock_release(**release, reason="an incident needs this policy")
        assert not ChangeLock.objects.filter(object_id="p-guard00").exists()

    def test_a_lock_is_not_released_while_a_worker_may_still_make_a_call(self, scene, ringed):
        release = {
            "actor": user_actor(scene.approver),
            "connection": scene.connection,
            "object_id": "p-guard00",
            "reason": "an incident needs this policy",
        }
        refused = []

        def halt_and_release(_aws):
            act(scene, services.rollout_halt, ringed)
            with pytest.raises(locks.StillRolling, match="a worker may still make a call of #1"):
                locks.lock_release(**release, now=scene.clock.now)
            refused.append(True)

        rollout = scene.start(ringed)
        scene.aws.faults = [Fault(2, "console", halt_and_release)]
        assert scene.advance(rollout) is Progress.STOPPED
        assert refused
        # The call was read back and the rollout let go of: nothing is on its way any more.
        locks.lock_release(**release, now=scene.clock.now)
        assert not ChangeLock.objects.filter(object_id="p-guard00").exists()

    def test_what_another_wrote_after_a_release_is_not_overwritten_by_a_resume(self, scene, ringed):
        rollout = scene.start(ringed)
        scene.advance(rollout)
        act(scene, services.rollout_halt, ringed)
        for lock in list(ChangeLock.objects.all()):
            locks.lock_release(
                actor=user_actor(scene.approver),
                connection=scene.connection,
                object_id=lock.object_id,
                reason="an incident",
                now=scene.clock.now,
            )
        second = scene.request(
            steps((1, "UpdatePolicy", {"PolicyId": "p-guard00", "Content": text_of("third")})),
            number=2,
        )
        other = scene.start(second)
        scene.advance(other)
        assert scene.aws.organization.policies["p-guard00"].content == text_of("third")
        act(scene, services.rollout_resume, ringed)
        scene.advance(rollout)
        place = locks.queue_place(fresh(rollout))
        assert place is not None
        assert place.waits_for == (2,)
        locks.locks_release(second)
        scene.clock.now += timedelta(hours=2)
        scene.advance(rollout)
        act(scene, services.rollout_go, ringed, ring_number=1, reason="seen")
        scene.carry_on(rollout)
        assert fresh(ringed).state != ChangeState.APPLIED
        assert scene.aws.organization.policies["p-guard00"].content == text_of("third")


class TestGuard:
    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("UPDATE changes_changerequest SET plan_sha256 = 'x'", "not those that were approved"),
            ("UPDATE changes_rollout SET audit_entry_id = NULL", "who started this"),
            ("UPDATE changes_evidence SET conclusions = '{}'", "not those that were approved"),
            (
                "UPDATE changes_rollout SET plan = jsonb_set(plan, '{steps,0,ring}', '3')",
                "steps are not those",
            ),
        ],
    )
    def test_what_is_not_approved_as_it_stands_is_not_written(self, scene, ringed, statement, said):
        rollout = scene.start(ringed)
        assert tamper(statement) > 0
        assert scene.advance(rollout) is Progress.STOPPED
        assert said in fresh(ringed).state_reason
        assert scene.aws.writes == []

    def test_nothing_starts_without_an_apply_role(self, scene, ringed):
        scene.connection.apply_role_arn = ""
        scene.connection.save()
        with pytest.raises(CannotChangeRequest, match="apply role"):
            scene.start(ringed)

    def test_the_steps_of_a_way_back_are_bound_when_it_is_prepared(self, scene, ringed, settings):
        settings.CHANGES_PROPAGATION_SECONDS = 300
        rollout = scene.start(ringed)
        scene.carry_on(rollout)
        back = act(scene, services.rollout_roll_back, ringed)
        scene.clock.now += timedelta(minutes=10)
        scene.advance(back)
        written = len(scene.aws.writes)
        assert written
        assert tamper(
            "UPDATE changes_rollout SET plan = "
            "jsonb_set(plan, '{steps,1,parameters,PolicyId}', '\"p-FullAWSAccess\"') "
            "WHERE kind = 'rollback'"
        )
        scene.clock.now += timedelta(minutes=10)
        assert scene.advance(back) is Progress.STOPPED
        assert "not those with which it was prepared" in fresh(ringed).state_reason
        assert len(scene.aws.writes) == written

    def test_a_placeholder_stands_for_what_the_journal_says_was_created(
        self, scene, ringed, settings
    ):
        settings.CHANGES_PROPAGATION_SECONDS = 300
        rollout = scene.start(ringed)
        scene.advance(rollout)
        written = len(scene.aws.writes)
        assert tamper('UPDATE changes_rollout SET created = \'{"copy-1": "p-FullAWSAccess"}\'')
        scene.clock.now += timedelta(minutes=10)
        assert scene.advance(rollout) is Progress.STOPPED
        assert "not what the journal says" in fresh(ringed).state_reason
        assert len(scene.aws.writes) == written
