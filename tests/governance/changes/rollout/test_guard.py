"""Nothing is written that was not approved, by people who still may, as the audit log has it."""

import pytest

from governance.access.grants import forget_grants
from governance.access.models import RoleAssignment
from governance.approvals.models import Review, ReviewVerdict
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeContribution, ChangeRequest, Evidence, Rollout
from governance.changes.states import ChangeState
from tests.factories.people import UserFactory, give_role
from tests.factories.rollouts import approve, staged_copy
from tests.governance.changes.rollout.aws import text_of
from tests.governance.changes.rollout.conftest import fresh

A, B = "200000000000", "200000000001"


@pytest.fixture
def plan():
    return staged_copy([[A], [B]], text=text_of("new"))


@pytest.fixture
def begun(scene, plan):
    """A rollout that waits after its first ring."""
    rollout = scene.start(scene.request(plan))
    scene.advance(rollout)
    assert scene.aws.writes
    return rollout


def stopped_after(scene, rollout):
    """Have a worker carry on; return why it stopped, having written nothing more."""
    written = len(scene.aws.writes)
    rollout = fresh(rollout)
    scene.clock.now = max(
        scene.clock.now, *(at for at in (rollout.not_before, rollout.lease_until) if at)
    )
    scene.advance(rollout)
    assert len(scene.aws.writes) == written
    request = ChangeRequest.objects.get(pk=rollout.change_request_id)
    assert request.state == ChangeState.HALTED
    return request.state_reason


class TestStart:
    def test_is_refused_where_nobody_has_approved(self, scene, plan):
        request = scene.request(plan, approver=None)
        with pytest.raises(CannotChangeRequest, match="an approval is missing"):
            scene.start(request)

    def test_is_refused_where_a_review_has_no_audit_entry(self, scene, plan):
        request = scene.request(plan, approver=None)
        Review.objects.filter(pk=approve(request, scene.approver, now=scene.clock.now).pk).update(
            audit_entry=None
        )
        with pytest.raises(CannotChangeRequest, match="an approval is missing"):
            scene.start(request)

    def test_is_refused_where_the_entry_is_somebody_elses(self, scene, plan):
        request = scene.request(plan, approver=None)
        review = approve(request, UserFactory.create(), now=scene.clock.now)
        Review.objects.filter(pk=review.pk).update(reviewer=scene.approver)
        with pytest.raises(CannotChangeRequest, match="an approval is missing"):
            scene.start(request)

    def test_is_refused_where_the_approver_took_part(self, scene, plan):
        request = scene.request(plan)
        ChangeContribution.objects.create(
            change_request=request,
            person=scene.approver,
            kind="suggestion",
            revision=1,
            created_at=scene.clock.now,
        )
        with pytest.raises(CannotChangeRequest, match="an approval is missing"):
            scene.start(request)

    @pytest.mark.parametrize(
        "changed",
        [
            {"operations": [{"kind": "delete_policy", "policy_id": "p-guard00"}]},
            {"operations": "nothing that can be read"},
        ],
    )
    def test_is_refused_where_the_operations_are_others(self, scene, plan, changed):
        request = scene.request(plan)
        ChangeRequest.objects.filter(pk=request.pk).update(**changed)
        with pytest.raises(CannotChangeRequest):
            scene.start(request)

    def test_is_refused_where_the_conclusions_are_others(self, scene, plan):
        request = scene.request(plan)
        Evidence.objects.filter(pk=request.evidence_id).update(conclusions={"number": 2})
        with pytest.raises(CannotChangeRequest, match="not those that were approved"):
            scene.start(request)


class TestBetweenCalls:
    def test_stops_once_the_approver_lost_the_right(self, scene, begun):
        RoleAssignment.objects.filter(user=scene.approver).delete()
        forget_grants(scene.approver)
        assert "an approval is missing" in stopped_after(scene, begun)

    def test_stops_once_the_approver_was_deactivated(self, scene, begun):
        scene.approver.is_active = False
        scene.approver.save()
        assert "an approval is missing" in stopped_after(scene, begun)

    def test_stops_once_the_approval_was_voided(self, scene, begun):
        Review.objects.update(voided_at=scene.clock.now)
        assert "an approval is missing" in stopped_after(scene, begun)

    def test_stops_once_the_approver_rejects_it(self, scene, begun):
        request = begun.change_request
        approve(request, scene.approver, now=scene.clock.now, verdict=ReviewVerdict.REJECT)
        assert "no longer approves" in stopped_after(scene, begun)

    def test_stops_once_the_steps_are_others_in_rollout_and_evidence_alike(self, scene, begun):
        steps = [*begun.plan["steps"][:-1]]
        Evidence.objects.filter(pk=begun.change_request.evidence_id).update(
            plan={**begun.change_request.evidence.plan, "steps": steps}
        )
        Rollout.objects.filter(pk=begun.pk).update(plan={**begun.plan, "steps": steps})
        assert "not those with which the rollout was started" in stopped_after(scene, begun)


class TestEmergency:
    def test_that_an_ordinary_rollout_is_made_one_stops_it(self, scene, begun):
        # Its approvals would not be looked at any more.
        Review.objects.all().delete()
        ChangeRequest.objects.update(emergency=True)
        assert "the audit log does not have who started this" in stopped_after(scene, begun)

    def test_stops_once_who_began_it_has_lost_the_break_glass_right(self, scene, plan):
        give_role(scene.author, "security")
        request = scene.request(plan, approver=None, emergency=True, emergency_by=scene.author)
        rollout = scene.start(request)
        scene.advance(rollout)
        assert scene.aws.writes
        RoleAssignment.objects.filter(user=scene.author).delete()
        forget_grants(scene.author)
        assert "may not do so any more" in stopped_after(scene, rollout)
