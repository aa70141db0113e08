"""What a run amounts to stays known after its rows are gone."""

import pytest

from inventory.models import CollectionTask, Coverage, InventoryRun
from inventory.runs.ending import finish_run
from inventory.selectors.runs import RunTotals, run_progress, run_totals
from inventory.viewing import Viewer
from tests.factories.runs import (
    CoverageFactory,
    DeniedCoverageFactory,
    InventoryRunFactory,
    TaskFactory,
)
from tests.factories.times import SECOND_RUN_AT

pytestmark = pytest.mark.django_db

SEES = Viewer(sees_inventory=True)


@pytest.fixture
def run():
    run = InventoryRunFactory.create(state=InventoryRun.State.RUNNING, finished_at=None)
    complete, partial, _ = (
        TaskFactory.create(run=run, state=state).account_id
        for state in (
            CollectionTask.State.COMPLETE,
            CollectionTask.State.PARTIAL,
            CollectionTask.State.SKIPPED,
        )
    )
    CoverageFactory.create(
        run=run, account_id=complete, calls={"iam:GetAccountSummary": 2, "sts:AssumeRole": 1}
    )
    DeniedCoverageFactory.create(run=run, account_id=partial)
    return run


class TestCounts:
    def test_are_made_anew_while_the_run_goes_on(self, run):
        told = run_progress(SEES, run=run)
        assert told.accounts == {"complete": 1, "partial": 1, "skipped": 1}
        assert told.collectors == {"complete": 1, "denied": 1}
        assert told.calls == {"iam:GetAccountSummary": 2, "sts:AssumeRole": 2}

    def test_are_kept_at_the_end_whatever_becomes_of_the_rows(self, run):
        finish_run(run_id=run.pk, now=SECOND_RUN_AT)
        Coverage.objects.all().delete()
        CollectionTask.objects.all().delete()
        run.refresh_from_db()
        assert run_progress(SEES, run=run).collectors == {"complete": 1, "denied": 1}
        totals = run_totals(SEES, runs=[run])
        assert totals == {run.pk: RunTotals(accounts=3, done=3, unread=1, calls=4)}

    def test_tell_nothing_to_who_may_not_look(self, run):
        assert run_progress(Viewer(sees_inventory=False), run=run).accounts_total == 0
