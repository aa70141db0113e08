"""A web process works out what a new state comes to before anybody asks."""

import logging
from threading import Event

import pytest
from django.db import OperationalError
from django.test.utils import CaptureQueriesContext

from governance.posture import warming
from governance.posture.ceilings.organization_ceilings import (
    organization_ceilings,
)
from governance.posture.ceilings.usual import usual_assumptions
from governance.posture.findings import structure
from governance.posture.findings.structure import prepare_findings, ready_findings
from governance.posture.state.organization import load_organization
from governance.posture.warming import Warming, warm, warm_all
from inventory.models import InventoryRun
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.runs import InventoryRunFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import SECOND_RUN_AT

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)


@pytest.fixture
def made():
    return organization_snapshot()


def queries(connection, ask):
    """Count the queries that a question takes."""
    from django.db import connection as database

    with CaptureQueriesContext(database) as captured:
        ask(SEES, connection=connection)
    return len(captured)


class TestWarm:
    def test_leaves_only_the_marks_to_ask_for(self, made):
        cold = queries(made.connection, load_organization)
        AccountFactory.create(connection=made.connection, seen_from=SECOND_RUN_AT)
        warm(made.connection)
        assert queries(made.connection, load_organization) == 2 < cold

    def test_makes_every_ceiling(self, made):
        warm(made.connection)
        organization = load_organization(SEES, connection=made.connection)
        assumed = usual_assumptions(organization, made.connection.home_region).read([])
        ceilings = organization_ceilings(organization, assumed)
        assert "_ceilings" in vars(ceilings)

    def test_takes_in_what_a_worker_found(self, made):
        prepare_findings(SEES, connection=made.connection)
        structure._reports.clear()
        warm(made.connection)
        (name,) = structure._reports.kept_keys()
        kept = structure._reports.known(name)
        assert ready_findings(SEES, connection=made.connection) is kept

    def test_finds_nothing_itself_that_takes_a_worker(self, made):
        structure._reports.clear()
        warm(made.connection)
        assert structure._reports.kept_keys() == []

    def test_takes_in_no_findings_while_a_run_writes_rows(self, made, monkeypatch):
        InventoryRunFactory.create(
            connection=made.connection,
            started_at=SECOND_RUN_AT,
            state=InventoryRun.State.RUNNING,
        )
        asked = []
        monkeypatch.setattr(warming, "load_shared_findings", lambda *_, **__: asked.append(1))
        warm(made.connection)
        assert asked == []

    def test_of_an_organization_that_was_never_read_does_nothing(self):
        structure._reports.clear()
        warm(ConnectionFactory.create())
        assert structure._reports.kept_keys() == []


class TestWarmAll:
    def test_goes_on_after_one_that_fails(self, made, monkeypatch, caplog):
        other = organization_snapshot()
        done = []

        def failing(connection):
            if connection == made.connection:
                raise ValueError("a bug")
            done.append(connection)

        monkeypatch.setattr(warming, "warm", failing)
        with caplog.at_level(logging.ERROR):
            warm_all()
        assert done == [other.connection]
        assert "could not be prepared ahead" in caplog.text


class TestWarming:
    def test_looks_again_after_the_database_was_away(self, monkeypatch, caplog):
        looked, again = [], Event()

        def look():
            looked.append(1)
            if len(looked) == 1:
                raise OperationalError("the server is gone")
            again.set()

        monkeypatch.setattr(warming, "warm_all", look)
        thread = Warming(seconds=0.001)
        thread.start()
        assert again.wait(10)
        thread.stop()
        assert not thread.is_alive()
        assert "the server is gone" in caplog.text
