"""What failed for a passing reason is read a second time within the run."""

from collections import Counter

import pytest

from inventory.aws.client import CallLog, Patience
from inventory.aws.errors import AwsReadDenied, AwsReadFailed, AwsSessionEnded, AwsThrottled
from inventory.collecting import reading
from inventory.collectors import registry
from inventory.collectors.collector import Scope
from inventory.records import TagsRecord
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT
from tests.inventory.collecting.test_regional import FakeSession, collector

THROTTLED = AwsThrottled("slow down", transient=True)
DENIED = AwsReadDenied("no")


class Session(FakeSession):
    """Opens after as many errors as were given, and says whether a second pass may be."""

    errors: list[Exception] = []
    has_time = True
    forgotten = 0

    def open(self):
        if self.errors:
            raise self.errors.pop(0)

    def wait_for_second_pass(self):
        return self.has_time

    def forget(self):
        Session.forgotten += 1


@pytest.fixture
def read(db, monkeypatch):
    """Return a function that reads with collectors which raise their errors one a pass."""
    monkeypatch.setattr(reading, "Session", Session)
    monkeypatch.setattr(Session, "errors", [])
    monkeypatch.setattr(Session, "has_time", True)
    monkeypatch.setattr(Session, "forgotten", 0)
    times: Counter[str] = Counter()

    def reading_that_raises(name, errors):
        def read(client, earlier):
            times[name] += 1
            yield TagsRecord(f"{name} {times[name]}", {})
            if errors:
                raise errors.pop(0)

        return read

    def run(**errors):
        monkeypatch.setattr(
            registry,
            "COLLECTORS",
            tuple(
                collector(
                    f"boxes.{name}",
                    Scope.GLOBAL,
                    "iam:ListUsers",
                    reading_that_raises(name, list(given)),
                )
                for name, given in errors.items()
            ),
        )
        outcomes = reading.read_group(
            ConnectionFactory.create(),
            "111111111111",
            "boxes",
            run_id=1,
            clock=lambda: FIRST_RUN_AT,
        )
        return {each.collector.name.partition(".")[2]: each for each in outcomes}, times

    return run


class TestSecondPass:
    def test_goes_on_in_a_new_session_where_the_old_one_has_ended(self, read):
        found, times = read(one=[], two=[AwsSessionEnded("expired")], three=[DENIED])
        assert (found["two"].state, dict(times)) == ("complete", {"one": 1, "two": 2, "three": 1})
        assert Session.forgotten == 1

    def test_reads_again_what_was_throttled_and_nothing_else(self, read):
        found, times = read(one=[THROTTLED], two=[], three=[DENIED])
        assert times == {"one": 2, "two": 1, "three": 1}
        assert found["one"].complete
        assert [each.resource_id for each in found["one"].records] == ["one 2"]
        assert found["three"].error is DENIED

    def test_leaves_the_error_of_what_fails_again(self, read):
        again = AwsReadFailed("still away", transient=True)
        found, times = read(one=[THROTTLED, again])
        assert (found["one"].error, times["one"]) == (again, 2)

    def test_is_not_made_where_nothing_passes_by_itself(self, read):
        _, times = read(one=[DENIED], two=[])
        assert times == {"one": 1, "two": 1}

    def test_is_not_made_where_the_time_is_used_up(self, read, monkeypatch):
        monkeypatch.setattr(Session, "has_time", False)
        found, times = read(one=[THROTTLED])
        assert (found["one"].error, times["one"]) == (THROTTLED, 1)

    def test_assumes_the_role_again_that_was_not_assumed_for_a_moment(self, read, monkeypatch):
        monkeypatch.setattr(Session, "errors", [THROTTLED])
        found, _ = read(one=[], two=[])
        assert all(each.complete for each in found.values())

    def test_keeps_the_error_of_a_role_that_is_never_assumed(self, read, monkeypatch):
        monkeypatch.setattr(Session, "errors", [THROTTLED, DENIED])
        found, _ = read(one=[], two=[])
        assert {each.error for each in found.values()} == {THROTTLED}

    def test_counts_the_calls_of_both(self, read):
        found, _ = read(one=[THROTTLED])
        first = found["one"]
        twice = first.after(first)
        assert twice.log == CallLog(first.log.calls + first.log.calls, 2 * first.log.throttled)
        assert twice.seconds == 2 * first.seconds


class TestPatience:
    def test_waits_and_allows_as_much_waiting_anew(self):
        slept: list[float] = []
        patience = Patience(waiting_seconds=0, sleep=slept.append)
        assert patience.renew(after_seconds=15, waiting_seconds=60)
        assert (slept, patience.waiting_seconds) == ([15], 60)

    def test_does_not_wait_past_the_end(self):
        slept: list[float] = []
        patience = Patience(ends_at=100, monotonic=lambda: 90, sleep=slept.append)
        assert not patience.renew(after_seconds=15, waiting_seconds=60)
        assert not slept
