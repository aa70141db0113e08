"""An exception is asked for, proven, approved by somebody else, used, and ends on its day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from governance.access.actors import system_actor, user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.approvals.agreements.changing import AgreementMoved, WrongAgreementState
from governance.approvals.agreements.deciding import agreements_end_due
from governance.approvals.agreements.terms import AgreementInvalid
from governance.approvals.reviews import MayNotReview
from governance.audit.models import AuditEntry
from governance.baseline.exceptions.asking import exception_ask, exception_edit
from governance.baseline.exceptions.deciding import (
    exception_end,
    exception_review,
    exception_submit,
)
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.selectors import days_left, exceptions
from governance.baseline.exceptions.terms import read_exception_terms
from governance.baseline.guardrails.outcome_counts import counts_by_guardrail
from governance.baseline.guardrails.refreshing import refresh_guardrails
from governance.notifications.models import OutboxEvent
from tests.factories.edits import NOW, PAYMENTS_TEST, ROOT, TEST
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person

NO_USERS = "no-iam-users"
TODAY = NOW.date()


def acting(user):
    return ActingPerson(user, user_actor(user))


def in_session(user):
    return ActingPerson(user, replace(user_actor(user), session="0123456789abcdef"))


@pytest.fixture
def connection(snapshot):
    refresh_guardrails(snapshot.connection, now=NOW)
    return snapshot.connection


@pytest.fixture
def ada(db):
    """Somebody who may ask for exceptions anywhere."""
    return person("author", username="ada")


@pytest.fixture
def ben(connection):
    """The owner of the OU Test, who may approve."""
    made = person("approver", username="ben")
    OwnershipFactory.create(connection=connection, target_id=TEST, user=made, confirmed_at=LONG_AGO)
    return made


def given(**members):
    return {
        "guardrail_id": NO_USERS,
        "kind": "waiver",
        "targets": [TEST],
        "reason": "The test tool signs in with a user.",
        "until": (TODAY + timedelta(days=30)).isoformat(),
        **members,
    }


@pytest.fixture
def ask(connection, ada):
    """Return a function that makes a draft of ada's."""

    def run(**members):
        terms = read_exception_terms(given(**members), connection, today=TODAY, by=ada)
        return exception_ask(by=acting(ada), connection=connection, terms=terms, now=NOW)

    return run


def approve(exception, user, **members):
    return exception_review(
        by=in_session(user),
        exception_id=exception.pk,
        verdict="approve",
        body="",
        digest=exception.digest,
        stepped_up_at=NOW,
        now=NOW,
        **members,
    )


def test_its_proof_says_what_becomes_possible_for_whom(ask):
    proof = ask().proof
    assert proof["accounts"] == proof["failing"] == 1
    (allowed,) = proof["allowed"]
    assert allowed["actions"] == ["iam:CreateUser"]
    assert allowed["principals"] == ["*"]
    (example,) = proof["counterexamples"]
    assert example["account_id"] == PAYMENTS_TEST
    assert PAYMENTS_TEST in example["request"]["principal"]


def test_one_for_some_principals_does_not_cover_others(ask, connection, ben, viewer):
    exception = ask(principals=["arn:aws:iam::*:role/Tester"])
    assert exception.proof["beyond_count"] == 1
    exception_submit(by=acting(exception.asked_by), exception_id=exception.pk, now=NOW)
    approve(exception, ben)
    exception.refresh_from_db()
    assert exception.state == "active"
    # Others than the tester can still create users, so the guardrail fails there all the same.
    assert not exception.uses.exists()
    assert counts_by_guardrail(viewer, connection=connection)[NO_USERS].excepted == 0


def test_an_owner_who_did_not_ask_approves_it_and_results_count_as_excepted(
    ask, connection, ada, ben, viewer
):
    before = counts_by_guardrail(viewer, connection=connection)[NO_USERS]
    exception = ask()
    submitted = exception_submit(by=acting(ada), exception_id=exception.pk, now=NOW)
    assert submitted.waiting_for == [ben.pk]
    assert OutboxEvent.objects.filter(kind="exception.waiting").exists()
    with pytest.raises(MayNotReview):
        approve(exception, ada)
    approve(exception, ben)
    exception.refresh_from_db()
    assert exception.state == "active"
    assert exception.used_at == NOW
    assert list(exception.uses.values_list("account_id", flat=True)) == [PAYMENTS_TEST]
    after = counts_by_guardrail(viewer, connection=connection)[NO_USERS]
    assert (after.fails, after.excepted) == (before.fails - 1, 1)


