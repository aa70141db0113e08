"""History, reach of policies, search, last use."""

from datetime import timedelta
from typing import Any

import pytest

from inventory.models import Account
from inventory.selectors.connections import known_since
from inventory.selectors.history import change_counts, changes
from inventory.selectors.last_use import Use, last_use
from inventory.selectors.policies import policies, policy_versions
from inventory.selectors.search import search
from inventory.viewing import Viewer
from tests.factories.organization import AccountFactory
from tests.factories.runs import InventoryRunFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT, THIRD_RUN_AT
from tests.factories.versions import changed, ended

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
BLIND = Viewer(sees_inventory=False)


@pytest.fixture
def made():
    return organization_snapshot()


class TestChanges:
    def test_tell_what_appeared_went_and_changed(self, made):
        AccountFactory.create(connection=made.connection, name="new", seen_from=SECOND_RUN_AT)
        ended(made.accounts["retired"], at=SECOND_RUN_AT)
        changed(made.accounts["website"], at=SECOND_RUN_AT, name="shop", email="s@example.org")
        span = {"after": FIRST_RUN_AT, "until": SECOND_RUN_AT, "connection": made.connection}
        found = {
            getattr(change.after or change.before, "name", ""): change
            for change in changes(SEES, models=(Account,), **span)
        }
        assert {name: change.kind for name, change in found.items()} == {
            "new": "added",
            "retired": "removed",
            "shop": "changed",
        }
        assert found["shop"].changed_fields == ("name", "email")
        assert change_counts(SEES, **span)["account"] == 2
        assert list(changes(BLIND, models=(Account,), **span)) == []

    def test_leave_out_what_changed_and_changed_back(self, made):
        there = changed(made.accounts["website"], at=SECOND_RUN_AT, name="shop")
        changed(there, at=THIRD_RUN_AT, name="website")
        found = changes(
            SEES,
            connection=made.connection,
            after=FIRST_RUN_AT,
            until=THIRD_RUN_AT,
            models=(Account,),
        )
        assert list(found) == []


class TestPolicies:
    def test_are_counted_and_kept_over_time(self, made):
        rows: Any = policies(SEES, connection=made.connection)
        counted = {row.name: row.attachment_count for row in rows}
        assert counted["unattached"] == 0
        assert counted["FullAWSAccess"] == 11
        changed(made.policies["deny-regions"], at=SECOND_RUN_AT, name="regions")
        versions = policy_versions(SEES, connection=made.connection, policy_id="p-regio001")
        assert [version.name for version in versions] == ["regions", "deny-regions"]
        assert not policies(BLIND, connection=made.connection)


class TestSearch:
    def test_puts_exact_ids_and_beginnings_first(self, made):
        AccountFactory.create(connection=made.connection, name="old payments")
        names = [hit.name for hit in search(SEES, connection=made.connection, words="payments")]
        assert names == ["payments", "payments-test", "old payments"]
        (hit,) = search(SEES, connection=made.connection, words=" 222222222223 ")
        assert (hit.kind, hit.name) == ("account", "website")

    def test_finds_nothing_for_no_words_and_for_who_may_not_look(self, made):
        assert search(SEES, connection=made.connection, words="  ") == []
        assert search(BLIND, connection=made.connection, words="payments") == []


class TestKnownSince:
    def test_spans_the_ended_whole_runs(self, made):
        for at, state, account_ids in (
            (SECOND_RUN_AT, "partial", None),
            (THIRD_RUN_AT, "failed", None),
            (THIRD_RUN_AT + timedelta(hours=1), "complete", ["222222222222"]),
        ):
            InventoryRunFactory.create(
                connection=made.connection, started_at=at, state=state, account_ids=account_ids
            )
        known = known_since(SEES, connection=made.connection)
        assert (known.first_run_at, known.latest_run_at) == (FIRST_RUN_AT, SECOND_RUN_AT)
        assert known_since(BLIND, connection=made.connection).first_run_at is None


class TestLastUse:
    @pytest.mark.parametrize(
        ("kind", "collected", "at", "as_of", "expected"),
        [
            ("role", True, FIRST_RUN_AT, None, Use.USED),
            ("role", True, None, None, Use.NONE_ON_RECORD),
            ("role", False, None, None, Use.UNKNOWN),
            ("group", False, None, None, Use.NOT_RECORDED),
            ("role", True, FIRST_RUN_AT, SECOND_RUN_AT, Use.USED),
            ("role", True, SECOND_RUN_AT, FIRST_RUN_AT, Use.UNKNOWN),
            ("role", True, None, FIRST_RUN_AT, Use.UNKNOWN),
        ],
    )
    def test_tells_what_is_not_known_of_it(self, kind, collected, at, as_of, expected):
        found = last_use(
            kind=kind, collected=collected, last_used_at=at, region="eu-west-2", as_of=as_of
        )
        assert found.use == expected
        assert (found.at is not None) == (expected == Use.USED)
