"""The tree, the levels, and what was so at a time."""

import pytest

from inventory.selectors import hierarchy
from inventory.viewing import Viewer
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed, ended

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
BLIND = Viewer(sees_inventory=False)


@pytest.fixture
def made():
    return organization_snapshot()


class TestTree:
    def test_counts_accounts_here_and_at_any_depth_below(self, made):
        tree = hierarchy.tree(SEES, connection=made.connection)
        assert tree.root is not None
        assert (tree.root.accounts, tree.root.accounts_here) == (6, 1)
        workloads = tree.by_id["ou-ab12-work0001"]
        assert (workloads.accounts, workloads.accounts_here) == (3, 0)

    def test_inherits_policies_by_type_without_the_default_ones(self, made):
        prod = hierarchy.tree(SEES, connection=made.connection).by_id["ou-ab12-prod0001"]
        assert prod.inherited == {"SERVICE_CONTROL_POLICY": 2, "TAG_POLICY": 1}
        assert prod.own == {"SERVICE_CONTROL_POLICY": 1}
        assert prod.depth == 2

    def test_tells_an_allow_list_by_the_missing_full_access(self, made):
        tree = hierarchy.tree(SEES, connection=made.connection)
        assert tree.lacks_full_access(tree.by_id["ou-ab12-prod0001"])
        assert not tree.lacks_full_access(tree.by_id["ou-ab12-work0001"])

    def test_asks_the_same_for_any_number_of_rows(self, made, django_assert_num_queries):
        with django_assert_num_queries(5):
            hierarchy.tree(SEES, connection=made.connection)

    def test_has_no_root_before_the_first_run_and_for_who_may_not_look(self, made):
        before = FIRST_RUN_AT.replace(year=2025)
        assert hierarchy.tree(SEES, connection=made.connection, as_of=before).root is None
        assert hierarchy.tree(BLIND, connection=made.connection).root is None


class TestAsOf:
    def test_holds_from_the_first_run_that_saw_it_until_one_that_did_not(self, made):
        ended(made.accounts["retired"], at=SECOND_RUN_AT)
        changed(made.accounts["payments"], at=SECOND_RUN_AT, name="pay")

        def names(as_of):
            rows = hierarchy.accounts(SEES, connection=made.connection, as_of=as_of)
            return set(rows.values_list("name", flat=True))

        assert {"retired", "payments"} <= names(FIRST_RUN_AT)
        assert "pay" not in names(FIRST_RUN_AT)
        assert names(SECOND_RUN_AT) == names(None)
        assert "pay" in names(None)
        assert "retired" not in names(None)

    def test_gives_nothing_to_who_may_not_look(self, made):
        assert not hierarchy.accounts(BLIND, connection=made.connection)
        assert not hierarchy.organizational_units(BLIND, connection=made.connection)
        assert hierarchy.organization(BLIND, connection=made.connection) is None


class TestLevels:
    def test_lead_from_the_root_to_the_target(self, made):
        levels = hierarchy.levels(SEES, connection=made.connection, target_id="222222222223")
        assert [level.name for level in levels] == ["Root", "Workloads", "Prod", "website"]
        assert {policy.name for policy in levels[3].policies} == {
            "FullAWSAccess",
            "deny-instances",
        }

    def test_are_none_for_what_is_not_there_or_may_not_be_seen(self, made):
        common = {"connection": made.connection}
        assert hierarchy.levels(SEES, target_id="ou-ab12-other", **common) == []
        assert hierarchy.levels(BLIND, target_id="222222222223", **common) == []
