"""Requests are checked, overridden, reviewed and rechecked on real evidence."""

from datetime import timedelta

import pytest

from governance.access.owners.acting import MayNot
from governance.approvals.models import Review, SettingVersion
from governance.approvals.reviews import MayNotReview, ReviewNeedsStepUp, StaleDigest
from governance.audit.models import AuditEntry
from governance.changes.life.checking import change_check, checks_resume
from governance.changes.life.drafting import change_create, change_edit
from governance.changes.life.escalating import changes_escalate
from governance.changes.life.overriding import CannotOverride, change_override, findings_of
from governance.changes.life.rechecking import (
    change_recheck,
    due_for_recheck,
    entitlements_check,
)
from governance.changes.life.reviewing import change_review
from governance.changes.life.scheduling import change_unschedule
from governance.changes.life.submitting import change_submit
from governance.changes.life.transitions import WrongState
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from tests.factories.edits import PROD, ROOT, SECURITY, created, detached
from tests.factories.organization import AccountFactory
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, take_roles
from tests.factories.policies import PolicyAttachmentFactory
from tests.factories.times import FIRST_RUN_AT
from tests.governance.changes.life.conftest import content, in_session

NOW = FIRST_RUN_AT + timedelta(minutes=30)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def owner(snapshot):
    """Who owns Security."""
    return _owner(snapshot, SECURITY, "olga")


def _owner(snapshot, target_id, name):
    user = person("approver", username=name)
    OwnershipFactory.create(
        connection=snapshot.connection, target_id=target_id, user=user, confirmed_at=LONG_AGO
    )
    return user


@pytest.fixture
def security(db):
    return person("security", username="sam")


@pytest.fixture
def submitted(snapshot, author):
    """Return a function that submits a request with some operations."""

    def make(*operations, **members):
        made = change_create(
            by=in_session(author),
            connection=snapshot.connection,
            content=content(*operations, **members),
            now=NOW,
        )
        return change_submit(by=in_session(author), change_request_id=made.pk, now=NOW)

    return make


@pytest.fixture
def in_review(submitted, owner, security):
    """A request in review that keeps users out of Security."""
    request = check(submitted())
    assert request.state == ChangeState.IN_REVIEW, request.state_reason
    return request


def check(request, at=NOW):
    return change_check(change_request_id=request.pk, clock=lambda: at)


def recheck(request, at=LATER):
    return change_recheck(change_request_id=request.pk, clock=lambda: at)


def review(request, user, verdict="approve", *, body="", at=LATER, proven=True, **given):
    return change_review(
        by=in_session(user),
        change_request_id=request.pk,
        verdict=verdict,
        body=body,
        plan_sha256=given.get("plan_sha256", request.plan_sha256),
        stepped_up_at=at if proven else None,
        now=at,
    )


def joins(snapshot):
    """Have an account join Security that the next run sees."""
    common = {"connection": snapshot.connection, "seen_from": NOW}
    account = AccountFactory.create(parent=snapshot.units["Security"], **common)
    PolicyAttachmentFactory.create(
        policy_id="p-FullAWSAccess", target_id=account.account_id, target_type="ACCOUNT", **common
    )


def state_of(request):
    return ChangeRequest.objects.get(pk=request.pk).state


def approved(request, *people):
    for one in people:
        review(request, one)
    found = ChangeRequest.objects.get(pk=request.pk)
    assert found.state == ChangeState.APPROVED
    return found


