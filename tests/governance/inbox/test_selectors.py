"""Findings are listed, counted and told over time, each viewer their own."""

from datetime import timedelta

from django.http import QueryDict

from governance.filtering.findings import FindingFilters
from governance.filtering.scope import FilterScope
from governance.inbox.models import InboxEvent, InboxItem
from governance.inbox.open_drift import drift_by_place, open_drift
from governance.inbox.selectors import inbox_counts, inbox_items, inbox_trend
from governance.inbox.shown import FindingsShown
from tests.factories.edits import NOW
from tests.factories.times import FIRST_RUN_AT
from tests.governance.inbox.conftest import PAYMENTS, WEBSITE


def chosen(viewer, connection, query):
    filters = FindingFilters(
        QueryDict(query),
        inbox_items(viewer, connection=connection),
        scope=FilterScope(viewer, connection, None, NOW),
    )
    assert filters.is_valid(), filters.errors
    return {row.title for row in filters.qs}


class TestWhoSeesWhat:
    def test_sees_what_is_in_or_concerns_its_part(self, connection, item, ben):
        item(title="mine")
        item(title="theirs", account_id=WEBSITE, target_id=WEBSITE)
        item(title="everyone's", account_id="", target_id="r-ab12", account_ids=[PAYMENTS])
        item(title="of all", whole_only=True)

        found = inbox_items(ben.viewer, connection=connection)
        assert {one.title for one in found} == {"mine", "everyone's"}

    def test_counts_only_the_accounts_that_may_be_seen(self, connection, item, ada, ben):
        made = item(account_id="", account_ids=[PAYMENTS, WEBSITE], accounts=2)

        assert FindingsShown(ada.viewer, connection).of(made).accounts == 2
        assert FindingsShown(ben.viewer, connection).of(made).accounts == 1


class TestFilters:
    def test_leaves_resolved_findings_out_unless_asked_for(self, connection, item, ada):
        item(title="open")
        item(title="gone", state="resolved", resolved_at=NOW)

        assert chosen(ada.viewer, connection, "") == {"open"}
        assert chosen(ada.viewer, connection, "state=resolved") == {"gone"}

    def test_finds_by_place_owner_and_due_day(self, connection, item, ada):
        item(title="late", due_at=NOW - timedelta(days=1))
        item(title="website", account_id=WEBSITE, target_id=WEBSITE, due_at=NOW + timedelta(days=1))
        item(title="mine", assignee=ada.user, state="assigned", account_id="333333333331")

        assert chosen(ada.viewer, connection, "overdue=true") == {"late"}
        assert chosen(ada.viewer, connection, "assignee=me") == {"mine"}
        assert chosen(ada.viewer, connection, f"target_id={WEBSITE}") == {"website"}
        assert "mine" not in chosen(ada.viewer, connection, "assignee=none")


class TestDriftOfPolicies:
    def test_counts_at_each_place_where_the_policy_is_attached(self, connection, item, ada):
        about = {"target_kind": "POLICY", "source": "drift", "account_id": ""}
        item(target_id="p-insta001", place_id=WEBSITE, **about)
        item(target_id="p-regio001", place_id="r-ab12", **about)

        counted = {
            place: open_drift(ada.viewer, connection=connection, now=NOW, within=place).total
            for place in ("r-ab12", "ou-ab12-work0001", WEBSITE, "ou-ab12-sec00001")
        }
        assert counted == {"r-ab12": 2, "ou-ab12-work0001": 2, WEBSITE: 1, "ou-ab12-sec00001": 0}
        parents = {WEBSITE: "ou-ab12-prod0001", "ou-ab12-prod0001": "ou-ab12-work0001"}
        parents |= {"ou-ab12-work0001": "r-ab12", "ou-ab12-sec00001": "r-ab12", "r-ab12": ""}
        by_place = drift_by_place(ada.viewer, connection=connection, parents=parents)
        assert {
            place: by_place[place].by_severity.total() for place in counted if place in by_place
        } == {place: count for place, count in counted.items() if count}


class TestCounts:
    def test_counts_by_source_and_severity_what_is_not_resolved(self, connection, item, ada):
        item(due_at=NOW - timedelta(days=1))
        item(source="structure", severity="low", verified=False)
        item(state="resolved", resolved_at=NOW)

        counts = inbox_counts(ada.viewer, connection=connection, now=NOW)
        assert (counts.total, counts.overdue, counts.unverified) == (2, 1, 1)
        assert counts.by_source == {
            **dict.fromkeys(InboxItem.Source.values, 0),
            "structure": 1,
            "trust": 1,
        }


class TestTrend:
    def test_tells_how_many_stood_at_the_end_of_each_day(self, connection, item, ada):
        item()
        gone = item()
        InboxEvent.objects.create(item=gone, at=FIRST_RUN_AT + timedelta(days=1), what="resolved")

        days = inbox_trend(
            ada.viewer, connection=connection, now=FIRST_RUN_AT + timedelta(days=2), days=90
        )
        assert [day.open for day in days] == [2, 1, 1]
