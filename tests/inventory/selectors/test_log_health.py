"""What is said of the logs of some days: never nothing where nothing is known."""

from datetime import timedelta

import pytest

from inventory.models import LogDay
from inventory.selectors.logs import LogGap, LogHealthState, log_health, log_sources
from inventory.viewing import Place, Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.logs import DAY, LogDayFactory, LogObjectFactory, LogSourceFactory, at_noon
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
NOW = at_noon(DAY) + timedelta(hours=1)
SINCE = DAY - timedelta(days=4)


def health(source, viewer=SEES, since=SINCE, until=DAY, now=NOW):
    return log_health(viewer, connection=source.connection, since=since, until=until, now=now)


def days_of(source, account_id, back, **members):
    for each in back:
        day = DAY - timedelta(days=each)
        LogDayFactory.create(source=source, account_id=account_id, day=day, **members)


@pytest.fixture
def source():
    return LogSourceFactory.create()


def test_without_a_source_nothing_is_known():
    connection = ConnectionFactory.create()
    found = log_health(SEES, connection=connection, since=SINCE, until=DAY, now=NOW)
    assert found.state == LogHealthState.NO_SOURCE
    assert (found.unmapped_share, found.lag_seconds) == (None, None)
    assert "not known" in found.reasons[0]


def test_a_source_of_which_nothing_was_read_is_incomplete(source):
    found = health(source)
    assert (found.state, found.first_day, found.unmapped_share) == (
        LogHealthState.INCOMPLETE,
        None,
        None,
    )
    assert found.reasons == ("No log file of these days was read.",)


def test_days_without_a_gap_and_fresh_are_complete(source):
    days_of(source, "333333333333", range(5), unmapped=5)
    found = health(source)
    assert (found.state, found.reasons) == (LogHealthState.COMPLETE, ())
    assert (found.first_day, found.last_day, found.lag_seconds) == (SINCE, DAY, 3600)
    assert (found.events, found.unmapped, found.unmapped_share) == (500, 25, 0.05)


def test_a_day_that_is_missing_between_others_is_a_gap_of_its_account_and_region(source):
    days_of(source, "333333333333", [0, 3, 4])
    days_of(source, "444444444444", range(5))
    found = health(source)
    gap = LogGap("333333333333", "us-east-1", DAY - timedelta(days=2), DAY - timedelta(days=1))
    assert (found.gaps, found.gaps_found, gap.days) == ((gap,), 1, 2)
    assert found.reasons == ("1 gap of whole days without a log file.",)


def test_a_day_without_files_whose_digests_are_verified_is_no_gap(source):
    days_of(source, "333333333333", [0, 1, 3, 4])
    days_of(
        source, "333333333333", [2], objects_found=0, objects_read=0, events=0, newest_at=None,
        digests=LogDay.Digests.VERIFIED,
    )  # fmt: skip
    assert health(source).state == LogHealthState.COMPLETE


@pytest.mark.parametrize(
    ("back", "now", "reason"),
    [
        (range(4), NOW, "Logs begin on 2026-05-01; the days before are not known."),
        (range(1, 5), NOW, "Logs end on 2026-05-03; the days after are not known."),
        (range(5), NOW + timedelta(hours=9), "The newest log file that was read is 10 hours old."),
    ],
)
def test_days_at_either_end_that_were_not_read_are_named(source, back, now, reason):
    days_of(source, "333333333333", back)
    assert reason in health(source, now=now).reasons


def test_files_that_wait_or_were_refused_are_counted_by_reason(source):
    days_of(source, "333333333333", range(5))
    LogObjectFactory.create(source=source)
    for _ in range(2):
        LogObjectFactory.create(source=source, state="denied", why="s3:GetObject was denied")
    LogObjectFactory.create(source=source, state="cut", why="the gzip data ends early")
    found = health(source)
    assert found.waiting == 1
    assert [(each.state, each.objects, each.size_bytes) for each in found.refused] == [
        ("denied", 2, 4000),
        ("cut", 1, 2000),
    ]
    assert found.reasons == (
        "1 log file found and not read yet.",
        "3 log files could not be read, or not to the end.",
    )


def test_digests_that_do_not_match_make_it_incomplete(source):
    days_of(source, "333333333333", range(5), digests=LogDay.Digests.FAILED)
    assert "5 days whose digest files do not match the log files." in health(source).reasons


def test_a_source_that_could_not_be_listed_says_why(source):
    source.problem = "the bucket may not be listed"
    source.is_enabled = False
    source.save()
    days_of(source, "333333333333", range(5))
    assert health(source).reasons == (
        "Reading is switched off for every log source.",
        "organization-trail: the bucket may not be listed",
    )


class TestOfAnOrganization:
    @pytest.fixture
    def made(self):
        return organization_snapshot()

    def test_open_accounts_without_a_file_are_named(self, made):
        source = LogSourceFactory.create(connection=made.connection)
        mine, *others = sorted(
            each.account_id for each in made.accounts.values() if each.state == "ACTIVE"
        )
        days_of(source, mine, range(5))
        found = health(source)
        assert mine not in found.without_logs
        assert 0 < found.accounts_without_logs <= len(others)
        assert found.state == LogHealthState.INCOMPLETE

    def test_some_accounts_are_judged_without_the_others(self, made):
        source = LogSourceFactory.create(connection=made.connection)
        mine, other, *_ = sorted(
            each.account_id for each in made.accounts.values() if each.state == "ACTIVE"
        )
        days_of(source, mine, range(5))
        days_of(source, other, [0, 4])
        LogObjectFactory.create(source=source, account_id=other)
        found = log_health(
            SEES, connection=made.connection, since=SINCE, until=DAY, now=NOW, account_ids=[mine]
        )
        assert (found.state, found.events) == (LogHealthState.COMPLETE, 500)

    def test_who_sees_one_account_is_told_of_that_one(self, made):
        source = LogSourceFactory.create(connection=made.connection)
        mine, other, *_ = sorted(
            each.account_id for each in made.accounts.values() if each.state == "ACTIVE"
        )
        days_of(source, mine, range(5))
        days_of(source, other, [0, 4])
        limited = Viewer(True, (frozenset({Place(made.connection.pk, mine)}),))
        assert health(source, viewer=limited).state == LogHealthState.COMPLETE
        nobody = Viewer(sees_inventory=False)
        assert not log_sources(nobody, connection=made.connection).exists()
        assert health(source, viewer=nobody).state == LogHealthState.NO_SOURCE
