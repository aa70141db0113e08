"""The organization screen: its tree, what it costs, and the picture beside it."""

import csv
import io
import json

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from governance.drift.models import DriftReading
from tests.factories.organization import AccountFactory, OrganizationalUnitFactory
from tests.factories.runs import CoverageFactory
from tests.factories.times import FIRST_RUN_AT
from tests.governance.web.organization.conftest import (
    MANAGEMENT,
    PAYMENTS,
    PROD,
    TEST,
    WORKLOADS,
    many_accounts,
)

pytestmark = pytest.mark.django_db


def names(answer):
    return [row.name for row in answer.context["tree_rows"] if row.kind != "more"]


class TestTheTree:
    def test_counts_what_it_holds(self, show, snapshot):
        facts = {fact.label: fact.value for fact in show().context["facts"]}
        assert facts == {
            "OUs": "5",
            "Accounts": "6",
            "Attached policies": "6",
            "Attachments": str(len(snapshot.attachments)),
        }

    def test_tells_own_policies_from_inherited_ones(self, show):
        rows = {row.name: row for row in show().context["tree_rows"]}
        chips = {chip.code: (chip.here, chip.inherited) for chip in rows["website"].chips}
        assert chips["SCP"] == (1, 3)
        assert rows["Prod"].without_full_access
        assert not rows["website"].without_full_access

    def test_shows_how_well_the_accounts_below_are_known(self, show):
        rows = {row.name: row for row in show().context["tree_rows"]}
        assert rows["Workloads"].knowledge.by_knowledge.total() == 3
        assert rows["retired"].knowledge.state == "unknown"

    def test_shows_a_chosen_account_among_its_neighbours_however_many_there_are(
        self, show, snapshot
    ):
        accounts = many_accounts(snapshot, 130)
        rows = show(at=accounts[90].account_id).context["tree_rows"]
        here = [row for row in rows if row.parent_id == TEST]
        assert len(here) == 1 + 51 + 1
        assert (here[0].kind, here[0].more) == ("more", 65)
        assert (here[-1].kind, here[-1].more) == ("more", 131 - 65 - 51)
        assert [row.name for row in here if row.selected] == ["many-090"]

        before = show("organization-children", TEST, before=here[1].node_id)
        shown = before.context["tree_rows"]
        assert [shown[0].more, shown[1].name, shown[-1].name] == [15, "many-015", "many-064"]

    def test_goes_on_after_the_first_accounts_of_a_node(self, show, snapshot):
        many_accounts(snapshot, 60)
        rows = show("organization-children", TEST).context["tree_rows"]
        assert (len(rows), rows[-1].more) == (51, 11)
        more = show("organization-children", TEST, after=rows[-2].node_id)
        assert names(more)[-1] == "payments-test"

    def test_says_that_there_is_no_such_node(self, show):
        answer = show("organization-children", "ou-ab12-none0001", status=404)
        assert answer.status_code == 404

    def test_keeps_the_default_policies_findable_by_name_and_out_of_the_filter_by_type(self, show):
        assert "website" in names(show(q="FullAWS"))
        assert "payments-test" not in names(show(policy="SERVICE_CONTROL_POLICY"))
        assert names(show(policy="SERVICE_CONTROL_POLICY"))[-1] == "website"

    def test_shows_the_first_matches_only_and_says_so(self, show, snapshot):
        many_accounts(snapshot, 120)
        answer = show(q="many")
        assert answer.context["matches"] == 120
        assert len(names(answer)) == 100 + 3
        text = " ".join(answer.content.decode().split())
        assert "the first 100 OUs and 100 accounts are shown" in text

    def test_exports_every_account_that_the_filters_leave(self, show, snapshot):
        many_accounts(snapshot, 30)
        answer = show(q="payments", format="csv")
        lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
        assert [line["name"] for line in lines] == ["payments", "payments-test"]
        assert lines[0]["organizational_units"] == "Workloads/Prod"
        assert lines[0]["coverage"] == "stale"
        everything = json.loads(b"".join(show(format="json").streaming_content))
        assert len(everything) == 36

    def test_asks_for_a_picture_or_measure_that_there_is(self, show):
        assert "picture is &#x27;pie&#x27;; it can be icicle" in (
            show(status=400, picture="pie").content.decode()
        )
        show(status=400, measure="beauty")
        show(status=400, assume="region")


