"""Requests that another tool applies, and emergencies, from the draft to their end."""

from datetime import timedelta

import pytest

from governance.changes.elsewhere.observing import observe
from governance.changes.elsewhere.verdict import verdict
from governance.changes.emergency.services import emergency_begin, emergency_ratify
from governance.changes.life.checking import change_check
from governance.changes.life.drafting import change_create
from governance.changes.life.reviewing import change_review
from governance.changes.life.submitting import change_submit
from governance.changes.life.transitions import locked_request, transition
from governance.changes.models import ChangeRequest
from governance.changes.rollout.journal import ROLLOUT_ACTOR
from governance.changes.states import ChangeState
from governance.notifications.models import OutboxEvent
from tests.factories.edits import ROOT, SECURITY, attached
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person
from tests.factories.policies import PolicyAttachmentFactory
from tests.factories.times import FIRST_RUN_AT
from tests.governance.changes.life.conftest import content, in_session

pytestmark = pytest.mark.django_db
NOW = FIRST_RUN_AT + timedelta(minutes=30)
NEXT_RUN = FIRST_RUN_AT + timedelta(hours=1)


@pytest.fixture
def author(db):
    return person("author")


def checked(request):
    found = change_check(change_request_id=request.pk, clock=lambda: NOW)
    assert found is not None
    return ChangeRequest.objects.get(pk=found.pk)


def test_another_tool_applies_what_was_approved_and_a_run_sees_it(snapshot, author):
    owner, security = person("approver"), person("security")
    OwnershipFactory.create(
        connection=snapshot.connection, target_id=SECURITY, user=owner, confirmed_at=LONG_AGO
    )
    draft = change_create(
        by=in_session(author),
        connection=snapshot.connection,
        content=content(applied="elsewhere"),
        now=NOW,
    )
    change_submit(by=in_session(author), change_request_id=draft.pk, now=NOW)
    request = checked(draft)
    assert request.state == ChangeState.IN_REVIEW
    assert not verdict(snapshot.connection, 1, request.plan_sha256, now=NOW).may_be_applied
    for somebody in (owner, security):
        if ChangeRequest.objects.get(pk=request.pk).state == ChangeState.IN_REVIEW:
            change_review(
                by=in_session(somebody),
                change_request_id=request.pk,
                verdict="approve",
                body="",
                plan_sha256=request.plan_sha256,
                stepped_up_at=NOW,
                now=NOW,
            )
    request.refresh_from_db()
    assert request.state == ChangeState.HANDED_OUT
    assert verdict(snapshot.connection, 1, request.plan_sha256, now=NOW).may_be_applied
    PolicyAttachmentFactory.create(
        connection=snapshot.connection,
        policy_id="p-unatt001",
        target_id=SECURITY,
        seen_from=NEXT_RUN,
    )
    assert observe(connection=snapshot.connection, now=NEXT_RUN) == 0
    ChangeRequest.objects.update(state_at=FIRST_RUN_AT - timedelta(minutes=1))
    assert observe(connection=snapshot.connection, now=NEXT_RUN) == 1
    request.refresh_from_db()
    assert request.state == ChangeState.APPLIED
    kinds = set(OutboxEvent.objects.values_list("kind", flat=True))
    assert {"change.waiting", "change.approved", "change.applied"} <= kinds


class TestAnEmergency:
    @pytest.fixture
    def sana(self, snapshot):
        snapshot.connection.apply_role_arn = "arn:aws:iam::111111111111:role/OrgwardenApply"
        snapshot.connection.save()
        return person("security")

    def begun(self, snapshot, sana, *operations):
        draft = change_create(
            by=in_session(sana),
            connection=snapshot.connection,
            content=content(*operations),
            now=NOW,
        )
        return emergency_begin(
            by=in_session(sana),
            change_request_id=draft.pk,
            reason="an attack",
            stepped_up_at=NOW,
            now=NOW,
        )

    def test_is_applied_once_checked_and_ratified_by_another(self, snapshot, sana):
        request = checked(self.begun(snapshot, sana))
        assert request.state == ChangeState.APPLYING
        transition(
            locked_request(request.pk),
            ChangeState.APPLIED_PENDING_REVIEW,
            actor=ROLLOUT_ACTOR,
            now=NOW,
        )
        done = emergency_ratify(
            by=in_session(person("security")),
            change_request_id=request.pk,
            plan_sha256=request.plan_sha256,
            stepped_up_at=NOW,
            now=NOW,
        )
        assert done.state == ChangeState.RATIFIED

    def test_is_not_applied_where_a_hard_finding_stands_against_it(self, snapshot, sana):
        again = attached("p-leave001", ROOT)
        request = checked(self.begun(snapshot, sana, again))
        assert request.state == ChangeState.CHECKS_FAILED
        assert not request.emergency
        assert not request.rollouts.exists()
