"""How fresh what a screen shows is, by the collectors that it rests on."""

from datetime import timedelta

import pytest

from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Coverage
from inventory.selectors.connections import stale_after
from inventory.selectors.freshness import (
    AUTHORIZATION_POLICY_TYPES,
    AUTHORIZATION_TABLES,
    DECISION_TABLES,
    Freshness,
    data_freshness,
    sources_of,
)
from inventory.viewing import Viewer
from tests.factories.organization import AccountFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
STATES = Coverage.State
SCPS = "organizations.policies.SERVICE_CONTROL_POLICY"
IAM = "iam.authorization_details"
ACCOUNT = "222222222222"
OTHER = "333333333333"


@pytest.fixture
def run():
    return InventoryRunFactory.create()


@pytest.fixture
def covered(run):
    """Return a function that covers the organization, complete but for what is given."""

    def cover(in_run=run, **states):
        for collector in registry.collectors(Reader.ORGANIZATION):
            CoverageFactory.create(
                run=in_run,
                account_id="",
                collector=collector.name,
                state=states.get(collector.name, STATES.COMPLETE),
                message="ListPolicies was denied",
                remedy="deploy docs/roles/organization-reader.yaml again",
            )

    return cover


def fresh(run, tables=AUTHORIZATION_TABLES, *, now=None, types=None, **chosen):
    return data_freshness(
        SEES,
        connection=run.connection,
        sources=sources_of(tables, types),
        now=now or run.started_at + timedelta(minutes=5),
        **chosen,
    )


class TestSourcesOf:
    def test_are_the_collectors_whose_complete_reading_knows_the_tables(self):
        names = {each.name for each in sources_of(("Principal", "OrganizationalUnit"))}
        assert names == {IAM, "organizations.organizational_units"}

    def test_are_of_the_one_kind_that_is_named(self):
        names = {each.name for each in sources_of(("ServiceConfiguration:trail", "Account"))}
        assert names == {"protection.trails", "organizations.accounts"}

    def test_are_of_the_types_of_policies_that_are_shown(self):
        names = {each.name for each in sources_of(("Policy",), AUTHORIZATION_POLICY_TYPES)}
        assert names == {SCPS, "organizations.policies.RESOURCE_CONTROL_POLICY"}