class TestTheTreeInTheAddress:
    """What was opened and closed by hand, so that a link shows the same to a colleague."""

    def rows(self, show, **query):
        return {row.node_id: row for row in show(**query).context["tree_rows"]}

    @pytest.fixture
    def large(self, snapshot):
        """Make so many OUs that only the first level opens by itself."""
        for number in range(50):
            OrganizationalUnitFactory.create(
                connection=snapshot.connection,
                parent=snapshot.units["Workloads"],
                name=f"team-{number:02}",
                seen_from=FIRST_RUN_AT,
            )

    def test_closes_what_opens_by_itself_and_keeps_its_rows_at_hand(self, show):
        rows = self.rows(show, closed=WORKLOADS)
        assert (rows[WORKLOADS].is_open, rows[WORKLOADS].opens) == (False, True)
        assert not rows[WORKLOADS].load
        assert rows[PROD].is_hidden
        assert rows[PAYMENTS].is_hidden
        assert not rows[MANAGEMENT].is_hidden

    def test_opens_what_is_closed_by_itself_and_the_way_to_it(self, show, large):
        assert PROD not in self.rows(show)
        rows = self.rows(show, open=PROD)
        assert (rows[PROD].is_open, rows[PROD].opens) == (True, False)
        assert rows[WORKLOADS].is_open
        assert PAYMENTS in rows
        assert "payments-test" not in {row.name for row in rows.values()}

    def test_shows_as_many_accounts_of_a_node_as_were_asked_for(self, show, snapshot):
        many_accounts(snapshot, 130)
        here = [
            row for row in show(open=f"{TEST}:100").context["tree_rows"] if row.parent_id == TEST
        ]
        assert (len(here), here[-1].kind, here[-1].more) == (101, "more", 31)

    def test_holds_while_something_is_looked_for(self, show, large):
        assert PROD not in self.rows(show, q="Workloads")
        rows = self.rows(show, q="Workloads", open=WORKLOADS)
        assert {PROD, TEST} <= set(rows)
        assert not self.rows(show, q="payments", closed=PROD)[PROD].is_open

    def test_is_forgotten_by_another_filter_so_that_no_match_is_hidden(self, show):
        page = show(closed=WORKLOADS, measure="trust").content.decode()
        search, filters = page.split('role="search"')[1].split('aria-label="Filters"')
        assert 'name="measure"' in search
        assert 'name="closed"' not in search
        assert "closed=" not in filters.split('class="end"')[0]

    def test_does_no_harm_with_nodes_that_are_gone(self, show):
        assert self.rows(show, open="ou-ab12-gone0001:60", closed="x") == self.rows(show)

    @pytest.mark.parametrize("value", [f"{TEST}:501", f"{TEST}:many", ",".join(["x"] * 101)])
    def test_refuses_what_it_cannot_show(self, show, value):
        assert "open has" in show(status=400, open=value).content.decode()

    def test_tells_names_in_full_where_something_is_looked_for(self, show):
        assert "Workloads" in {row.parent_name for row in self.rows(show).values()}
        found = self.rows(show, q="payments").values()
        assert {(row.parent_name, row.siblings_prefix) for row in found} == {("", "")}


class TestWhatThePageCosts:
    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({}, 20),
            ({"as_of": FIRST_RUN_AT.isoformat()}, 25),
            ({"q": "many"}, 21),
            ({"at": "500000000001"}, 21),
            ({"coverage": "stale"}, 21),
            ({"closed": WORKLOADS, "open": f"{TEST}:100"}, 21),
        ],
    )
    def test_does_not_grow_with_accounts_and_ous(self, show, snapshot, query, count):
        many_accounts(snapshot, 2)
        show(**query)
        few = self.queries(show, **query)
        more = [
            AccountFactory.create(connection=snapshot.connection, seen_from=FIRST_RUN_AT)
            for _ in range(12)
        ]
        for account in more:
            CoverageFactory.create(run=snapshot.run, account_id=account.account_id)
        for number in range(8):
            OrganizationalUnitFactory.create(
                connection=snapshot.connection, name=f"many-{number}", seen_from=FIRST_RUN_AT
            )
        show(**query)
        assert self.queries(show, **query) == few == count

    def test_of_a_node_opened_is_a_handful_of_queries(self, show, snapshot):
        many_accounts(snapshot, 60)
        show("organization-children", WORKLOADS)
        assert self.queries(show, "organization-children", WORKLOADS) == 8
        assert self.queries(show, "organization-children", TEST) == 10

    def test_of_the_picture_does_not_grow_either(self, show, snapshot):
        DriftReading.objects.create(
            connection=snapshot.connection, baseline_version=1, read_at=FIRST_RUN_AT
        )
        for measure, most in (
            *(("scps", 10), ("denied", 8), ("uncollected", 8), ("trust", 9)),
            *(("guardrails", 9), ("drift", 11)),
        ):
            show("organization-picture", htmx=True, measure=measure)
            counted = self.queries(show, "organization-picture", htmx=True, measure=measure)
            assert counted == most, measure

    def queries(self, show, *address, **query):
        with CaptureQueriesContext(database) as counted:
            show(*address, **query)
        return len(counted)


class TestAccountsList:
    def test_says_why_an_account_is_not_collected(self, snapshot, show):
        for collector, message in (
            ("iam.account_summary", "the role OrgwardenAudit does not exist"),
            ("iam.password_policy", "the role OrgwardenAudit does not exist"),
        ):
            CoverageFactory.create(
                connection=snapshot.connection,
                run=snapshot.run,
                account_id=PAYMENTS,
                collector=collector,
                state="denied",
                message=message,
            )
        reason = "Account summary and Password policy: the role OrgwardenAudit does not exist"
        text = " ".join(show("accounts").content.decode().split())
        assert text.count(reason) == 1
        exported = b"".join(show("accounts", format="csv").streaming_content).decode()
        rows = {row["account_id"]: row for row in csv.DictReader(io.StringIO(exported))}
        assert rows[PAYMENTS]["coverage_reason"] == reason
        assert rows[MANAGEMENT]["coverage_reason"] == ""