class TestCheck:
    def test_brings_a_request_into_review_with_who_has_to_agree(self, in_review, owner, security):
        assert in_review.evidence is not None
        assert in_review.plan_sha256 == in_review.evidence.plan_sha256
        assert in_review.needs_step_up
        assert in_review.expires_at == NOW + timedelta(days=14)
        assert set(in_review.waiting_for) == {owner.pk, security.pk}
        entry = AuditEntry.objects.get(action="change_request.check")
        assert entry.after is not None
        assert entry.after["plan_sha256"] == in_review.plan_sha256

    def test_fails_on_what_cannot_be_done(self, submitted, owner):
        request = check(submitted(detached("p-unatt001", PROD)))
        assert request.state == ChangeState.CHECKS_FAILED
        assert "cannot be made" in request.state_reason

    def test_is_not_made_of_what_was_edited_meanwhile(self, submitted, author, monkeypatch, owner):
        request = submitted()
        ChangeRequest.objects.filter(pk=request.pk).update(revision=2)
        made = check(request)
        assert made is not None

        def edited_meanwhile(*_, **__):
            ChangeRequest.objects.filter(pk=request.pk).update(revision=3)
            return made

        again = submitted()
        monkeypatch.setattr(
            "governance.changes.life.checking.make_evidence",
            lambda *_, **__: ChangeRequest.objects.filter(pk=again.pk).update(revision=9),
        )
        assert check(again) is None
        assert state_of(again) == ChangeState.CHECKING

    def test_that_breaks_leaves_a_request_to_be_submitted_again(self, submitted, monkeypatch):
        request = submitted()

        def broken(*_, **__):
            raise RuntimeError("no memory")

        monkeypatch.setattr("governance.changes.life.checking.make_evidence", broken)
        with pytest.raises(RuntimeError):
            check(request)
        assert state_of(request) == ChangeState.CHECKS_FAILED

    def test_is_sent_again_where_it_was_lost(
        self, submitted, monkeypatch, django_capture_on_commit_callbacks
    ):
        sent = []
        monkeypatch.setattr(
            "governance.jobs.sending.current_app.send_task",
            lambda name, kwargs: sent.append(kwargs),
        )
        request = submitted()
        assert checks_resume(now=NOW + timedelta(minutes=1)) == 0
        with django_capture_on_commit_callbacks(execute=True):
            assert checks_resume(now=NOW + timedelta(hours=1)) == 1
        assert sent == [{"change_request_id": request.pk}]


class TestOverride:
    @pytest.fixture
    def soft(self, snapshot, submitted, owner, security):
        """A request against which soft findings stand alone: the inventory is old."""
        SettingVersion.objects.create(
            connection=snapshot.connection,
            kind=SettingVersion.Kind.CHECK_LEVELS,
            version=1,
            state=SettingVersion.State.ACTIVE,
            content={"inventory_stale": "soft"},
            proposed_by=security,
            proposed_at=NOW,
            decided_by=owner,
        )
        request = check(submitted(), at=NOW + timedelta(days=60))
        assert request.state == ChangeState.CHECKS_FAILED
        return request

    def test_by_security_leads_to_another_check_and_into_review(self, soft, security):
        for finding in findings_of(soft):
            if finding.level == "soft":
                done = change_override(
                    by=in_session(security),
                    change_request_id=soft.pk,
                    finding_key=finding.key,
                    reason="AWS is slow today",
                    now=LATER,
                )
        assert done.state == ChangeState.CHECKING
        again = check(done, at=NOW + timedelta(days=60))
        assert again.state == ChangeState.IN_REVIEW
        assert again.overrides[0]["by_name"] == "sam"
        assert AuditEntry.objects.filter(action="change_request.override").exists()

    def test_is_refused_to_others_without_a_reason_and_on_nothing(self, soft, security, author):
        key = next(one.key for one in findings_of(soft) if one.level == "soft")
        override = {"change_request_id": soft.pk, "finding_key": key, "now": LATER}
        with pytest.raises(MayNot):
            change_override(by=in_session(author), reason="x", **override)
        with pytest.raises(CannotOverride, match="reason"):
            change_override(by=in_session(security), reason=" ", **override)
        with pytest.raises(CannotOverride, match="no such finding"):
            change_override(by=in_session(security), reason="x", **{**override, "finding_key": "x"})

    def test_is_refused_on_ones_own_request(self, soft, security):
        soft.contributions.create(person=security, kind="edit", revision=1, created_at=NOW)
        key = next(one.key for one in findings_of(soft) if one.level == "soft")
        with pytest.raises(MayNot, match="someone else"):
            change_override(
                by=in_session(security),
                change_request_id=soft.pk,
                finding_key=key,
                reason="x",
                now=LATER,
            )


