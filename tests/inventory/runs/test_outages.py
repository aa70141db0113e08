"""What was read is stored although the database is away for a while, and stored once."""

from unittest.mock import Mock

import pytest
from django.db import InterfaceError, OperationalError

from inventory.models import InventoryRun
from inventory.runs import group_tasks, life, outages
from tests.inventory.runs.fake_aws import again


class TestThroughOutages:
    @pytest.fixture
    def database(self, monkeypatch, settings):
        monkeypatch.setattr(outages, "_AGAIN_AFTER_SECONDS", 0)
        connection = Mock(in_atomic_block=False)
        monkeypatch.setattr(outages, "connection", connection)
        return connection

    def test_stores_once_the_database_is_there_again_over_a_new_connection(self, database):
        store = Mock(side_effect=[OperationalError("away"), InterfaceError("closed"), "stored"])
        assert outages.through_outages(store) == "stored"
        assert database.close.call_count == 2

    def test_gives_up_when_a_lease_would_have_ended(self, database, settings):
        settings.INVENTORY_LEASE_SECONDS = 0
        store = Mock(side_effect=OperationalError("away"))
        with pytest.raises(OperationalError):
            outages.through_outages(store)
        assert store.call_count == 1

    def test_repeats_nothing_but_outages(self, database):
        store = Mock(side_effect=ValueError("wrong"))
        with pytest.raises(ValueError, match="wrong"):
            outages.through_outages(store)
        assert store.call_count == 1


class TestStoringAgain:
    def test_changes_nothing_where_it_was_committed_before(self, aws, request_one, work, patched):
        run = request_one()
        work.finish()
        assert again(run).state == InventoryRun.State.COMPLETE
        assert run.tasks_done == run.tasks_total == run.tasks.exclude(account_id="").count()
        assert run.rows_opened == 1 + 3 + 2

    @pytest.fixture
    def patched(self, monkeypatch):
        def lost_answer(write):
            written = write()
            # What begins a task returns its run, what stores returns nothing.
            return write() if written is None else written

        for module in (life, group_tasks):
            monkeypatch.setattr(module, "through_outages", lost_answer)
