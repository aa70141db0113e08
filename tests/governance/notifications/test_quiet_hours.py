"""When somebody is told."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.notifications.quiet_hours import Timing, end_of_quiet

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2024, 1, 1, tzinfo=UTC)
NIGHT = (time(22), time(7))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestEndOfQuiet:
    @pytest.mark.parametrize(
        ("happened", "told"),
        [
            ("2026-11-28 12:00", "2026-11-28 12:00"),
            ("2026-11-28 20:59", "2026-11-28 20:59"),
            ("2026-11-28 21:00", "2026-11-29 06:00"),
            ("2026-11-28 23:30", "2026-11-29 06:00"),
            ("2026-11-29 05:59", "2026-11-29 06:00"),
            ("2026-11-29 06:00", "2026-11-29 06:00"),
            # Summer time: Berlin is two hours ahead of UTC.
            ("2026-07-01 21:00", "2026-07-02 05:00"),
        ],
    )
    def test_waits_by_the_clock_of_the_person_past_midnight(self, happened, told):
        assert end_of_quiet(at(happened), NIGHT, BERLIN) == at(told)

    def test_waits_within_one_day(self):
        lunch = (time(12), time(13, 30))
        assert end_of_quiet(at("2026-11-28 12:10"), lunch, UTC) == at("2026-11-28 13:30")

    def test_equal_times_are_no_quiet_hours(self):
        assert end_of_quiet(at("2026-11-28 12:00"), (time(12), time(12)), UTC) == at(
            "2026-11-28 12:00"
        )

    def test_ends_though_the_clock_is_put_back_over_the_end(self):
        # 2026-10-25 in Berlin has 02:30 twice, at 00:30 and 01:30 UTC.
        quiet = (time(1), time(2, 30))
        assert end_of_quiet(at("2026-10-25 00:10"), quiet, BERLIN) == at("2026-10-25 00:30")
        assert end_of_quiet(at("2026-10-25 01:10"), quiet, BERLIN) == at("2026-10-25 01:30")

    def test_ends_though_the_clock_is_put_forward_over_the_end(self):
        # 2026-03-29 in Berlin has no 02:30.
        quiet = (time(1), time(2, 30))
        assert end_of_quiet(at("2026-03-29 00:10"), quiet, BERLIN) == at("2026-03-29 01:30")

    @given(
        st.integers(0, 4 * 365 * 24 * 60).map(lambda each: START + timedelta(minutes=each)),
        st.times().map(lambda each: each.replace(second=0, microsecond=0)),
        st.times().map(lambda each: each.replace(second=0, microsecond=0)),
        st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    )
    def test_never_tells_earlier_nor_more_than_a_day_and_an_hour_later(
        self, happened, begins, ends, zone
    ):
        told = end_of_quiet(happened, (begins, ends), ZoneInfo(zone))
        assert happened <= told <= happened + timedelta(hours=25)


class TestTiming:
    def test_groups_what_happens_within_the_window(self):
        timing = Timing(timedelta(minutes=15), UTC)
        assert timing.due_at(at("2026-11-28 12:00"), urgent=False) == at("2026-11-28 12:15")

    def test_waits_until_quiet_hours_are_over_where_the_window_ends_in_them(self):
        timing = Timing(timedelta(minutes=15), UTC, NIGHT)
        assert timing.due_at(at("2026-11-28 21:50"), urgent=False) == at("2026-11-29 07:00")

    def test_tells_what_is_urgent_at_once(self):
        timing = Timing(timedelta(minutes=15), UTC, NIGHT)
        assert timing.due_at(at("2026-11-28 23:00"), urgent=True) == at("2026-11-28 23:00")
