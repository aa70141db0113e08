"""Approved requests start on evidence that holds, by a person or at their time."""

from datetime import timedelta

import pytest

from governance.changes import starting
from governance.changes.evidence.live_state import LiveReads
from governance.changes.life import dispatch as life_dispatch
from governance.changes.life.checking import change_check
from governance.changes.life.drafting import change_create
from governance.changes.life.reviewing import change_review
from governance.changes.life.submitting import change_submit
from governance.changes.models import ChangeRequest
from governance.changes.starting import CannotStart, change_start, changes_start_due
from governance.changes.states import ChangeState
from inventory.collecting.policies_now import FoundNow
from inventory.models import InventoryRun
from inventory.signals import run_ended
from tests.factories.edits import ROOT, SECURITY
from tests.factories.organization import AccountFactory
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person
from tests.factories.policies import PolicyAttachmentFactory
from tests.factories.runs import InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT
from tests.governance.changes.life.conftest import content, in_session

pytestmark = pytest.mark.django_db
NOW = FIRST_RUN_AT + timedelta(minutes=30)
NEXT_RUN = FIRST_RUN_AT + timedelta(hours=1)
LATER = NEXT_RUN + timedelta(minutes=30)


@pytest.fixture
def security(db):
    return person("security", username="sam")


@pytest.fixture
def approved(snapshot, security):
    """A request that keeps users out of Security, which its owner and security approved."""
    connection = snapshot.connection
    connection.apply_role_arn = "arn:aws:iam::111111111111:role/OrgwardenApply"
    connection.save()
    owner = person("approver", username="olga")
    OwnershipFactory.create(
        connection=connection, target_id=ROOT, user=owner, confirmed_at=LONG_AGO
    )
    by = in_session(person("author", username="ada"))
    made = change_create(by=by, connection=connection, content=content(), now=NOW)
    change_submit(by=by, change_request_id=made.pk, now=NOW)
    change_check(change_request_id=made.pk, clock=lambda: NOW)
    for somebody in (owner, security):
        request = ChangeRequest.objects.get(pk=made.pk)
        if request.state == ChangeState.IN_REVIEW:
            change_review(
                by=in_session(somebody),
                change_request_id=request.pk,
                verdict="approve",
                body="",
                plan_sha256=request.plan_sha256,
                stepped_up_at=NOW,
                now=NOW,
            )
    request = ChangeRequest.objects.get(pk=made.pk)
    assert request.state == ChangeState.APPROVED, request.state_reason
    return request


@pytest.fixture
def sent(monkeypatch):
    """The requests that were sent to be rechecked."""
    found: list[int] = []
    monkeypatch.setattr(starting, "send_recheck", found.append)
    return found


def start(request, security, at=NOW):
    return change_start(by=in_session(security), change_request_id=request.pk, now=at)


def read_again(snapshot):
    return InventoryRunFactory.create(connection=snapshot.connection, started_at=NEXT_RUN)


class TestStarting:
    def test_begins_where_the_evidence_holds(self, approved, security, sent):
        assert start(approved, security).plan_sha256 == approved.plan_sha256
        assert sent == []

    def test_waits_for_evidence_of_what_a_run_has_read_since(
        self, approved, security, snapshot, sent
    ):
        run = read_again(snapshot)
        with pytest.raises(CannotStart, match=f"older than inventory run {run.pk}"):
            start(approved, security, LATER)
        assert sent == [approved.pk]
        assert not approved.rollouts.exists()

    def test_waits_for_evidence_that_is_too_old(self, approved, security, sent):
        with pytest.raises(CannotStart, match="older than 24 hours"):
            start(approved, security, NOW + timedelta(hours=25))
        assert sent == [approved.pk]


class TestAtItsTime:
    @pytest.fixture
    def scheduled(self, approved):
        ChangeRequest.objects.filter(pk=approved.pk).update(
            state=ChangeState.SCHEDULED, scheduled_for=NOW
        )
        return approved

    def test_evidence_is_made_anew_after_a_run_and_then_it_begins(self, scheduled, snapshot):
        read_again(snapshot)
        asked: list[int] = []

        def live(request, now):
            asked.append(request.pk)
            return LiveReads(read_at=now)

        assert changes_start_due(clock=lambda: LATER, live=live) == 0
        assert asked == [scheduled.pk]
        assert changes_start_due(clock=lambda: LATER, live=live) == 1
        scheduled.refresh_from_db()
        assert scheduled.state == ChangeState.APPLYING

    def test_what_now_reaches_another_account_does_not_begin(self, scheduled, snapshot):
        read_again(snapshot)
        common = {"connection": snapshot.connection, "seen_from": NEXT_RUN}
        account = AccountFactory.create(parent=snapshot.units["Security"], **common)
        PolicyAttachmentFactory.create(
            policy_id="p-FullAWSAccess",
            target_id=account.account_id,
            target_type="ACCOUNT",
            **common,
        )
        assert changes_start_due(clock=lambda: LATER) == 0
        scheduled.refresh_from_db()
        assert scheduled.state == ChangeState.STALE
        assert changes_start_due(clock=lambda: LATER) == 0
        assert not scheduled.rollouts.exists()

    def test_an_account_that_aws_has_there_since_the_run_does_not_begin(self, scheduled, snapshot):
        read_again(snapshot)
        found = FoundNow(places=(SECURITY,), accounts={SECURITY: {"555555555551": "newcomer"}})
        assert (
            changes_start_due(
                clock=lambda: LATER, live=lambda _, now: LiveReads(read_at=now, found=found)
            )
            == 0
        )
        scheduled.refresh_from_db()
        assert scheduled.state == ChangeState.STALE
        assert "the findings" in scheduled.state_reason


class TestWhenARunEnds:
    def test_open_requests_are_rechecked_after_a_run_of_the_whole_organization(
        self, snapshot, monkeypatch
    ):
        sent: list[int] = []
        monkeypatch.setattr(
            life_dispatch, "send_on_commit", lambda _task, connection_id: sent.append(connection_id)
        )
        whole = read_again(snapshot)
        run_ended.send(sender=InventoryRun, run=whole, now=LATER)
        assert sent == [snapshot.connection.pk]
        whole.account_ids = ["111111111111"]
        run_ended.send(sender=InventoryRun, run=whole, now=LATER)
        assert len(sent) == 1
