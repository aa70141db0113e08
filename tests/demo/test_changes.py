"""The demo organization's change requests, which go the way of every other."""

import pytest
from django.utils import timezone

from demo.asked_changes import DEMO_CHANGES, NEED_WORKERS
from demo.changes import ensure_changes
from demo.owners import ensure_owners
from demo.people import OWNING, ensure_people
from governance.approvals.models import Review
from governance.changes.life.checking import change_check
from governance.changes.states import ChangeState
from tests.factories.demo_organization import demo_organization

pytestmark = pytest.mark.django_db


def checked(request, _states) -> bool:
    """Do the worker's part at once."""
    change_check(change_request_id=request.pk, clock=timezone.now)
    request.refresh_from_db()
    return True


class TestEnsureChanges:
    def test_has_one_in_each_state_that_needs_no_worker_once(self, tmp_path):
        ensure_people(tmp_path / "people.json")
        demo = demo_organization()
        now = timezone.now()
        ensure_owners(demo.connection, now=now)

        states = ensure_changes(demo.connection, now=now, wait=checked, rollouts=False)

        wanted = {one.rests for one in DEMO_CHANGES}
        assert set(states) == wanted - NEED_WORKERS
        assert ensure_changes(demo.connection, now=now, wait=checked, rollouts=False) == []
        # Nobody has reviewed what they had asked for.
        reviewers = {review.reviewer.username for review in Review.objects.all()}
        assert {"security"} <= reviewers <= {"security", "approver", *OWNING}

    def test_has_one_for_each_state_in_which_a_request_rests(self):
        passing = {ChangeState.CHECKING, ChangeState.APPLYING, ChangeState.ROLLING_BACK}
        assert {one.rests for one in DEMO_CHANGES} == {*ChangeState} - passing

    def test_asks_for_policies_that_are_their_own(self):
        named = [(one.service, one.last_service) for one in DEMO_CHANGES]
        services = [service for pair in named for service in pair if service]

        assert len(set(services)) == len(services)