def test_at_the_root_security_agrees_too(ask, ada, ben, connection):
    sam = person("security", username="sam")
    exception = ask(targets=[ROOT])
    submitted = exception_submit(by=acting(ada), exception_id=exception.pk, now=NOW)
    assert sam.pk in submitted.waiting_for


def test_it_ends_after_its_last_day_and_its_owner_is_told(ask, connection, ada, ben, viewer):
    exception = ask()
    exception_submit(by=acting(ada), exception_id=exception.pk, now=NOW)
    approve(exception, ben)
    last = NOW + timedelta(days=30)
    assert agreements_end_due(EXCEPTION, actor=system_actor("end of exceptions"), now=last) == 0
    assert days_left(exception, today=last.date()) == 1
    over = last + timedelta(days=1)
    assert agreements_end_due(EXCEPTION, actor=system_actor("end of exceptions"), now=over) == 1
    exception.refresh_from_db()
    assert exception.state == "ended"
    assert counts_by_guardrail(viewer, connection=connection)[NO_USERS].excepted == 0
    assert OutboxEvent.objects.filter(kind="exception.ended").exists()
    assert AuditEntry.objects.filter(action="exception.state").exists()


def test_an_edit_voids_reviews_and_a_stale_one_is_refused(ask, connection, ada, ben):
    exception = ask()
    exception_submit(by=acting(ada), exception_id=exception.pk, now=NOW)
    terms = read_exception_terms(given(reason="Another reason."), connection, today=TODAY, by=ada)
    edit = {"by": acting(ada), "exception_id": exception.pk, "terms": terms, "now": NOW}
    edited = exception_edit(version=1, **edit)
    assert edited.digest != exception.digest
    with pytest.raises(AgreementMoved):
        exception_edit(version=1, **edit)


def test_those_never_needed_are_listed(ask, connection, ada, ben, viewer):
    exception = ask(guardrail_id="accounts-stay-in-the-organization")
    assert exception.proof["failing"] == 0
    exception_submit(by=acting(ada), exception_id=exception.pk, now=NOW)
    approve(exception, ben)
    listed = exceptions(viewer, connection=connection, never_used=True)
    assert [one.number for one in listed] == [exception.number]
    exception_end(by=acting(ada), exception_id=exception.pk, reason="Never needed.", now=NOW)
    with pytest.raises(WrongAgreementState):
        exception_end(by=acting(ada), exception_id=exception.pk, reason="Again.", now=NOW)


@pytest.mark.parametrize(
    ("members", "path", "message"),
    [
        ({"guardrail_id": "no-iam-user"}, "guardrail_id", "did you mean no-iam-users?"),
        ({"kind": "pardon"}, "kind", "choose one of waiver, mitigated"),
        ({"kind": "mitigated"}, "mitigation", "say it in a sentence"),
        ({"mitigation": "Alarms."}, "mitigation", "a waiver has none"),
        ({"targets": []}, "targets", "give 1 to 100"),
        ({"targets": ["999999999999"]}, "targets", "has no 999999999999"),
        ({"principals": ["Tester"]}, "principals", "arn:aws:iam::*:role/Name"),
        ({"reason": " "}, "reason", "say it in a sentence"),
        ({"until": "2031-01-01"}, "until", "give the last day"),
        ({"owner": "nobody"}, "owner", "nobody active"),
        (
            {"guardrail_id": "guardduty-is-on", "principals": ["arn:aws:iam::*:role/X"]},
            "principals",
            "does not ask who",
        ),
    ],
)
def test_terms_that_are_wrong_are_refused_by_member(connection, ada, members, path, message):
    with pytest.raises(AgreementInvalid) as raised:
        read_exception_terms(given(**members), connection, today=TODAY, by=ada)
    assert message in raised.value.errors[path]


def test_who_may_not_ask_there_is_refused(connection):
    eve = person("viewer", username="eve")
    terms = read_exception_terms(given(), connection, today=TODAY, by=eve)
    with pytest.raises(MayNot):
        exception_ask(by=acting(eve), connection=connection, terms=terms, now=NOW)
