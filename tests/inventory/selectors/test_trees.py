"""The tree of OUs is read once for each state, and coverage is counted by OU in the database."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import AccountCoverage
from inventory.selectors.coverage import Knowledge, coverage_by_account
from inventory.selectors.coverage_by_parent import coverage_by_parent
from inventory.selectors.coverage_states import accounts_known_as
from inventory.selectors.hierarchy import accounts, tree
from inventory.selectors.trees import scps_were_read, targets_of_policies, unit_tree
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory, OrganizationalUnitFactory
from tests.factories.runs import (
    CoverageFactory,
    DeniedCoverageFactory,
    InventoryRunFactory,
    forget_coverage,
)
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db
VIEWER = Viewer(sees_inventory=True)
LATER = FIRST_RUN_AT + timedelta(hours=1)


@pytest.fixture
def snapshot():
    return organization_snapshot()


class TestUnitTree:
    def test_is_the_tree_with_what_hangs_on_all_targets_counted(self, snapshot):
        found = unit_tree(VIEWER, connection=snapshot.connection)
        whole = tree(VIEWER, connection=snapshot.connection)

        assert found.tree.by_id.keys() == whole.by_id.keys()
        for target_id, node in whole.by_id.items():
            read = found.tree.by_id[target_id]
            assert (read.policies, read.inherited, read.accounts) == (
                node.policies,
                node.inherited,
                node.accounts,
            )
        assert found.attachments == whole.attachments == len(snapshot.attachments)
        assert found.attached_policies == len(snapshot.policies) - 1

    def test_costs_one_query_while_nothing_changes(self, snapshot):
        first = unit_tree(VIEWER, connection=snapshot.connection)
        with CaptureQueriesContext(database) as queries:
            again = unit_tree(VIEWER, connection=snapshot.connection)
        assert again is first
        assert len(queries) == 1

    def test_is_read_anew_once_something_changed(self, snapshot):
        unit_tree(VIEWER, connection=snapshot.connection)
        OrganizationalUnitFactory.create(
            connection=snapshot.connection, name="New", seen_from=LATER
        )
        names = {
            node.name
            for node in unit_tree(VIEWER, connection=snapshot.connection).tree.by_id.values()
        }
        assert "New" in names
        then = unit_tree(VIEWER, connection=snapshot.connection, as_of=FIRST_RUN_AT)
        assert "New" not in {node.name for node in then.tree.by_id.values()}

    def test_is_empty_for_somebody_who_may_not_see_it_even_after_others_did(self, snapshot):
        unit_tree(VIEWER, connection=snapshot.connection)
        found = unit_tree(Viewer(sees_inventory=False), connection=snapshot.connection)
        assert found.tree.root is None
        assert found.attachments == 0


class TestTargetsOfPolicies:
    def test_finds_by_a_part_of_the_name_or_the_whole_id(self, snapshot):
        def found(**asked):
            rows = targets_of_policies(VIEWER, connection=snapshot.connection, **asked)
            return set(rows)

        website = snapshot.accounts["website"].account_id
        assert found(words="INSTANCES") == {website}
        assert found(words="p-insta001") == {website}
        assert found(words="p-insta") == set()

    def test_leaves_the_default_policies_out_where_asked_by_type(self, snapshot):
        rows = targets_of_policies(
            VIEWER, connection=snapshot.connection, types=["SERVICE_CONTROL_POLICY"]
        )
        names = ("Workloads", "Prod")
        assert set(rows) == {
            snapshot.root.target_id,
            snapshot.accounts["website"].account_id,
            *(snapshot.units[name].target_id for name in names),
        }


class TestCoverageByParent:
    @pytest.fixture
    def mixed(self, snapshot):
        """Two accounts of Prod are refused something, and one of Test was never collected."""
        for name in ("payments", "website"):
            forget_coverage(snapshot.connection, account_id=snapshot.accounts[name].account_id)
            for collector in ("iam.account_summary", "iam.password_policy"):
                DeniedCoverageFactory.create(
                    run=snapshot.run,
                    account_id=snapshot.accounts[name].account_id,
                    collector=f"{collector}.again",
                )
        AccountFactory.create(
            connection=snapshot.connection, parent=snapshot.units["Test"], seen_from=FIRST_RUN_AT
        )
        return snapshot

    @pytest.mark.parametrize("as_of", [None, FIRST_RUN_AT])
    def test_counts_what_reading_every_account_finds(self, mixed, as_of):
        now = FIRST_RUN_AT + timedelta(minutes=5)
        where = {"connection": mixed.connection, "now": now, "as_of": as_of}
        one_by_one = coverage_by_account(VIEWER, **where)
        parents = accounts(VIEWER, connection=mixed.connection, as_of=as_of)
        expected: dict[tuple[str, Knowledge], int] = {}
        for account_id, parent_id in parents.values_list("account_id", "parent_id"):
            if account_id in one_by_one:
                key = (parent_id, one_by_one[account_id].knowledge)
                expected[key] = expected.get(key, 0) + 1
        counted: dict[tuple[str, Knowledge], int] = {}
        for group in coverage_by_parent(VIEWER, **where):
            key = (group.parent_id, group.knowledge)
            counted[key] = counted.get(key, 0) + group.accounts
        assert counted == expected

    def test_tells_the_refused_from_the_collected(self, mixed):
        now = FIRST_RUN_AT + timedelta(minutes=5)
        prod = mixed.units["Prod"].target_id
        (group,) = coverage_by_parent(
            VIEWER, connection=mixed.connection, now=now, parent_ids=[prod]
        )
        assert (group.accounts, group.knowledge) == (2, Knowledge.DENIED)

    def test_judges_age_by_the_time_looked_at(self, snapshot):
        late = FIRST_RUN_AT + timedelta(days=9)
        now = coverage_by_parent(VIEWER, connection=snapshot.connection, now=late)
        then = coverage_by_parent(
            VIEWER, connection=snapshot.connection, now=late, as_of=FIRST_RUN_AT
        )
        assert {group.knowledge for group in now} == {Knowledge.STALE}
        assert {group.knowledge for group in then} == {Knowledge.COLLECTED}
        assert {group.oldest_complete_at for group in then} == {FIRST_RUN_AT}

    @pytest.mark.parametrize("as_of", [None, LATER])
    def test_reads_as_often_however_many_accounts_there_are(self, snapshot, as_of):
        def queries():
            with CaptureQueriesContext(database) as counted:
                coverage_by_parent(VIEWER, connection=snapshot.connection, now=LATER, as_of=as_of)
            return len(counted)

        before = queries()
        for _ in range(12):
            account = AccountFactory.create(connection=snapshot.connection, seen_from=FIRST_RUN_AT)
            CoverageFactory.create(run=snapshot.run, account_id=account.account_id)
        assert queries() == before


class TestScpsWereRead:
    def test_follows_the_collector_of_scps_at_that_time(self, snapshot):
        assert scps_were_read(VIEWER, connection=snapshot.connection)
        before = FIRST_RUN_AT - timedelta(days=1)
        assert not scps_were_read(VIEWER, connection=snapshot.connection, as_of=before)
        other = InventoryRunFactory.create()
        assert not scps_were_read(VIEWER, connection=other.connection)


COUNTS = st.tuples(
    *(st.integers(0, 3) for _ in range(4)), st.one_of(st.none(), st.integers(-400, 0))
)


@given(st.lists(COUNTS, min_size=1, max_size=8))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_database_judges_coverage_as_the_code_does(db, counted):
    now = FIRST_RUN_AT + timedelta(days=30)
    with transaction.atomic():
        connection = ConnectionFactory.create()
        for number, (complete, denied, unsupported, other, hours) in enumerate(counted):
            AccountCoverage.objects.create(
                connection=connection,
                account_id=f"{200000000000 + number}",
                total=complete + denied + unsupported + other,
                complete=complete,
                denied=denied,
                unsupported=unsupported,
                oldest_complete_at=None if hours is None else now + timedelta(hours=hours),
                newest_attempt_at=now,
            )
        expected = coverage_by_account(VIEWER, connection=connection, now=now)
        for knowledge in Knowledge:
            rows = accounts_known_as(VIEWER, connection=connection, now=now, knowledge=[knowledge])
            assert set(rows) == {
                key for key, found in expected.items() if found.knowledge == knowledge
            }
        transaction.set_rollback(True)
