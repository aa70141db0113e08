"""Coverage as it is kept: the newest, and when it was last complete."""

from datetime import timedelta

from inventory.models import Coverage
from inventory.store.coverage import keep_coverage
from tests.factories.runs import CoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT
from tests.inventory.store.readings import ACCOUNT_ID


class TestCoverage:
    def keep(self, connection, at, state=Coverage.State.COMPLETE, run=None):
        run = run or InventoryRunFactory.create(connection=connection, started_at=at)
        row = CoverageFactory.build(
            run=run, connection=connection, account_id=ACCOUNT_ID, state=state, collected_at=at
        )
        keep_coverage([row])
        return run

    def latest(self):
        return Coverage.objects.get(is_latest=True)

    def test_marks_the_newest(self, connection):
        self.keep(connection, FIRST_RUN_AT)
        newest = self.keep(connection, SECOND_RUN_AT)
        assert self.latest().run == newest
        assert Coverage.objects.count() == 2

    def test_remembers_when_it_was_last_complete(self, connection):
        self.keep(connection, FIRST_RUN_AT)
        self.keep(connection, SECOND_RUN_AT, Coverage.State.DENIED)
        self.keep(connection, THIRD_RUN_AT, Coverage.State.THROTTLED)
        assert self.latest().last_complete_at == FIRST_RUN_AT

    def test_is_replaced_by_the_same_run(self, connection):
        run = self.keep(connection, FIRST_RUN_AT, Coverage.State.FAILED)
        self.keep(connection, FIRST_RUN_AT + timedelta(minutes=5), run=run)
        assert Coverage.objects.get().state == Coverage.State.COMPLETE

    def test_was_never_complete_when_it_never_was(self, connection):
        self.keep(connection, FIRST_RUN_AT, Coverage.State.DENIED)
        assert self.latest().last_complete_at is None
