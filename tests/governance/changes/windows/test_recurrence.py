"""Recurring times are read strictly, and yield what a calendar would show."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.changes.windows.recurrence import RecurrenceInvalid, recurrence


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def made(rule="", starts="2026-12-01T22:00", minutes=120, time_zone="UTC"):
    return recurrence(rule=rule, starts=starts, minutes=minutes, time_zone=time_zone)


class TestSpans:
    def test_happen_once_without_a_rule(self):
        spans = list(made().spans(at("2026-01-01"), at("2028-01-01")))
        assert spans == [(at("2026-12-01T22:00"), at("2026-12-02T00:00"))]

    def test_follow_the_rule(self):
        found = made("FREQ=WEEKLY;BYDAY=TU,TH").spans(at("2026-12-02"), at("2026-12-10"))
        assert [begin.day for begin, _ in found] == [3, 8]

    def test_that_began_before_the_time_asked_for_are_seen(self):
        assert list(made("FREQ=DAILY").spans(at("2026-12-05T23:59"), at("2026-12-05T23:59:30")))

    def test_keep_their_wall_clock_when_summer_time_begins(self):
        every_day = made("FREQ=DAILY", "2027-03-26T09:00", time_zone="Europe/Berlin")
        found = list(every_day.spans(at("2027-03-26"), at("2027-03-30")))
        assert [begin.hour for begin, _ in found] == [8, 8, 7, 7]
        assert {end - begin for begin, end in found} == {timedelta(hours=2)}

    @pytest.mark.parametrize(
        ("until", "zone", "count"),
        [
            ("20261203T220000Z", "UTC", 3),
            # 22:00 in Berlin is 21:00 of UTC.
            ("20261203T210000Z", "Europe/Berlin", 3),
            ("20261203T205959Z", "Europe/Berlin", 2),
            ("20261203T220000", "Europe/Berlin", 3),
            # The last night of a freeze belongs to it.
            ("20261203", "Europe/Berlin", 3),
        ],
    )
    def test_end_with_until_as_calendars_read_it(self, until, zone, count):
        rule = made(f"FREQ=DAILY;UNTIL={until}", time_zone=zone)
        assert len(list(rule.spans(at("2026-01-01"), at("2028-01-01")))) == count

    def test_begin_once_where_summer_time_makes_an_hour_twice_or_never(self):
        twice = made("FREQ=DAILY", "2026-10-24T02:30", minutes=30, time_zone="Europe/Berlin")
        found = [begin for begin, _ in twice.spans(at("2026-10-24"), at("2026-10-27"))]
        assert found == [at("2026-10-24T00:30"), at("2026-10-25T00:30"), at("2026-10-26T01:30")]
        never = made("FREQ=DAILY", "2027-03-27T02:30", minutes=30, time_zone="Europe/Berlin")
        found = [begin for begin, _ in never.spans(at("2027-03-27"), at("2027-03-30"))]
        assert found == [at("2027-03-27T01:30"), at("2027-03-28T01:30"), at("2027-03-29T00:30")]

    def test_last_weekday_of_a_month(self):
        rule = made("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", minutes=60 * 24)
        found = rule.spans(at("2026-12-01"), at("2027-03-01"))
        assert [(begin.month, begin.day) for begin, _ in found] == [(12, 31), (1, 29), (2, 26)]


class TestRefusals:
    @pytest.mark.parametrize(
        ("given_", "member"),
        [
            ({"rule": "FREQ=SECONDLY"}, "rule"),
            ({"rule": "FREQ=DAILY;INTERVAL=0"}, "rule"),
            ({"rule": "FREQ=DAILY;FREQ=DAILY"}, "rule"),
            ({"rule": "FREQ=DAILY;BYHOUR=1"}, "rule"),
            ({"rule": "INTERVAL=2"}, "rule"),
            ({"rule": "FREQ=DAILY;COUNT=2;UNTIL=20270101"}, "rule"),
            ({"rule": "FREQ=WEEKLY;BYDAY=1MO"}, "rule"),
            ({"rule": "FREQ=YEARLY;BYMONTH=13"}, "rule"),
            ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
            ({"rule": "FREQ=DAILY;UNTIL=20269999"}, "rule"),
            ({"rule": "FREQ=DAILY\nRDATE:20270101"}, "rule"),
            ({"rule": "FREQ=DAILY;UNTIL=20200101"}, "rule"),
            ({"starts": "tomorrow"}, "starts"),
            ({"starts": "1901-01-01T00:00"}, "starts"),
            ({"minutes": 0}, "minutes"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
            ({"time_zone": "../../etc/passwd"}, "time_zone"),
            ({"time_zone": ""}, "time_zone"),
        ],
    )
    def test_name_what_is_wrong(self, given_, member):
        with pytest.raises(RecurrenceInvalid) as refused:
            made(**given_)
        assert refused.value.member == member


RULES = st.builds(
    lambda freq, interval, days: f"FREQ={freq};INTERVAL={interval}" + days,
    st.sampled_from(["DAILY", "WEEKLY"]),
    st.integers(1, 9),
    st.sampled_from(["", ";BYDAY=MO", ";BYDAY=SA,SU", ";COUNT=5"]),
)


@settings(max_examples=60, deadline=None)
@given(
    rule=RULES,
    minutes=st.integers(1, 60 * 24 * 3),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
    offset=st.integers(0, 60 * 24 * 300),
)
def test_a_moment_lies_in_a_span_whichever_time_is_asked_for(rule, minutes, zone, offset):
    """A narrow question finds exactly those spans of a wide one that touch it."""
    try:
        made_ = made(rule, minutes=minutes, time_zone=zone)
    except RecurrenceInvalid:
        return
    moment = at("2026-12-01") + timedelta(minutes=offset)
    wide = list(made_.spans(at("2026-11-20"), at("2027-12-01")))
    assert all(one[0] <= other[0] for one, other in pairwise(wide))
    narrow = list(made_.spans(moment, moment + timedelta(minutes=1)))
    expected = [
        span for span in wide if span[0] < moment + timedelta(minutes=1) and span[1] > moment
    ]
    assert narrow == expected


@settings(max_examples=150, deadline=None)
@given(rule=st.text("FREQ=DAILYWKMONTHBUS;0123456789,-+:", max_size=60))
def test_any_text_is_a_rule_or_refused(rule):
    try:
        found = made(rule)
    except RecurrenceInvalid:
        return
    assert len(list(found.spans(at("2026-12-01"), at("2027-12-01")))) <= 366
