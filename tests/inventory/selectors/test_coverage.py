"""How well an account is known, in each state, now and at a past time."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from inventory.models import Coverage
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import (
    Knowledge,
    account_coverage,
    collectors_ever_complete,
    coverage_by_account,
    summarize,
)
from inventory.selectors.coverage_by_parent import coverage_by_parent
from inventory.selectors.coverage_problems import coverage_problems
from inventory.selectors.organization_coverage import organization_coverage
from inventory.store.coverage import keep_coverage
from inventory.store.covered import Covered
from inventory.store.scopes import close_departed_accounts
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.runs import (
    CoverageFactory,
    InventoryRunFactory,
    TaskFactory,
    never_complete,
)
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import ended

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


ACCOUNTS = ("222222222222", "333333333333", "444444444444")
COLLECTORS = ("iam.account_summary", "iam.authorization_details", "iam.oidc_providers")


def stored_run(connection, written, number, account_ids, states, *, whole=True):
    """Store a run as the store does: `states` of each account's collectors, in turn.

    `written`: gets the run's start, the account and what came of its collectors.
    """
    started_at = FIRST_RUN_AT + timedelta(hours=number)
    run = InventoryRunFactory.create(
        connection=connection,
        started_at=started_at,
        account_ids=None if whole else list(account_ids),
    )
    for place, account_id in enumerate(account_ids):
        TaskFactory.create(run=run, account_id=account_id)
        rows = {
            collector: states[(place + at) % len(states)] for at, collector in enumerate(COLLECTORS)
        }
        written.append((started_at, account_id, rows))
        keep_coverage(
            {
                (account_id, "iam"): [
                    Covered(collector, "global", state, started_at)
                    for collector, state in rows.items()
                ]
            },
            run=run,
        )
    return run


def plainly(connection, written, as_of):
    """Return the summaries at a time, made of what came of every collector until then."""
    newest, complete_at = {}, {}
    for started_at, account_id, rows in written:
        if started_at > as_of:
            break
        for collector, state in rows.items():
            newest[account_id, collector] = (state, started_at)
            if state == STATES.COMPLETE:
                complete_at[account_id, collector] = started_at
    found = {}
    for account_id in {account_id for account_id, _ in newest}:
        mine = {key: row for key, row in newest.items() if key[0] == account_id}
        states = [state for state, _ in mine.values()]
        last: list[Any] = [
            complete_at.get(key) for key, (state, _) in mine.items() if state != STATES.UNSUPPORTED
        ]
        found[account_id] = summarize(
            total=len(mine),
            complete=states.count(STATES.COMPLETE),
            denied=states.count(STATES.DENIED),
            unsupported=states.count(STATES.UNSUPPORTED),
            oldest_complete_at=min(last) if last and all(last) else None,
            newest_attempt_at=max(at for _, at in mine.values()),
            now=as_of,
            limit=stale_after(connection),
        )
    return found


class TestAgainstEveryRow:
    @pytest.fixture
    def written(self):
        return []

    @pytest.fixture
    def connection(self, written):
        made = ConnectionFactory.create()
        complete, denied = STATES.COMPLETE, STATES.DENIED
        stored_run(made, written, 0, ACCOUNTS[:2], [complete, denied, complete, complete])
        stored_run(made, written, 1, ACCOUNTS, [complete, complete, STATES.THROTTLED, complete])
        stored_run(made, written, 2, ACCOUNTS[1:2], [denied], whole=False)
        stored_run(made, written, 3, ACCOUNTS[2:], [STATES.UNSUPPORTED], whole=False)
        stored_run(made, written, 4, ACCOUNTS, [complete])
        stored_run(made, written, 9, ACCOUNTS[:1], [STATES.FAILED, complete], whole=False)
        for account_id in ACCOUNTS:
            AccountFactory.create(connection=made, account_id=account_id, seen_from=FIRST_RUN_AT)
        return made

    @pytest.mark.parametrize("minutes", [0, 30, 60, 100, 121, 185, 240, 500, 545])
    def test_accounts_are_summed_up_at_any_time_alike(self, connection, written, minutes):
        as_of = FIRST_RUN_AT + timedelta(minutes=minutes)
        common = {"connection": connection, "now": as_of + timedelta(days=9), "as_of": as_of}
        expected = plainly(connection, written, as_of)
        assert coverage_by_account(SEES, **common) == expected
        some = coverage_by_account(SEES, account_ids=ACCOUNTS[:1], **common)
        assert some == {key: one for key, one in expected.items() if key == ACCOUNTS[0]}
        told = organization_coverage(SEES, **common)
        known = Counter(one.knowledge for one in expected.values())
        known[Knowledge.UNKNOWN] += len(ACCOUNTS) - len(expected)
        assert told.by_knowledge == +known
        oldest = [one.oldest_complete_at for one in expected.values() if one.oldest_complete_at]
        assert told.oldest_complete_at == min(oldest, default=None)
        below: Counter[Knowledge] = Counter()
        for alike in coverage_by_parent(SEES, **common):
            below[alike.knowledge] += alike.accounts
        assert below == Counter(one.knowledge for one in expected.values())

    def test_shows_nothing_to_who_may_not_look(self, connection):
        blind = Viewer(sees_inventory=False)
        common = {"connection": connection, "now": NOW, "as_of": NOW}
        assert coverage_by_account(blind, **common) == {}
        assert organization_coverage(blind, **common).by_knowledge == {}
        assert collectors_ever_complete(blind, connection=connection, as_of=NOW) == frozenset()


class TestCollectedSpans:
    def test_begin_with_the_first_run_that_was_complete_and_stay_whatever_comes(self):
        connection = ConnectionFactory.create()
        stored_run(connection, [], 0, ACCOUNTS[:1], [STATES.DENIED])
        stored_run(connection, [], 1, ACCOUNTS[:1], [STATES.COMPLETE])
        stored_run(connection, [], 2, ACCOUNTS[:1], [STATES.FAILED])

        def ever(minutes):
            as_of = None if minutes is None else FIRST_RUN_AT + timedelta(minutes=minutes)
            return collectors_ever_complete(
                SEES, connection=connection, account_id=ACCOUNTS[0], as_of=as_of
            )

        assert ever(59) == frozenset()
        assert ever(60) == ever(180) == ever(None) == set(COLLECTORS)

    def test_end_with_the_account_and_begin_again_if_it_comes_back_and_is_read(self):
        connection = ConnectionFactory.create()
        stored_run(connection, [], 0, ACCOUNTS[:1], [STATES.COMPLETE])
        left_at = FIRST_RUN_AT + timedelta(hours=1)
        account = AccountFactory.create(
            connection=connection, account_id=ACCOUNTS[0], seen_from=FIRST_RUN_AT
        )
        ended(account, at=left_at)
        close_departed_accounts(connection=connection, moment=left_at)
        stored_run(connection, [], 2, ACCOUNTS[:1], [STATES.DENIED])

        def ever(hours):
            return collectors_ever_complete(
                SEES,
                connection=connection,
                account_id=ACCOUNTS[0],
                as_of=FIRST_RUN_AT + timedelta(hours=hours),
            )

        assert ever(0.5) == set(COLLECTORS)
        assert ever(1) == ever(3) == frozenset()
        stored_run(connection, [], 4, ACCOUNTS[:1], [STATES.COMPLETE])
        assert ever(3) == frozenset()
        assert ever(4) == set(COLLECTORS)


class TestProblems:
    def test_are_of_the_first_accounts_with_how_many_there_are(self):
        connection = ConnectionFactory.create()
        stored_run(connection, [], 0, ACCOUNTS, [STATES.COMPLETE, STATES.DENIED])
        found = coverage_problems(SEES, connection=connection, accounts=2)
        assert (found.accounts, found.shown) == (3, 2)
        assert {row.account_id for row in found.rows} == set(ACCOUNTS[:2])
        assert {row.state for row in found.rows} == {STATES.DENIED}

    def test_are_none_where_what_can_be_read_is_complete(self):
        connection = ConnectionFactory.create()
        stored_run(connection, [], 0, ACCOUNTS, [STATES.COMPLETE, STATES.UNSUPPORTED])
        found = coverage_problems(SEES, connection=connection, accounts=2)
        assert (found.rows, found.accounts) == ([], 0)
