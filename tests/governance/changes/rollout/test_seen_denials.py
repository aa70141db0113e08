"""The gate beside the logs: denials predicted and seen, not predicted, predicted and not seen."""

from datetime import UTC, timedelta

import pytest

from governance.changes.models import Evidence, RingDenials
from governance.changes.rollout import gates
from governance.changes.rollout.ledger import ledger_refresh, prediction_ledger
from governance.changes.rollout.seen_denials import ledger_write, ring_observation, seen_denials
from governance.changes.states import ChangeState
from tests.factories.organization import AccountFactory
from tests.factories.rollouts import ring, staged_copy
from tests.factories.usage import log_days, log_source, store_denial
from tests.governance.changes.rollout.aws import text_of

A, B = "200000000000", "200000000001"
DEPLOY = f"arn:aws:iam::{A}:role/Deploy"
LATE = "whether calls were denied is not known yet: the logs of 1 of 1 accounts are not read"


@pytest.fixture
def soaked(scene, settings):
    """The first ring of a rollout, of account A, that has soaked for an hour."""
    settings.CHANGES_PROPAGATION_SECONDS = 0
    AccountFactory.create(connection=scene.connection, account_id=A, parent_id="r-ab12")
    request = scene.request(
        staged_copy([[A], [B]], text=text_of("new")),
        rings=[ring(1, [A], soak=60), ring(2, [B], gate="automatic")],
    )
    Evidence.objects.filter(pk=request.evidence.pk).update(
        content={
            **request.evidence.content,
            "predictions": {
                "denied_uses": [
                    {"account_id": A, "principal": DEPLOY, "action": "ec2:RunInstances"},
                    {"account_id": A, "principal": DEPLOY, "action": "rds:CreateDBInstance"},
                    {"account_id": B, "principal": DEPLOY, "action": "s3:GetObject"},
                ]
            },
        }
    )
    found = scene.start(request).rings.get(number=1)
    found.started_at = found.applied_at = scene.clock.now
    found.soak_until = scene.clock.now + timedelta(hours=1)
    found.state = "soaking"
    found.save()
    return found


@pytest.fixture
def read(scene):
    """Return a function that stores that the logs were read until some time after the soak."""

    def store(*, after: timedelta):
        until = scene.clock.now + timedelta(hours=1) + after
        source = log_source(scene.connection, listed_at=until)
        log_days(source, [A], until=scene.clock.now.astimezone(UTC).date(), days=2)
        return source

    return store


class TestGate:
    def test_without_a_log_source_it_asks_for_nothing(self, soaked, scene):
        assert ring_observation(soaked) is None
        assert seen_denials(soaked, scene.clock.now) == ()
        assert ledger_write(soaked, now=scene.clock.now) is None
        assert seen_denials in gates.OBSERVATIONS

    @pytest.mark.parametrize("minutes", [-30, 14])
    def test_logs_that_end_before_the_soak_does_are_inconclusive_and_hold(
        self, soaked, scene, read, minutes
    ):
        read(after=timedelta(minutes=minutes))
        (reason,) = seen_denials(soaked, scene.clock.now)
        assert reason.startswith(LATE)
        assert gates.judge(soaked, now=scene.clock.now).state is gates.GateState.HOLDS

    def test_a_file_that_could_not_be_read_is_inconclusive(self, soaked, scene, read):
        source = read(after=timedelta(hours=1))
        source.objects_found.create(
            key="k",
            account_id=A,
            region="eu-central-1",
            day=scene.clock.now.date(),
            state="denied",
            found_at=scene.clock.now,
        )
        assert seen_denials(soaked, scene.clock.now)[0].startswith(LATE)

    def test_predicted_denials_do_not_hold_whether_seen_or_not(self, soaked, scene, read):
        read(after=timedelta(hours=1))
        later = scene.clock.now + timedelta(minutes=5)
        store_denial(scene.connection, account_id=A, action="ec2:RunInstances", at=later)
        found = ring_observation(soaked)
        assert found is not None
        assert found.predicted_seen == ((A, DEPLOY, "ec2:RunInstances"),)
        assert found.not_seen == ((A, DEPLOY, "rds:CreateDBInstance"),)
        assert found.not_predicted == ()
        assert seen_denials(soaked, scene.clock.now) == ()

    def test_a_denial_that_was_not_predicted_holds_even_while_logs_are_late(
        self, soaked, scene, read
    ):
        read(after=-timedelta(minutes=30))
        later = scene.clock.now + timedelta(minutes=5)
        store_denial(scene.connection, account_id=A, action="s3:GetObject", at=later)
        store_denial(
            scene.connection, account_id=A, action="sqs:SendMessage", at=later, policy_type=""
        )
        store_denial(scene.connection, account_id=B, action="kms:Decrypt", at=later)
        reasons = seen_denials(soaked, scene.clock.now)
        assert reasons[0].startswith("1 use is denied by an SCP or RCP in this ring")
        assert reasons[1].startswith(LATE)

    def test_what_was_denied_before_the_ring_is_no_denial_of_its(self, soaked, scene, read):
        read(after=timedelta(hours=1))
        for at in (-timedelta(days=3), timedelta(minutes=5)):
            store_denial(
                scene.connection, account_id=A, action="s3:GetObject", at=scene.clock.now + at
            )
        assert seen_denials(soaked, scene.clock.now) == ()
        store_denial(
            scene.connection,
            account_id=A,
            action="s3:GetObject",
            resource="arn:aws:s3:::other",
            at=scene.clock.now + timedelta(minutes=6),
        )
        found = ring_observation(soaked)
        assert found is not None
        assert found.not_predicted == ((A, DEPLOY, "s3:GetObject"),)


class TestLedger:
    def test_counts_what_was_predicted_and_seen_and_waits_for_late_logs(self, soaked, scene, read):
        source = read(after=-timedelta(minutes=30))
        later = scene.clock.now + timedelta(minutes=5)
        store_denial(scene.connection, account_id=A, action="ec2:RunInstances", at=later)
        store_denial(scene.connection, account_id=A, action="s3:GetObject", at=later)
        kept = ledger_write(soaked, now=later)
        assert kept is not None
        assert kept.state == RingDenials.State.INCONCLUSIVE
        assert (kept.predicted_seen, kept.not_predicted, kept.not_seen) == (1, 1, 1)
        assert kept.held_at == later
        assert prediction_ledger(scene.connection).rings == 0

        source.last_listed_at = scene.clock.now + timedelta(hours=3)
        source.save()
        assert ledger_refresh(now=later) == 1
        found = prediction_ledger(scene.connection)
        assert (found.rings, found.seen, found.predicted_seen) == (1, 2, 1)
        assert ledger_refresh(now=later) == 0

    def test_counts_rollouts_taken_back_at_a_gate_and_requests_given_up(self, soaked, scene, read):
        read(after=timedelta(hours=1))
        request = soaked.rollout.change_request
        later = scene.clock.now + timedelta(minutes=5)
        store_denial(scene.connection, account_id=A, action="s3:GetObject", at=later)
        ledger_write(soaked, now=later)
        assert prediction_ledger(scene.connection).prevented_by_gate == 0
        type(request).objects.filter(pk=request.pk).update(state=ChangeState.ROLLED_BACK)
        assert prediction_ledger(scene.connection).prevented_by_gate == 1

        Evidence.objects.filter(change_request=request).update(usage_denied="yes")
        assert prediction_ledger(scene.connection).prevented_by_replay == 0
        type(request).objects.filter(pk=request.pk).update(state=ChangeState.WITHDRAWN)
        assert prediction_ledger(scene.connection).prevented_by_replay == 1
