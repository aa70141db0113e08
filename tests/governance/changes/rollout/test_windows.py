"""Windows and freezes while a rollout is under way: a ring begins in one, and is finished."""

from datetime import timedelta

import pytest

from governance.access.actors import user_actor
from governance.approvals.models import SettingVersion
from governance.changes.rollout import services
from governance.changes.rollout.executor import Progress
from governance.changes.states import ChangeState
from tests.factories.rollouts import ring, staged_copy, steps
from tests.governance.changes.rollout.aws import START, text_of
from tests.governance.changes.rollout.conftest import fresh

A, B = "200000000000", "200000000001"
NEW = text_of("new")
OPEN = {
    "name": "Sunday morning",
    "kind": "window",
    "rule": "FREQ=WEEKLY",
    "starts": f"{START:%Y-%m-%dT%H:%M}",
    "minutes": 90,
    "time_zone": "UTC",
}


def rules_hold(scene, *rules):
    SettingVersion.objects.filter(connection=scene.connection).delete()
    SettingVersion.objects.create(
        connection=scene.connection,
        kind="change_windows",
        version=1,
        state="active",
        content={"ratify_hours": 24, "windows": list(rules)},
        proposed_by=scene.author,
        proposed_at=START,
        decided_by=scene.approver,
        decided_at=START,
    )


@pytest.fixture
def ringed(scene, settings):
    """A request of two rings, begun in a window that ends half an hour after the first's soak."""
    settings.CHANGES_PROPAGATION_SECONDS = 0
    rules_hold(scene, OPEN)
    rings = [ring(1, [A], soak=120), ring(2, [B])]
    return scene.request(staged_copy([[A], [B]], text=NEW), rings=rings)


def go(scene, request, ring_number):
    services.rollout_go(
        actor=user_actor(scene.approver),
        change_request_id=request.pk,
        ring_number=ring_number,
        reason="seen",
        now=scene.clock.now,
    )


def test_a_ring_soaks_and_meets_its_gate_though_the_window_is_closed_by_then(scene, ringed):
    rollout = scene.start(ringed)
    scene.advance(rollout)
    assert fresh(ringed).state == ChangeState.SOAKING
    scene.clock.now += timedelta(minutes=121)
    assert scene.advance(rollout) is Progress.WAITS
    assert fresh(ringed).state == ChangeState.WAITING_FOR_GO


def test_the_next_ring_waits_for_the_next_window_and_says_so(scene, ringed):
    rollout = scene.start(ringed)
    scene.advance(rollout)
    scene.clock.now += timedelta(minutes=121)
    scene.advance(rollout)
    go(scene, ringed, 1)
    made = len(scene.aws.writes)
    assert scene.advance(rollout) is Progress.WAITS
    assert len(scene.aws.writes) == made
    waiting = fresh(ringed)
    assert waiting.state == ChangeState.APPLYING
    assert waiting.state_reason == (
        "Ring 2 waits: no change window is open (Sunday morning); it begins 2026-12-06 09:00 UTC "
        "at the earliest"
    )
    scene.clock.now = START + timedelta(days=7)
    scene.advance(rollout)
    assert scene.aws.attached(B) == {"FullAWSAccess", "guard (change)"}
    assert fresh(ringed).state_reason != waiting.state_reason


def test_a_ring_that_has_begun_is_finished_though_a_freeze_begins(scene, ringed, settings):
    settings.CHANGES_PROPAGATION_SECONDS = 300
    rollout = scene.start(ringed)
    # The copy is attached, and waits until AWS enforces it.
    scene.advance(rollout)
    assert scene.aws.attached(A) == {"FullAWSAccess", "guard", "guard (change)"}
    freeze = {**OPEN, "name": "Incident", "kind": "freeze", "minutes": 60 * 24}
    rules_hold(scene, freeze)
    scene.clock.now += timedelta(minutes=6)
    scene.advance(rollout)
    assert scene.aws.attached(A) == {"FullAWSAccess", "guard (change)"}
    assert scene.aws.attached(B) == {"FullAWSAccess", "guard"}


def test_what_waits_for_a_window_is_halted_and_taken_back_in_a_freeze(scene, ringed):
    rollout = scene.start(ringed)
    scene.advance(rollout)
    rules_hold(scene, {**OPEN, "name": "Incident", "kind": "freeze", "minutes": 60 * 24})
    scene.clock.now += timedelta(minutes=121)
    scene.advance(rollout)
    go(scene, ringed, 1)
    scene.advance(rollout)
    assert "the freeze Incident lasts until" in fresh(ringed).state_reason
    by = {"actor": user_actor(scene.approver), "change_request_id": ringed.pk}
    services.rollout_halt(**by, now=scene.clock.now)
    back = services.rollout_roll_back(**by, now=scene.clock.now)
    scene.carry_on(back)
    assert fresh(ringed).state == ChangeState.ROLLED_BACK
    assert scene.aws.attached(A) == {"FullAWSAccess", "guard"}


def test_a_text_is_not_written_while_one_of_its_targets_is_frozen(scene, settings):
    settings.CHANGES_PROPAGATION_SECONDS = 0
    freeze = {**OPEN, "name": "Incident", "kind": "freeze", "target_ids": [B]}
    rules_hold(scene, freeze)
    plan = steps((1, "UpdatePolicy", {"PolicyId": "p-guard00", "Content": NEW}))
    request = scene.request(plan, rings=[ring(1, [A])])
    assert scene.advance(scene.start(request)) is Progress.WAITS
    assert scene.aws.writes == []
    assert "the freeze Incident lasts until" in fresh(request).state_reason
