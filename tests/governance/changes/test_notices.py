"""People are told what happens to change requests, in words they may see."""

from datetime import timedelta

import pytest

from governance.access.actors import system_actor
from governance.changes.life.transitions import locked_request, transition
from governance.changes.models import ChangeRequest
from governance.changes.notices import CHANGE_NOTICES, publish_expiring, what_changes
from governance.changes.states import ChangeState
from governance.notifications.kinds import kind_of
from governance.notifications.models import OutboxEvent
from inventory.viewing import Viewer
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW
from tests.factories.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(db):
    return person("author", username="maren")


@pytest.fixture
def asked(snapshot, author):
    """A request that stands in a state, with evidence."""

    def make(state, **given):
        made = with_evidence(change_request(snapshot.connection, author, **given))
        ChangeRequest.objects.filter(pk=made.pk).update(state=state)
        return locked_request(made.pk)

    return make


def bring(request, to, reason=""):
    transition(request, to, actor=system_actor("tests"), now=NOW, reason=reason)


def last_event():
    return OutboxEvent.objects.order_by("pk").last()


def told(event):
    audience = kind_of(event.kind).audience
    assert callable(audience)
    return {user.username for user in audience(event)}


def words_of(event, viewer=None):
    return kind_of(event.kind).words(event, viewer or Viewer(sees_inventory=True))


@pytest.mark.parametrize(
    ("was", "to", "kind"),
    [
        ("checking", ChangeState.IN_REVIEW, "change.waiting"),
        ("in_review", ChangeState.APPROVED, "change.approved"),
        ("in_review", ChangeState.CHANGES_REQUESTED, "change.changes_requested"),
        ("in_review", ChangeState.REJECTED, "change.rejected"),
        ("approved", ChangeState.STALE, "change.stale"),
        ("approved", ChangeState.EXPIRED, "change.expiring"),
        ("soaking", ChangeState.WAITING_FOR_GO, "change.ring_waiting"),
        ("applying", ChangeState.HALTED, "change.halted"),
        ("applying", ChangeState.PARTIALLY_APPLIED, "change.halted"),
        ("applying", ChangeState.APPLIED, "change.applied"),
        ("rolling_back", ChangeState.ROLLED_BACK, "change.rolled_back"),
        ("handed_out", ChangeState.DIFFERS, "change.differs"),
        ("applied", ChangeState.REVERT_DUE, "change.revert_due"),
        ("checking", ChangeState.APPLYING, "change.emergency"),
    ],
)
def test_a_new_state_is_published_once_as_its_kind(asked, was, to, kind):
    bring(asked(was), to)
    assert [event.kind for event in OutboxEvent.objects.all()] == [kind]
    assert words_of(last_event()).path


def test_a_state_that_concerns_nobody_is_not_published(asked):
    bring(asked("draft"), ChangeState.CHECKING)
    assert last_event() is None


def test_whoever_is_waited_for_is_told_and_nobody_who_answered_since(asked):
    somebody = person("approver", username="lena")
    bring(asked("checking"), ChangeState.IN_REVIEW)
    ChangeRequest.objects.update(waiting_for=[somebody.pk])
    assert told(last_event()) == {"lena"}
    ChangeRequest.objects.update(waiting_for=[])
    assert told(last_event()) == set()


def test_security_and_who_took_part_are_told_of_an_emergency_at_once(asked):
    person("security", username="sana")
    person("viewer", username="vera")
    bring(asked("checking"), ChangeState.APPLYING)
    assert told(last_event()) == {"sana", "maren"}
    assert kind_of("change.emergency").urgent


def test_the_words_say_what_changes_why_and_lead_to_the_diff(asked):
    request = asked("in_review")
    bring(request, ChangeState.CHANGES_REQUESTED, reason="keep Paris for payments")
    wording = words_of(last_event())
    assert wording.title == f"Changes requested: #1 Close eu-west-3 ({request.connection.name})"
    assert wording.lines[0] == "1 operation: detach policy."
    assert "Keep Paris for payments." in wording.lines
    assert f"/changes/{request.number}/" in wording.path


def test_somebody_who_may_not_see_the_request_gets_no_words(asked):
    bring(asked("in_review"), ChangeState.REJECTED)
    assert words_of(last_event(), Viewer(sees_inventory=False)) is None


def test_what_is_not_in_review_any_more_waits_for_nobody(asked):
    request = asked("checking")
    bring(request, ChangeState.IN_REVIEW)
    event = last_event()
    bring(request, ChangeState.WITHDRAWN)
    assert words_of(event) is None


def test_a_request_that_expires_soon_is_published_once(asked):
    request = asked("in_review", expires_at=NOW + timedelta(days=1), at=NOW - timedelta(days=9))
    assert publish_expiring(now=NOW) == 1
    assert publish_expiring(now=NOW) == 0
    ChangeRequest.objects.filter(pk=request.pk).update(expires_at=NOW + timedelta(days=9))
    assert publish_expiring(now=NOW) == 0


def test_kinds_have_names_of_their_own_and_go_out_by_the_inbox_at_least():
    assert len({kind.name for kind in CHANGE_NOTICES}) == len(CHANGE_NOTICES)
    assert all("inbox" in kind.default for kind in CHANGE_NOTICES)


def test_evidence_says_what_changes_where_it_has_a_sentence(asked):
    request = asked("in_review")
    request.evidence.content = {
        "headline": {
            **{"clauses": [], "management": [], "unknown": [], "unlisted": []},
            **{"units": [], "accounts": 5},
        }
    }
    assert what_changes(Viewer(sees_inventory=True), request) == "Nobody's permissions change."
