"""The calendar of changes, and the locks beside it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from governance.approvals.models import SettingVersion
from governance.changes.models import ChangeLock
from governance.changes.states import ChangeState
from tests.factories.change_requests import change_request
from tests.factories.edits import WORKLOADS
from tests.factories.people import person, prove
from tests.governance.web.rollouts.test_monitor import words


@pytest.fixture
def place(snapshot):
    def of(name):
        return reverse(name, kwargs={"slug": snapshot.connection.slug})

    return of


@pytest.mark.django_db
class TestCalendar:
    @pytest.fixture
    def freeze(self, snapshot, author):
        """A freeze over three days in Workloads."""
        return SettingVersion.objects.create(
            connection=snapshot.connection,
            kind=SettingVersion.Kind.CHANGE_WINDOWS,
            version=1,
            state=SettingVersion.State.ACTIVE,
            content={
                "windows": [
                    {
                        "name": "Year end",
                        "kind": "freeze",
                        "rule": "",
                        "starts": "2026-12-22T18:00",
                        "minutes": 2 * 24 * 60,
                        "time_zone": "UTC",
                        "target_ids": [WORKLOADS],
                        "reason": "Accounts are closed.",
                    }
                ]
            },
            proposed_by=author,
            proposed_at=timezone.now(),
            decided_by=person("security"),
            decided_at=timezone.now(),
        )

    def test_shows_freezes_scheduled_rollouts_and_ends(
        self, client, author, snapshot, place, freeze
    ):
        change_request(
            snapshot.connection,
            author,
            title="Open Paris for a week",
            state=ChangeState.APPLIED,
            revert_at=datetime(2026, 12, 10, 9, tzinfo=UTC),
        )

        shown = words(client.get(place("change-calendar") + "?month=2026-12"))

        assert "December 2026" in shown
        assert "CR-1 Open Paris for a week 09:00" in shown
        assert "Year end from 18:00 , in Workloads; Accounts are closed." in shown
        assert "Year end all day" in shown
        assert "Year end until 18:00" in shown

    def test_says_that_nothing_limits_changes_where_nobody_set_windows(self, client, author, place):
        shown = words(client.get(place("change-calendar")))

        assert "approved changes may start at any time" in shown

    def test_takes_months_only(self, client, author, place):
        assert client.get(place("change-calendar") + "?month=2026-13").status_code == 400


@pytest.mark.django_db
class TestLocks:
    @pytest.fixture
    def lock(self, snapshot, author):
        asked = change_request(
            snapshot.connection, author, title="Close Paris", state=ChangeState.HALTED
        )
        return ChangeLock.objects.create(
            connection=snapshot.connection,
            object_id=WORKLOADS,
            change_request=asked,
            taken_at=timezone.now() - timedelta(minutes=5),
        )

    def test_are_listed_with_who_holds_them(self, client, lock, place):
        shown = words(client.get(place("change-locks")))

        assert "CR-1 Close Paris" in shown
        assert "Workloads" in shown
        assert "Release" not in shown

    def test_are_released_by_security_with_a_reason_and_a_fresh_proof(self, client, lock, place):
        security = person("security")
        client.force_login(security)
        assert client.post(place("change-locks"), {"object_id": WORKLOADS}).url.startswith(
            "/step-up/"
        )
        prove(client)

        answer = client.post(place("change-locks"), {"object_id": WORKLOADS, "reason": " "})
        assert "give a reason" in str(next(iter(get_messages(answer.wsgi_request))))
        client.post(place("change-locks"), {"object_id": WORKLOADS, "reason": "It will not go on."})

        assert not ChangeLock.objects.exists()

    def test_are_not_released_by_others(self, client, lock, place):
        answer = client.post(place("change-locks"), {"object_id": WORKLOADS, "reason": "x"})

        assert answer.status_code == 403
        assert ChangeLock.objects.exists()

    def test_say_that_nothing_is_locked(self, client, author, place):
        assert "Nothing is locked" in words(client.get(place("change-locks")))
