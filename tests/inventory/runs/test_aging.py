"""Coverage of old runs is aged out, and nothing that anybody still needs."""

from datetime import timedelta

import pytest
from django.conf import settings

from inventory.models import Coverage, InventoryRun
from inventory.runs.aging import age_out_coverage
from inventory.runs.ending import finish_run
from inventory.selectors.coverage import (
    Knowledge,
    account_coverage,
    collectors_ever_complete,
    detail_aged_out_at,
)
from inventory.selectors.runs import run_accounts, run_progress
from inventory.store.coverage import keep_coverage
from inventory.store.covered import Covered
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.runs import InventoryRunFactory, TaskFactory
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
STATES = Coverage.State
DETAIL = InventoryRun.Detail
KEPT = timedelta(days=settings.INVENTORY_COVERAGE_DAYS)
ACCOUNTS = ("222222222222", "333333333333")
COLLECTORS = ("iam.account_summary", "iam.authorization_details")


def run_at(connection, started_at, *, account_ids=ACCOUNTS, state=STATES.COMPLETE):
    """Store a run that covered some accounts and the organization, as the store does."""
    run = InventoryRunFactory.create(
        connection=connection,
        started_at=started_at,
        state=InventoryRun.State.RUNNING,
        finished_at=None,
    )
    for account_id in ("", *account_ids):
        if account_id:
            TaskFactory.create(run=run, account_id=account_id)
        keep_coverage(
            {
                (account_id, "iam"): [
                    Covered(
                        collector,
                        "global",
                        state if account_id else STATES.COMPLETE,
                        started_at,
                        calls={"iam:List": 1},
                    )
                    for collector in COLLECTORS
                ]
            },
            run=run,
        )
    finish_run(run_id=run.pk, now=started_at + timedelta(minutes=5))
    run.refresh_from_db()
    return run


@pytest.fixture
def connection():
    return ConnectionFactory.create()


@pytest.fixture
def runs(connection):
    """Three runs, a day from one another: the first refused in every account."""
    return [
        run_at(
            connection,
            FIRST_RUN_AT + timedelta(days=day),
            state=STATES.DENIED if day == 0 else STATES.COMPLETE,
        )
        for day in range(3)
    ]


def old_enough(run):
    """Return a time at which what ended with the start of a run is old enough to go."""
    return run.started_at + KEPT


def details_of(runs):
    for run in runs:
        run.refresh_from_db()
    return [run.detail for run in runs]


def ended():
    return Coverage.objects.filter(held_until__isnull=False)


class TestWhatGoes:
    def test_is_what_ended_longer_ago_than_the_setting_says(self, runs):
        assert age_out_coverage(now=old_enough(runs[1])) == 4
        assert not ended().exists()
        assert details_of(runs) == [DETAIL.GOING, DETAIL.KEPT, DETAIL.KEPT]

    def test_is_nothing_a_moment_before(self, runs):
        assert age_out_coverage(now=old_enough(runs[1]) - timedelta(seconds=1)) == 0
        assert details_of(runs)[0] == DETAIL.KEPT

    def test_follows_the_setting(self, runs, settings):
        settings.INVENTORY_COVERAGE_DAYS = 1
        assert age_out_coverage(now=runs[1].started_at + timedelta(days=1)) == 4

    def test_is_never_what_still_holds_however_old(self, runs):
        age_out_coverage(now=old_enough(runs[2]) + KEPT * 9)
        assert Coverage.objects.filter(held_until__isnull=True).count() == 6

    def test_is_never_of_the_organization_itself(self, connection, runs):
        Coverage.objects.filter(account_id="").update(held_until=runs[1].started_at)
        age_out_coverage(now=old_enough(runs[2]))
        assert Coverage.objects.filter(account_id="").count() == 2


class TestInterruption:
    def test_between_batches_leaves_the_run_marked_and_the_rest_for_the_next_time(self, runs):
        now = old_enough(runs[1])
        assert age_out_coverage(now=now, batch=3, batches=1) == 3
        runs[0].refresh_from_db()
        assert (runs[0].detail, runs[0].detail_aged_out_at) == (DETAIL.GOING, now)
        assert ended().count() == 1
        later = now + timedelta(minutes=10)
        assert age_out_coverage(now=later, batch=3, batches=1) == 1
        assert age_out_coverage(now=later, batch=3, batches=1) == 0
        runs[0].refresh_from_db()
        assert (runs[0].detail, runs[0].detail_aged_out_at) == (DETAIL.GOING, now)

    def test_in_a_batch_leaves_the_rows_and_the_mark_as_they_were(self, runs, monkeypatch):
        class Stopped(RuntimeError):
            pass

        def stop(*_, **__):
            raise Stopped

        monkeypatch.setattr("django.db.models.query.QuerySet.delete", stop)
        with pytest.raises(Stopped):
            age_out_coverage(now=old_enough(runs[1]))
        assert (ended().count(), details_of(runs)[0]) == (4, DETAIL.KEPT)

    def test_takes_first_what_ended_first(self, connection, runs):
        run_at(connection, FIRST_RUN_AT + timedelta(days=3), state=STATES.FAILED)
        age_out_coverage(now=old_enough(runs[2]) + KEPT, batch=4, batches=1)
        assert set(ended().values_list("state", flat=True)) == {STATES.COMPLETE}


class TestWhatStays:
    def test_is_how_well_an_account_was_known_at_each_time(self, connection, runs):
        def known(run):
            found = account_coverage(
                SEES,
                connection=connection,
                account_id=ACCOUNTS[0],
                now=runs[2].started_at,
                as_of=run.started_at + timedelta(minutes=10),
            )
            return found.knowledge, found.total, found.denied

        before = [known(run) for run in runs]
        assert before[0] == (Knowledge.DENIED, 2, 2)
        assert before[1] == (Knowledge.COLLECTED, 2, 0)
        age_out_coverage(now=old_enough(runs[2]))
        assert [known(run) for run in runs] == before

    def test_is_from_when_on_what_a_collector_reads_was_known(self, connection, runs):
        def ever(run):
            return collectors_ever_complete(
                SEES, connection=connection, account_id=ACCOUNTS[0], as_of=run.started_at
            )

        age_out_coverage(now=old_enough(runs[2]))
        assert [ever(run) for run in runs] == [frozenset(), set(COLLECTORS), set(COLLECTORS)]

    def test_is_what_the_run_came_to(self, runs):
        before = run_progress(SEES, run=runs[0])
        age_out_coverage(now=old_enough(runs[1]))
        runs[0].refresh_from_db()
        assert run_progress(SEES, run=runs[0]) == before
        assert before.calls == {"iam:List": 6}
        assert [row.denied_then for row in run_accounts(SEES, run=runs[0])] == [2, 2]

    def test_is_told_where_collectors_would_be_named(self, connection, runs):
        now = old_enough(runs[1])
        age_out_coverage(now=now)
        told = [
            detail_aged_out_at(SEES, connection=connection, as_of=run.started_at) for run in runs
        ]
        assert told == [now, None, None]
        assert detail_aged_out_at(SEES, connection=connection, as_of=None) is None
