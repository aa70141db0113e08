"""An emergency is applied at once and needs a second person afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from governance.access import rights
from governance.access.actors import system_actor, user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.audit.models import AuditEntry
from governance.changes.emergency import services
from governance.changes.emergency.services import (
    EmergencyRefused,
    OtherPlanShown,
    RatificationOverdue,
    emergencies_revert_unratified,
    emergency_begin,
    emergency_ratify,
)
from governance.changes.life.signals import emergency_checked
from governance.changes.life.transitions import WrongState, locked_request, transition
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.rollout.services import rollout_resume
from governance.changes.states import ChangeState
from governance.notifications.models import OutboxEvent
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW
from tests.factories.people import person, token_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def acting(user, **given):
    return ActingPerson(user=user, actor=user_actor(user), **given)


@pytest.fixture
def sana(db):
    return person("security", username="sana")


@pytest.fixture
def other(db):
    return person("security", username="omar")


@pytest.fixture
def draft(snapshot, sana, monkeypatch):
    """A draft of sana's in an organization that Orgwarden may write to; no worker is asked."""
    monkeypatch.setattr(services, "send_check", lambda _: None)
    snapshot.connection.apply_role_arn = "arn:aws:iam::111111111111:role/OrgwardenApply"
    snapshot.connection.save()
    return change_request(snapshot.connection, sana)


def begin(request, user, **given):
    members: dict[str, Any] = {"reason": "Payments are down", "stepped_up_at": NOW, "now": NOW}
    return emergency_begin(by=acting(user), change_request_id=request.pk, **members | given)


def checked(request):
    """Give a request that is checked its evidence, as the check does where nothing is hard."""
    locked = locked_request(request.pk)
    with_evidence(locked, plan={"steps": [], "rings": [], "rollback": [], "notices": []})
    emergency_checked.send(
        sender=ChangeRequest, change_request=locked, actor=system_actor("tests"), now=NOW
    )
    return ChangeRequest.objects.get(pk=request.pk)


def applied(request, at=NOW):
    return led_to(request, ChangeState.APPLIED_PENDING_REVIEW, at)


def stopped(request, at):
    return led_to(request, ChangeState.HALTED, at)


def led_to(request, state, at):
    transition(locked_request(request.pk), state, actor=system_actor("tests"), now=at)
    return ChangeRequest.objects.get(pk=request.pk)


def ratify(request, user, **given):
    return emergency_ratify(
        by=acting(user),
        change_request_id=request.pk,
        **{"plan_sha256": request.plan_sha256, "stepped_up_at": NOW, "now": NOW} | given,
    )


class TestBegin:
    def test_has_it_checked_and_then_applied_in_the_persons_name(self, draft, sana):
        assert begin(draft, sana).state == ChangeState.CHECKING
        found = checked(draft)
        assert found.state == ChangeState.APPLYING
        assert Rollout.objects.get().started_by == sana
        assert OutboxEvent.objects.filter(kind="change.emergency").count() == 1
        assert AuditEntry.objects.filter(action="change_request.emergency").count() == 2

    def test_where_it_cannot_be_started_ends_as_a_failed_check(self, draft, sana, snapshot):
        snapshot.connection.apply_role_arn = ""
        snapshot.connection.save()
        begin(draft, sana)
        found = checked(draft)
        assert found.state == ChangeState.CHECKS_FAILED
        assert "no apply role" in found.state_reason

    def test_that_failed_is_an_ordinary_draft_from_then_on(self, draft, sana):
        begin(draft, sana)
        locked = locked_request(draft.pk)
        transition(locked, ChangeState.CHECKS_FAILED, actor=system_actor("tests"), now=NOW)
        draft.refresh_from_db()
        assert not draft.emergency
        assert draft.emergency_by is None

    @pytest.mark.parametrize(
        ("given_", "error"),
        [
            ({"reason": "  "}, EmergencyRefused),
            ({"stepped_up_at": None}, MayNot),
        ],
    )
    def test_needs_a_reason_and_a_fresh_proof(self, draft, sana, given_, error):
        with pytest.raises(error):
            begin(draft, sana, **given_)

    def test_needs_the_break_glass_right_in_a_session(self, draft, sana):
        with pytest.raises(MayNot, match="emergency_changerequest"):
            begin(draft, person("author"))
        token, _ = token_of(sana, rights.VIEW_CHANGES)
        with pytest.raises(MayNot, match="never a token"):
            emergency_begin(
                by=acting(sana, token=token),
                change_request_id=draft.pk,
                reason="x",
                stepped_up_at=NOW,
                now=NOW,
            )

    def test_begins_with_a_draft_that_orgwarden_applies(self, draft, sana):
        ChangeRequest.objects.update(applied="elsewhere")
        with pytest.raises(EmergencyRefused, match="elsewhere"):
            begin(draft, sana)
        ChangeRequest.objects.update(applied="here", state="withdrawn")
        with pytest.raises(WrongState):
            begin(draft, sana)