class TestReview:
    def test_by_all_who_have_to_agree_approves(self, in_review, owner, security):
        review(in_review, owner)
        assert state_of(in_review) == ChangeState.IN_REVIEW
        assert ChangeRequest.objects.get(pk=in_review.pk).waiting_for == [security.pk]
        review(in_review, security)
        done = ChangeRequest.objects.get(pk=in_review.pk)
        assert done.state == ChangeState.APPROVED
        assert done.expires_at == LATER + timedelta(days=30)

    def test_twice_by_one_person_is_one(self, in_review, owner):
        review(in_review, owner)
        review(in_review, owner)
        assert state_of(in_review) == ChangeState.IN_REVIEW

    def test_of_another_digest_is_refused(self, in_review, owner):
        with pytest.raises(StaleDigest):
            review(in_review, owner, plan_sha256="0" * 64)

    def test_of_production_needs_a_fresh_proof(self, in_review, owner):
        with pytest.raises(ReviewNeedsStepUp):
            review(in_review, owner, proven=False)

    def test_by_the_author_or_somebody_not_asked_is_refused(self, in_review, author):
        for user in (author, person("approver")):
            with pytest.raises(MayNotReview):
                review(in_review, user)

    @pytest.mark.parametrize(
        ("verdict", "state"),
        [
            ("request_changes", ChangeState.CHANGES_REQUESTED),
            ("reject", ChangeState.REJECTED),
            ("comment", ChangeState.IN_REVIEW),
        ],
    )
    def test_leads_where_its_verdict_says(self, in_review, owner, verdict, state):
        review(in_review, owner, verdict, body="Why not Zurich?")
        assert state_of(in_review) == state

    def test_is_over_once_it_is_approved(self, in_review, owner, security):
        approved(in_review, owner, security)
        with pytest.raises(WrongState):
            review(in_review, owner, "reject", body="no")

    def test_does_not_outlive_an_edit(self, in_review, author, owner, security):
        approved(in_review, owner, security)
        change_edit(
            by=in_session(author),
            change_request_id=in_review.pk,
            revision=1,
            changes={"reason": "Another"},
            now=LATER,
        )
        assert state_of(in_review) == ChangeState.STALE
        assert not Review.objects.filter(voided_at=None).exists()


class TestUnschedule:
    def test_never_stands_for_a_review(self, in_review, author):
        with pytest.raises(WrongState, match="not scheduled"):
            change_unschedule(by=in_session(author), change_request_id=in_review.pk, now=LATER)
        assert state_of(in_review) == ChangeState.IN_REVIEW


class TestRecheck:
    def test_with_equal_conclusions_keeps_the_approvals(self, in_review, owner, security):
        before = approved(in_review, owner, security)
        done = recheck(before)
        assert done.state == ChangeState.APPROVED
        assert done.evidence_id != before.evidence_id
        assert AuditEntry.objects.filter(action="change_request.rebase").exists()
        assert entitlements_check(now=LATER) == 0

    def test_of_an_account_that_joined_makes_it_stale(self, snapshot, in_review, owner, security):
        before = approved(in_review, owner, security)
        joins(snapshot)
        done = recheck(before)
        assert done.state == ChangeState.STALE
        assert "accounts that are affected" in done.state_reason

    def test_of_one_in_review_voids_what_was_said_of_another_effect(
        self, snapshot, in_review, owner
    ):
        review(in_review, owner)
        joins(snapshot)
        done = recheck(in_review)
        assert done.state == ChangeState.IN_REVIEW
        assert done.plan_sha256 != in_review.plan_sha256
        assert owner.pk in done.waiting_for

    def test_finds_an_approver_who_lost_the_right(self, in_review, owner, security):
        approved(in_review, owner, security)
        take_roles(owner)
        assert entitlements_check(now=LATER) == 1
        assert state_of(in_review) == ChangeState.STALE

    def test_is_due_when_the_evidence_is_old(self, in_review):
        assert due_for_recheck(NOW + timedelta(hours=23)) == []
        assert due_for_recheck(NOW + timedelta(hours=25)) == [in_review.pk]
        assert due_for_recheck(NOW, connection_id=in_review.connection_id) == [in_review.pk]

    def test_leaves_other_states_alone(self, draft):
        assert recheck(draft) is None


class TestEscalation:
    def test_asks_owners_further_up_when_an_answer_is_overdue(self, snapshot, in_review, owner):
        boss = _owner(snapshot, ROOT, "rosa")
        assert changes_escalate(now=NOW + timedelta(hours=1)) in {0, 1}
        assert boss.pk not in ChangeRequest.objects.get(pk=in_review.pk).waiting_for
        assert changes_escalate(now=NOW + timedelta(days=5)) == 1
        request = ChangeRequest.objects.get(pk=in_review.pk)
        assert boss.pk in request.waiting_for
        assert AuditEntry.objects.filter(action="change_request.escalate").count() == 1
        review(request, boss, at=NOW + timedelta(days=5))


def test_a_request_that_changes_nothing_needs_one_reviewer(submitted, security):
    request = check(submitted(created('{"Version": "2012-10-17", "Statement": []}')))
    assert request.state in {ChangeState.IN_REVIEW, ChangeState.CHECKS_FAILED}
