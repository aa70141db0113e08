"""Changes are applied in windows and never in freezes."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.approvals.forms import SettingInvalid, form_of
from governance.approvals.models import SettingVersion
from governance.changes.windows.deciding import (
    calendar_entries,
    may_apply_at,
    next_opening,
    problems_of,
)
from tests.factories.people import person

pytestmark = pytest.mark.django_db

PROD, TEST, WORKLOADS = "ou-ab12-prod0001", "ou-ab12-test0001", "ou-ab12-work0001"
MONDAY = datetime(2026, 12, 7, 10, 0, tzinfo=UTC)
YEAR_END = {
    "name": "Year end",
    "kind": "freeze",
    "rule": "FREQ=YEARLY",
    "starts": "2025-12-18T00:00",
    "minutes": 60 * 24 * 20,
    "time_zone": "UTC",
    "target_ids": [],
    "reason": "Books are closed",
}
WEEKDAYS = {
    "name": "Office hours",
    "kind": "window",
    "rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH",
    "starts": "2026-01-05T09:00",
    "minutes": 8 * 60,
    "time_zone": "UTC",
    "target_ids": [],
    "reason": "",
}


@pytest.fixture
def holding(snapshot):
    """Return a function that makes rules hold, and gives back the connection."""

    def make(*rules):
        somebody = person("security")
        SettingVersion.objects.create(
            connection=snapshot.connection,
            kind="change_windows",
            version=1,
            state="active",
            content={"windows": list(rules)},
            proposed_by=somebody,
            proposed_at=MONDAY,
            decided_by=person("administrator"),
            decided_at=MONDAY,
        )
        return snapshot.connection

    return make


class TestMayApplyAt:
    def test_always_where_nobody_made_rules(self, snapshot):
        assert may_apply_at(snapshot.connection, [PROD], MONDAY).may

    def test_not_in_a_freeze_and_says_until_when(self, holding):
        found = may_apply_at(holding(YEAR_END), [PROD], datetime(2026, 12, 24, tzinfo=UTC))
        assert not found.may
        assert found.reason == "the freeze Year end lasts until 2027-01-07 00:00 UTC"
        assert found.next_opening == datetime(2027, 1, 7, tzinfo=UTC)

    def test_in_a_window_alone(self, holding):
        connection = holding(WEEKDAYS)
        assert may_apply_at(connection, [PROD], MONDAY).may
        found = may_apply_at(connection, [PROD], MONDAY + timedelta(days=4))
        assert found.reason == "no change window is open (Office hours)"
        assert found.next_opening == datetime(2026, 12, 14, 9, 0, tzinfo=UTC)

    def test_a_window_that_is_over_at_its_end(self, holding):
        connection = holding(WEEKDAYS)
        ends_at = datetime(2026, 12, 7, 17, 0, tzinfo=UTC)
        assert may_apply_at(connection, [PROD], ends_at - timedelta(seconds=1)).may
        assert not may_apply_at(connection, [PROD], ends_at).may

    def test_not_in_a_window_while_a_freeze_lasts(self, holding):
        connection = holding(WEEKDAYS, YEAR_END)
        assert not may_apply_at(connection, [PROD], datetime(2026, 12, 21, 10, tzinfo=UTC)).may
        opening = next_opening(connection, [PROD], datetime(2026, 12, 21, 10, tzinfo=UTC))
        assert opening == datetime(2027, 1, 7, 9, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("target_id", "may"),
        [
            (PROD, False),
            ("222222222222", False),
            (WORKLOADS, False),
            ("r-ab12", False),
            (TEST, True),
        ],
    )
    def test_a_freeze_of_an_ou_holds_below_and_for_what_is_above(self, holding, target_id, may):
        connection = holding({**YEAR_END, "target_ids": [PROD]})
        assert may_apply_at(connection, [target_id], datetime(2026, 12, 24, tzinfo=UTC)).may is may

    def test_every_target_needs_a_window_of_its_own(self, holding):
        of_prod = {**WEEKDAYS, "name": "Prod", "rule": "FREQ=WEEKLY;BYDAY=MO", "target_ids": [PROD]}
        of_test = {**WEEKDAYS, "name": "Test", "rule": "FREQ=WEEKLY;BYDAY=TU", "target_ids": [TEST]}
        connection = holding(
            {**of_prod, "starts": "2026-01-05T09:00"}, {**of_test, "starts": "2026-01-06T09:00"}
        )
        assert may_apply_at(connection, [PROD], MONDAY).may
        found = may_apply_at(connection, [PROD, TEST], MONDAY)
        assert found.reason == "no change window is open (Test)"
        assert found.next_opening is None


class TestNextOpening:
    def test_is_now_where_nothing_speaks_against_it(self, holding):
        assert next_opening(holding(WEEKDAYS), [PROD], MONDAY) == MONDAY

    def test_is_unknown_where_windows_are_over_for_good(self, holding):
        over = {**WEEKDAYS, "rule": "FREQ=WEEKLY;COUNT=2"}
        assert next_opening(holding(over), [PROD], MONDAY) is None


class TestCalendar:
    def test_shows_windows_and_freezes_by_their_beginnings(self, holding):
        connection = holding(YEAR_END, WEEKDAYS)
        found = calendar_entries(
            connection, datetime(2026, 12, 15, tzinfo=UTC), datetime(2026, 12, 19, tzinfo=UTC)
        )
        assert [(each.name, each.begins_at.day) for each in found] == [
            ("Office hours", 15),
            ("Office hours", 16),
            ("Office hours", 17),
            ("Year end", 18),
        ]
        assert found[-1].reason == "Books are closed"


def test_what_is_wrong_with_rules_is_said_by_place():
    wrong = {"windows": [YEAR_END, {**WEEKDAYS, "rule": "FREQ=HOURLY"}]}
    ((path, message),) = problems_of(wrong)
    assert path == "windows.1.rule"
    assert "FREQ=HOURLY" in message


class TestTheSetting:
    def test_takes_rules_and_fills_in_what_is_not_said(self, snapshot):
        row = {"name": "Nights", "starts": "2026-12-01T22:00", "rule": "FREQ=DAILY"}
        found = form_of("change_windows").clean(snapshot.connection, {"windows": [row]})
        assert found["ratify_hours"] == 24
        assert found["windows"][0]["kind"] == "window"
        assert found["windows"][0]["time_zone"] == "UTC"

    def test_refuses_rules_times_and_places_that_are_none(self, snapshot):
        row = {**WEEKDAYS, "rule": "FREQ=NEVER", "target_ids": ["ou-ab12-nowhere1"]}
        with pytest.raises(SettingInvalid) as refused:
            form_of("change_windows").clean(snapshot.connection, {"windows": [WEEKDAYS, row]})
        assert set(refused.value.errors) == {
            "windows.1.rule",
            "windows.1.name",
            "windows.1.target_ids",
        }