class TestRatify:
    @pytest.fixture
    def pending(self, draft, sana):
        begin(draft, sana)
        checked(draft)
        return applied(draft)

    def test_has_to_be_done_within_the_hours_that_are_set(self, pending):
        assert pending.ratify_by == NOW + 24 * HOUR

    def test_closes_it(self, pending, other):
        found = ratify(pending, other, reason="agreed by phone")
        assert found.state == ChangeState.RATIFIED
        assert found.ratify_by is None
        assert emergencies_revert_unratified(now=NOW + 99 * HOUR) == 0

    def test_is_for_somebody_other_than_author_and_applier(self, pending, sana):
        with pytest.raises(MayNot, match="someone other"):
            ratify(pending, sana)

    def test_is_not_for_who_applied_somebody_elses_draft(self, snapshot, draft, other):
        begin(draft, other)
        checked(draft)
        with pytest.raises(MayNot, match="someone other"):
            ratify(applied(draft), other)

    def test_is_of_the_plan_that_was_shown(self, pending, other):
        with pytest.raises(OtherPlanShown):
            ratify(pending, other, plan_sha256="0" * 64)

    def test_needs_right_and_proof(self, pending, other):
        with pytest.raises(MayNot):
            ratify(pending, person("approver"))
        with pytest.raises(MayNot):
            ratify(pending, other, stepped_up_at=None)

    def test_missed_reverts_it_and_tells_security(self, pending):
        assert emergencies_revert_unratified(now=NOW + 23 * HOUR) == 0
        assert emergencies_revert_unratified(now=NOW + 25 * HOUR) == 1
        pending.refresh_from_db()
        assert pending.state == ChangeState.ROLLING_BACK
        assert "nobody ratified it by" in pending.state_reason
        assert Rollout.objects.latest("pk").kind == "revert"
        assert OutboxEvent.objects.filter(kind="change.ratification_overdue").count() == 1

    def test_missed_keeps_the_same_person_from_another(self, pending, sana, other):
        following = change_request(pending.connection, sana)
        with pytest.raises(RatificationOverdue, match="#1"):
            begin(following, sana, now=NOW + 25 * HOUR)
        assert begin(following, other, now=NOW + 25 * HOUR).state == ChangeState.CHECKING


class TestStopped:
    """An emergency that stops on its way stands in part in AWS, and nobody has agreed to it."""

    @pytest.fixture
    def halted(self, draft, sana):
        begin(draft, sana)
        checked(draft)
        return stopped(draft, NOW)

    def test_has_a_deadline_as_well(self, halted):
        assert halted.ratify_by == NOW + 24 * HOUR

    def test_keeps_its_deadline_however_often_it_is_resumed(self, halted, other):
        later = NOW + 20 * HOUR
        rollout_resume(actor=user_actor(other), change_request_id=halted.pk, now=later)
        assert stopped(halted, later).ratify_by == NOW + 24 * HOUR

    def test_is_taken_back_at_its_deadline(self, halted):
        assert emergencies_revert_unratified(now=NOW + 23 * HOUR) == 0
        assert emergencies_revert_unratified(now=NOW + 25 * HOUR) == 1
        halted.refresh_from_db()
        assert halted.state == ChangeState.ROLLING_BACK
        assert OutboxEvent.objects.filter(kind="change.ratification_overdue").count() == 1

    def test_keeps_the_same_person_from_another_once_overdue(self, halted, sana):
        following = change_request(halted.connection, sana)
        with pytest.raises(RatificationOverdue):
            begin(following, sana, now=NOW + 25 * HOUR)

    def test_applied_after_all_has_its_hours_to_be_ratified(self, halted, other):
        later = NOW + 20 * HOUR
        rollout_resume(actor=user_actor(other), change_request_id=halted.pk, now=later)
        assert applied(halted, later).ratify_by == later + 24 * HOUR


def test_a_temporary_emergency_is_taken_back_at_its_end_though_it_may_still_be_ratified(
    draft, sana
):
    begin(draft, sana)
    checked(draft)
    ChangeRequest.objects.filter(pk=draft.pk).update(revert_at=NOW + 2 * HOUR)
    applied(draft)
    assert emergencies_revert_unratified(now=NOW + HOUR) == 0
    assert emergencies_revert_unratified(now=NOW + 2 * HOUR) == 1
    draft.refresh_from_db()
    assert draft.state == ChangeState.ROLLING_BACK
    assert draft.state_reason == "its end has come before anyone ratified it"
    assert not OutboxEvent.objects.filter(kind="change.ratification_overdue").exists()
    # It was not overdue: the same person may begin another.
    following = change_request(draft.connection, sana)
    assert begin(following, sana, now=NOW + 3 * HOUR).state == ChangeState.CHECKING