class TestDataFreshness:
    def test_is_fresh_where_every_collector_was_complete_lately(self, run, covered):
        covered()
        found = fresh(run)
        assert (found.state, found.unread) == (Freshness.FRESH, ())
        assert found.complete_at is not None

    def test_is_incomplete_where_policies_were_denied_although_the_run_ended(self, run, covered):
        covered()
        later = InventoryRunFactory.create(connection=run.connection, started_at=SECOND_RUN_AT)
        covered(later, **{SCPS: STATES.DENIED})
        found = fresh(later)
        assert found.state is Freshness.INCOMPLETE
        [unread] = found.unread
        assert (unread.collector, unread.state, unread.accounts) == (SCPS, STATES.DENIED, 0)
        assert unread.last_complete_at is not None
        assert unread.remedy == "deploy docs/roles/organization-reader.yaml again"

    def test_was_fresh_before_they_were_denied(self, run, covered):
        covered()
        later = InventoryRunFactory.create(connection=run.connection, started_at=SECOND_RUN_AT)
        covered(later, **{SCPS: STATES.DENIED})
        then = FIRST_RUN_AT + timedelta(minutes=10)
        assert fresh(later, as_of=then).state is Freshness.FRESH

    def test_is_unknown_where_a_collector_was_never_complete(self, run, covered):
        covered(**{SCPS: STATES.DENIED})
        assert fresh(run).state is Freshness.UNKNOWN

    def test_is_unknown_where_a_collector_never_ran(self, run):
        CoverageFactory.create(run=run, account_id="", collector="organizations.accounts")
        found = fresh(run)
        assert found.state is Freshness.UNKNOWN
        assert {each.state for each in found.unread} == {"unknown"}
        assert SCPS in {each.collector for each in found.unread}
        assert found.complete_at is None

    def test_does_not_mind_what_the_screen_does_not_show(self, run, covered):
        covered(**{"organizations.policies.TAG_POLICY": STATES.DENIED})
        assert fresh(run, types=AUTHORIZATION_POLICY_TYPES).state is Freshness.FRESH
        assert fresh(run).state is Freshness.UNKNOWN

    def test_is_stale_where_the_oldest_reading_is_too_old(self, run, covered):
        covered()
        later = run.started_at + stale_after(run.connection) + timedelta(hours=1)
        assert fresh(run, now=later).state is Freshness.STALE

    def test_counts_the_accounts_that_a_collector_did_not_read(self, run, covered):
        covered()
        for account_id, state in ((ACCOUNT, STATES.DENIED), (OTHER, STATES.DENIED)):
            CoverageFactory.create(run=run, account_id=account_id, collector=IAM, state=state)
        found = fresh(run, DECISION_TABLES)
        assert found.state is Freshness.INCOMPLETE
        assert [(each.collector, each.accounts) for each in found.unread] == [(IAM, 2)]

    def test_of_one_account_counts_that_one_alone(self, run, covered):
        covered()
        CoverageFactory.create(run=run, account_id=ACCOUNT, collector=IAM)
        CoverageFactory.create(run=run, account_id=OTHER, collector=IAM, state=STATES.DENIED)
        tables = (*AUTHORIZATION_TABLES, "Principal", "IamPolicy")
        assert fresh(run, tables, account_id=ACCOUNT).state is Freshness.FRESH
        assert fresh(run, tables, account_id=OTHER).state is Freshness.INCOMPLETE

    def test_of_one_account_counts_collectors_that_never_came_to_it(self, run, covered):
        covered()
        CoverageFactory.create(run=run, account_id=ACCOUNT, collector=IAM)
        found = fresh(run, ("Principal", "AccountSetting:password_policy"), account_id=ACCOUNT)
        assert found.state is Freshness.UNKNOWN
        assert [(each.collector, each.state) for each in found.unread] == [
            ("iam.password_policy", "unknown")
        ]

    @pytest.mark.parametrize("account_id", [None, ACCOUNT])
    def test_is_stale_where_one_account_was_read_too_long_ago(self, run, covered, account_id):
        CoverageFactory.create(run=run, account_id=ACCOUNT, collector=IAM)
        late = run.started_at + stale_after(run.connection) + timedelta(hours=1)
        later = InventoryRunFactory.create(connection=run.connection, started_at=late)
        covered(later)
        CoverageFactory.create(run=later, account_id=OTHER, collector=IAM)
        for asked in ({"now": late}, {"as_of": late}):
            found = fresh(later, ("Account", "Principal"), account_id=account_id, **asked)
            assert found.state is Freshness.STALE
            [unread] = found.unread
            assert (unread.collector, unread.state, unread.accounts) == (IAM, "stale", 1)
            assert unread.last_complete_at == run.started_at
        assert fresh(later, ("Account", "Principal"), account_id=OTHER, now=late).unread == ()

    def test_is_unknown_where_accounts_were_never_covered(self, run, covered):
        covered()
        AccountFactory.create(connection=run.connection, account_id=ACCOUNT)
        found = fresh(run, ("Principal",))
        assert found.state is Freshness.UNKNOWN
        assert [(each.collector, each.state, each.accounts) for each in found.unread] == [
            (IAM, "unknown", 1)
        ]
        assert found.is_begun is True

    def test_takes_what_aws_does_not_offer_for_read(self, run, covered):
        covered(**{SCPS: STATES.UNSUPPORTED})
        assert fresh(run).state is Freshness.FRESH

    def test_tells_nothing_to_who_may_see_nothing(self, run, covered):
        covered()
        found = data_freshness(
            Viewer(sees_inventory=False),
            connection=run.connection,
            sources=sources_of(AUTHORIZATION_TABLES),
            now=run.started_at,
        )
        assert found.state is Freshness.UNKNOWN
