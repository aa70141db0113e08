"""Requests are submitted, withdrawn and closed by the clock."""

from datetime import timedelta

import pytest

from governance.access.actors import system_actor
from governance.access.owners.acting import MayNot
from governance.audit.models import AuditEntry
from governance.changes.life.drafting import change_create
from governance.changes.life.submitting import (
    NothingAsked,
    change_submit,
    change_withdraw,
    changes_expire,
)
from governance.changes.life.transitions import WrongState
from governance.changes.models import ChangeRequest
from governance.changes.states import TRANSITIONS, ChangeState
from inventory.viewing import Place
from tests.factories.change_requests import with_evidence
from tests.factories.edits import NOW, SECURITY
from tests.factories.people import give_role, person, take_roles
from tests.governance.changes.life.conftest import acting, content

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def sent(monkeypatch):
    """What is sent to workers."""
    sent = []
    monkeypatch.setattr(
        "governance.jobs.sending.current_app.send_task",
        lambda name, kwargs: sent.append((name, kwargs)),
    )
    return sent


def in_state(request, state):
    with_evidence(request)
    ChangeRequest.objects.filter(pk=request.pk).update(state=state)


class TestSubmit:
    def test_has_a_worker_check_it_once_it_is_committed(
        self, draft, author, sent, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            done = change_submit(by=acting(author), change_request_id=draft.pk, now=LATER)
            assert sent == []
        assert (done.state, done.submitted_at) == (ChangeState.CHECKING, LATER)
        assert sent == [("changes.check", {"change_request_id": draft.pk})]
        assert AuditEntry.objects.filter(action="change_request.submit").count() == 1

    def test_is_refused_without_an_operation(self, snapshot, author):
        empty = change_create(
            by=acting(author),
            connection=snapshot.connection,
            content=content(operations=()),
            now=NOW,
        )
        with pytest.raises(NothingAsked):
            change_submit(by=acting(author), change_request_id=empty.pk, now=LATER)

    def test_is_refused_to_an_author_who_lost_the_right_there(self, draft, author):
        take_roles(author)
        give_role(author, "author", Place(draft.connection_id, "222222222224"))
        with pytest.raises(MayNot, match=SECURITY):
            change_submit(by=acting(author), change_request_id=draft.pk, now=LATER)

    @pytest.mark.parametrize("state", list(ChangeState))
    def test_leads_to_checking_from_where_it_may(self, draft, author, state):
        in_state(draft, state)
        submittable = {
            *(ChangeState.DRAFT, ChangeState.CHECKS_FAILED),
            *(ChangeState.CHANGES_REQUESTED, ChangeState.STALE),
        }
        if state in submittable:
            done = change_submit(by=acting(author), change_request_id=draft.pk, now=LATER)
            assert done.state == ChangeState.CHECKING
            assert done.plan_sha256 == ""
        else:
            with pytest.raises(WrongState):
                change_submit(by=acting(author), change_request_id=draft.pk, now=LATER)


class TestWithdraw:
    @pytest.mark.parametrize("state", list(ChangeState))
    def test_follows_the_diagram(self, draft, author, state):
        in_state(draft, state)
        withdraw = {
            "by": acting(author),
            "change_request_id": draft.pk,
            "reason": "not needed",
            "now": LATER,
        }
        if ChangeState.WITHDRAWN in TRANSITIONS[state]:
            done = change_withdraw(**withdraw)
            assert (done.state, done.state_reason) == (ChangeState.WITHDRAWN, "not needed")
        else:
            with pytest.raises(WrongState):
                change_withdraw(**withdraw)

    def test_is_the_authors_and_securitys(self, draft):
        with pytest.raises(MayNot, match="only its author"):
            change_withdraw(by=acting(person("author")), change_request_id=draft.pk, now=LATER)
        done = change_withdraw(by=acting(person("security")), change_request_id=draft.pk, now=LATER)
        assert done.state == ChangeState.WITHDRAWN


class TestExpiry:
    def test_closes_what_waited_too_long_and_nothing_else(self, draft, author):
        for state, expires_at in (
            (ChangeState.IN_REVIEW, NOW),
            (ChangeState.APPROVED, LATER),
            (ChangeState.APPLYING, NOW),
            (ChangeState.APPROVED, None),
        ):
            made = change_create(
                by=acting(author), connection=draft.connection, content=content(), now=NOW
            )
            in_state(made, state)
            ChangeRequest.objects.filter(pk=made.pk).update(expires_at=expires_at)
        assert changes_expire(actor=system_actor("changes"), now=NOW) == 1
        states = dict(ChangeRequest.objects.values_list("number", "state"))
        assert states == {
            1: ChangeState.DRAFT,
            2: ChangeState.EXPIRED,
            3: ChangeState.APPROVED,
            4: ChangeState.APPLYING,
            5: ChangeState.APPROVED,
        }
