"""How well an account is known, in each state, now and at a past time."""

from datetime import timedelta

import pytest

from inventory.models import Coverage
from inventory.selectors.coverage import (
    Knowledge,
    account_coverage,
    collectors_ever_complete,
    organization_coverage,
)
from inventory.viewing import Viewer
from tests.factories.runs import CoverageFactory, InventoryRunFactory, never_complete
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
NOW = FIRST_RUN_AT + timedelta(minutes=30)
STATES = Coverage.State


def knowledge_of(states, *, now=NOW):
    """Return what is known of an account whose collectors ended in `states`."""
    run = InventoryRunFactory.create()
    for number, state in enumerate(states):
        CoverageFactory.create(
            run=run, account_id="222222222222", collector=f"collector-{number}", state=state
        )
    return account_coverage(
        SEES, connection=run.connection, account_id="222222222222", now=now
    ).knowledge


class TestKnowledge:
    @pytest.mark.parametrize(
        ("states", "expected"),
        [
            ([], Knowledge.UNKNOWN),
            ([STATES.COMPLETE, STATES.COMPLETE], Knowledge.COLLECTED),
            ([STATES.COMPLETE, STATES.DENIED], Knowledge.PARTIAL),
            ([STATES.DENIED, STATES.DENIED], Knowledge.DENIED),
            ([STATES.DENIED, STATES.TIMED_OUT], Knowledge.FAILED),
            ([STATES.THROTTLED], Knowledge.FAILED),
            ([STATES.UNSUPPORTED], Knowledge.SKIPPED),
            ([STATES.UNSUPPORTED, STATES.COMPLETE], Knowledge.COLLECTED),
            ([STATES.UNSUPPORTED, STATES.DENIED], Knowledge.DENIED),
        ],
    )
    def test_follows_from_how_the_collectors_ended(self, states, expected):
        assert knowledge_of(states) == expected

    def test_turns_stale_with_time(self):
        late = FIRST_RUN_AT + timedelta(hours=2, seconds=1)
        assert knowledge_of([STATES.COMPLETE], now=late) == Knowledge.STALE

    def test_is_unknown_to_who_may_not_look(self):
        made = organization_snapshot()
        blind = Viewer(sees_inventory=False)
        found = account_coverage(
            blind, connection=made.connection, account_id="222222222222", now=NOW
        )
        assert found.knowledge == Knowledge.UNKNOWN
        assert organization_coverage(blind, connection=made.connection, now=NOW).accounts == 0


class TestOverTime:
    def test_is_what_the_runs_until_then_had_covered(self):
        made = organization_snapshot()
        made.connection.coverage.filter(
            account_id="222222222222", collector="iam.authorization_details"
        ).update(is_latest=False)
        later = InventoryRunFactory.create(
            connection=made.connection, started_at=SECOND_RUN_AT, account_ids=["222222222222"]
        )
        CoverageFactory.create(run=later, account_id="222222222222", state=STATES.DENIED)

        def known(as_of):
            return account_coverage(
                SEES,
                connection=made.connection,
                account_id="222222222222",
                now=SECOND_RUN_AT,
                as_of=as_of,
            )

        assert known(NOW).knowledge == Knowledge.COLLECTED
        # Another run's collectors keep their last word: 6 of 7 are complete still.
        assert known(SECOND_RUN_AT).knowledge == Knowledge.PARTIAL
        assert known(None).knowledge == Knowledge.PARTIAL
        assert known(FIRST_RUN_AT - timedelta(seconds=1)).knowledge == Knowledge.UNKNOWN

    def test_tells_the_newest_attempt(self):
        made = organization_snapshot()
        later = InventoryRunFactory.create(connection=made.connection, started_at=SECOND_RUN_AT)
        CoverageFactory.create(run=later, account_id="222222222222", collector="another")
        found = account_coverage(
            SEES, connection=made.connection, account_id="222222222222", now=SECOND_RUN_AT
        )
        assert found.newest_attempt_at == SECOND_RUN_AT
        assert found.oldest_complete_at == FIRST_RUN_AT


class TestOrganizationCoverage:
    def test_counts_accounts_by_how_well_they_are_known(self):
        made = organization_snapshot()
        found = organization_coverage(SEES, connection=made.connection, now=NOW)
        assert found.accounts == 6
        assert found.by_knowledge == {Knowledge.COLLECTED: 5, Knowledge.UNKNOWN: 1}
        assert found.organization.knowledge == Knowledge.COLLECTED

    def test_names_the_collectors_that_were_ever_complete(self):
        made = organization_snapshot()
        never_complete(made.connection, collector="organizations.tags")
        names = collectors_ever_complete(SEES, connection=made.connection)
        assert "organizations.accounts" in names
        assert "organizations.tags" not in names
