"""The organization screen: its tree, what it costs, and the picture beside it."""

import csv
import io
import json

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.baseline.guardrails import outcome_counts
from governance.drift.models import DriftReading
from governance.posture.trust.models import TrustReading
from governance.web.parts.chart_folds import MOST_DRAWN
from inventory.models import Root
from tests.factories.connections import ConnectionFactory
from tests.factories.findings import InboxItemFactory
from tests.factories.guardrail_results import GuardrailResultFactory, tallied
from tests.factories.organization import AccountFactory, OrganizationalUnitFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.runs import CoverageFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

pytestmark = pytest.mark.django_db

ROOT, WORKLOADS, PROD, TEST = "r-ab12", "ou-ab12-work0001", "ou-ab12-prod0001", "ou-ab12-test0001"
PAYMENTS, MANAGEMENT, RETIRED = "222222222222", "111111111111", "444444444441"


@pytest.fixture
def snapshot():
    return organization_snapshot()


@pytest.fixture
def show(client, snapshot):
    client.force_login(person("viewer"))

    def show(name="organization", target_id="", *, status=200, htmx=False, **query):
        where = {"target_id": target_id} if target_id else {}
        address = reverse(name, kwargs={"slug": snapshot.connection.slug, **where})
        answer = client.get(address, query, headers={"HX-Request": "true"} if htmx else {})
        assert answer.status_code == status, answer.content
        return answer

    return show


@pytest.fixture
def parts(show):
    """Return the parts of the picture by key: size, measure in words, step of the ramp."""

    def parts(**query):
        chart = show("organization-picture", htmx=True, **query).context["picture"].chart
        trace = chart.figure["data"][0]
        rows = zip(
            trace["ids"], trace["values"], trace["customdata"], trace["marker"]["colors"],
            strict=True,
        )  # fmt: skip
        return {key: (size, data[1], colour) for key, size, data, colour in rows}

    return parts


def names(answer):
    return [row.name for row in answer.context["tree_rows"] if row.kind != "more"]


def many_accounts(snapshot, count, parent="Test"):
    return [
        AccountFactory.create(
            connection=snapshot.connection,
            parent=snapshot.units[parent],
            name=f"many-{number:03}",
            account_id=f"5000000{number:05}",
            seen_from=FIRST_RUN_AT,
        )
        for number in range(count)
    ]


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


class TestThePicture:
    def test_is_read_after_the_page_and_is_a_page_of_its_own_without_script(self, show):
        page = show(measure="trust", picture="treemap").content.decode()
        assert 'hx-trigger="load"' in page
        assert "organization/picture/?measure=trust&amp;picture=treemap" in page
        assert "organization-figure" not in page
        alone = show("organization-picture", measure="trust").content.decode()
        assert "<html" in alone
        assert "<html" not in show("organization-picture", htmx=True).content.decode()

    @pytest.mark.parametrize("picture", ["icicle", "treemap", "sunburst"])
    def test_switches_its_shape_and_keeps_the_rest_of_the_address(self, show, picture):
        answer = show("organization-picture", htmx=True, picture=picture, measure="uncollected")
        assert answer.context["picture"].chart.figure["data"][0]["type"] == picture
        hrefs = {key: (href, chosen) for key, _, _, href, chosen in answer.context["shapes"]}
        assert hrefs[picture][1]
        assert hrefs["table"] == ("?measure=uncollected&picture=table", False)
        measures = {one.key: href for one, href, _ in answer.context["measures"]}
        assert measures["trust"] == f"?picture={picture}&measure=trust"

    def test_is_a_table_of_the_same_rows_where_that_is_picked(self, show, parts):
        answer = show("organization-picture", htmx=True, picture="table")
        rows = answer.context["picture"].chart.table_rows
        assert [row[0].key for row in rows] == list(parts())
        assert "application/json" not in answer.content.decode()

    def test_draws_accounts_where_they_are_few(self, parts):
        drawn = parts()
        assert drawn[ROOT][0] == 6
        assert drawn[PAYMENTS][0] == 1
        assert sum(size for key, (size, _, _) in drawn.items() if key.isdecimal()) == 6

    def test_draws_ous_alone_where_accounts_are_many_until_an_ou_is_drawn_alone(
        self, show, parts, snapshot
    ):
        many_accounts(snapshot, 260)
        assert PAYMENTS not in parts()
        page = show("organization-picture", htmx=True)
        assert "Accounts are shown within an OU of up to 1,000" in page.content.decode()
        within = parts(within=WORKLOADS)
        assert ROOT not in within
        assert within[WORKLOADS][0] == 263
        assert PAYMENTS in within
        way = (
            show("organization-picture", htmx=True, within=PROD, measure="trust")
            .context["picture"]
            .way
        )
        assert [name for name, _ in way] == ["Root", "Workloads", "Prod"]
        assert way[0][1] == "?measure=trust"

    def test_draws_the_largest_of_many_and_opens_the_rest_from_one_part(
        self, show, parts, snapshot
    ):
        many_accounts(snapshot, 180)
        folded, others, first = f"more:{TEST}", 74, 181 - 74 + 1
        drawn = parts()
        assert len(drawn) == MOST_DRAWN - 1
        assert drawn[folded][:2] == (others, "At most 2 SCPs")
        answer = show("organization-picture", htmx=True, at="500000000179")
        picture = answer.context["picture"]
        assert picture.selected == folded
        assert len(picture.chart.rows) == 180 + 12
        index = list(drawn).index(folded)
        trace = picture.chart.figure["data"][0]
        assert trace["labels"][index] == f"{others} more"
        opened = f"?at={TEST}&within={TEST}&first={first}"
        assert trace["customdata"][index][0] == trace["customdata"][index][3] == opened

        rest = show("organization-picture", htmx=True, within=TEST, first=first)
        trace = rest.context["picture"].chart.figure["data"][0]
        assert trace["labels"][0] == f"Test, from {first}"
        assert trace["values"][0] == len(trace["ids"]) - 1 == others
        assert trace["ids"][-2:] == ["500000000179", "222222222224"]
        assert rest.context["picture"].way[-1] == ("Test", f"?within={TEST}")

    @pytest.mark.parametrize("first", ["0", "x", "-1", "٣", "9" * 10])
    def test_knows_no_other_first_part(self, show, first):
        show("organization-picture", status=400, htmx=True, first=first)

    def test_draws_everything_where_the_ou_was_not_there_at_that_time(self, show):
        answer = show("organization-picture", htmx=True, within="ou-ab12-gone0001")
        assert "is not in the organization at that time" in answer.content.decode()
        assert answer.context["picture"].chart.figure["data"][0]["ids"][0] == ROOT

    def test_leads_from_a_part_to_the_node_in_the_tree_with_the_address_kept(self, show):
        chart = show("organization-picture", htmx=True, measure="trust").context["picture"].chart
        trace = chart.figure["data"][0]
        data = dict(zip(trace["ids"], trace["customdata"], strict=True))
        assert data[PROD][0] == f"?measure=trust&at={PROD}"
        assert data[PROD][3] == f"?measure=trust&at={PROD}&within={PROD}"
        assert data[PAYMENTS][3] == ""

    def test_names_the_nodes_with_the_most(self, show):
        most = show("organization-picture", htmx=True).context["picture"].most
        assert [(one.part.label, one.where, one.short, one.share) for one in most[:2]] == [
            ("website", "Prod", "4 SCPs", 100),
            ("payments", "Prod", "3 SCPs", 75),
        ]

    def test_is_not_found_where_nothing_is_known(self, client):
        client.force_login(person("viewer"))
        slug = ConnectionFactory.create().slug
        address = reverse("organization-picture", kwargs={"slug": slug})
        assert client.get(address).status_code == 404

    def test_is_refused_without_the_right(self, client, snapshot):
        client.force_login(UserFactory.create())
        address = reverse("organization-picture", kwargs={"slug": snapshot.connection.slug})
        assert client.get(address).status_code == 403


class TestScpsInEffect:
    def test_counts_what_binds_each_node(self, parts):
        drawn = parts(measure="scps")
        assert [drawn[key][1] for key in (ROOT, WORKLOADS, PROD)] == ["1 SCP", "2 SCPs", "3 SCPs"]
        assert drawn["222222222223"][1] == "4 SCPs"

    def test_is_none_in_the_management_account(self, parts):
        assert parts(measure="scps")[MANAGEMENT][1] == "Not bound: the management account"

    def test_is_none_where_scps_are_not_enabled(self, parts):
        Root.objects.update(policy_types={})
        assert parts(measure="scps")[PROD][1] == "SCPs are not enabled"

    def test_is_not_known_where_scps_were_never_read(self, client):
        client.force_login(person("viewer"))
        unread = organization_snapshot(covered=False)
        address = reverse("organization-picture", kwargs={"slug": unread.connection.slug})
        chart = client.get(address, {"measure": "scps"}).context["picture"].chart
        assert {row[2].text for row in chart.table_rows} == {
            "Not known: SCPs were never read",
            "Not bound: the management account",
        }
        assert chart.has_unknown


class TestDeniedShare:
    def test_is_the_nodes_own_ceiling_over_the_catalogue(self, parts):
        drawn = parts(measure="denied")
        assert drawn[ROOT][1] == "<1 %, 1 action"
        assert drawn[PROD][1].startswith(">99 %, 22,")
        assert drawn[MANAGEMENT][1] == "Not bound: the management account"

    def test_is_told_under_assumptions_that_can_be_taken_back(self, show):
        answer = show("organization-picture", htmx=True, measure="denied")
        assert [words for words, _ in answer.context["assumed"]] == [
            "aws:RequestedRegion = us-east-1",
            "Principal is a role that no exemption names",
        ]
        assert not answer.context["usual_href"]
        nothing = show("organization-picture", htmx=True, measure="denied", assume="nothing")
        assert "nothing: every context is possible" in nothing.content.decode()
        assert nothing.context["usual_href"] == "?measure=denied"

    def test_is_not_known_where_a_policy_cannot_be_read(self, parts, snapshot):
        rows = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
        broken = PolicyFactory.create(name="broken", text="{", **rows)
        PolicyAttachmentFactory.create(policy_id=broken.policy_id, target_id=TEST, **rows)
        drawn = parts(measure="denied")
        assert drawn[TEST][1] == "Not known: a policy cannot be read"
        assert drawn[TEST][2] == "var(--ow-surface)"
        assert "Not known" not in drawn[PROD][1]


class TestNotCollected:
    def test_is_a_share_of_the_accounts_that_can_be_read(self, parts):
        drawn = parts(measure="uncollected", as_of=FIRST_RUN_AT.isoformat())
        assert drawn[WORKLOADS][1] == "0 of 3 not collected"
        assert drawn[PAYMENTS][1] == "Collected"
        assert drawn[RETIRED][1] == "Not known: never collected"
        assert parts(measure="uncollected")[WORKLOADS][1] == "3 of 3 not collected"


class TestExternalTrust:
    def test_counts_what_is_below_each_node_and_says_what_is_not_known(self, parts, snapshot):
        TrustReading.objects.create(
            connection=snapshot.connection,
            account_id=PAYMENTS,
            run_started_at=FIRST_RUN_AT,
            read_at=FIRST_RUN_AT,
        )
        for _ in range(3):
            TrustEdgeFactory.create(
                connection=snapshot.connection, account_id=PAYMENTS, crossing="public"
            )
        drawn = parts(measure="trust")
        three = "3 roles and resources, 3 open to anyone"
        assert drawn[PAYMENTS][1] == three
        assert drawn[PROD][1] == f"{three} in 1 of 2 accounts"
        assert drawn[ROOT][1] == f"{three} in 1 of 6 accounts; 1 not known"
        assert drawn[TEST][1] == "No role or resource"
        assert drawn[RETIRED][1].startswith("Not known: IAM was not collected")

    def test_says_what_does_not_count(self, show):
        answer = show("organization-picture", htmx=True, measure="trust")
        assert "any tenant of a sign-in provider (OIDC)" in answer.content.decode()


class TestGuardrailsFailing:
    def test_are_counted_an_account_and_what_is_not_known_is_not_none(self, parts, snapshot):
        for account_id, outcome in ((PAYMENTS, "fails"), ("222222222223", "not_covered")):
            GuardrailResultFactory.create(
                connection=snapshot.connection, account_id=account_id, outcome=outcome
            )
        tallied(snapshot.connection)
        drawn = parts(measure="guardrails")
        assert drawn[PAYMENTS][1] == "1 of 1 guardrails fails"
        assert drawn[PROD][1] == "1 of 2 results fails; 1 not covered"
        assert drawn[ROOT][1] == drawn[PROD][1]
        assert drawn["222222222223"][1].startswith("Not known: what the guardrails rest on")
        assert drawn[TEST][1] == "Not known: no guardrail was evaluated"
        assert {drawn[key][2] for key in (TEST, "222222222223")} == {"var(--ow-surface)"}

    def test_leave_out_what_an_exception_covers(self, parts, snapshot, monkeypatch):
        GuardrailResultFactory.create(connection=snapshot.connection, account_id=PAYMENTS)
        monkeypatch.setattr(
            outcome_counts, "excepted_accounts", lambda _: {"cloudtrail-stays-on": {PAYMENTS: 1}}
        )
        assert parts(measure="guardrails")[PAYMENTS][1] == "0 of 1 guardrails fail"


class TestOpenDrift:
    @pytest.fixture
    def compared(self, snapshot):
        return DriftReading.objects.create(
            connection=snapshot.connection, baseline_version=1, read_at=FIRST_RUN_AT
        )

    def drift(self, snapshot, account_id, severity, **values):
        return InboxItemFactory.create(
            connection=snapshot.connection,
            source="drift",
            target_id=account_id,
            account_id=account_id,
            severity=severity,
            **values,
        )

    def test_shows_the_worst_at_and_below_each_node(self, parts, snapshot, compared):
        self.drift(snapshot, PAYMENTS, "medium")
        self.drift(snapshot, PAYMENTS, "low", verified=False)
        self.drift(snapshot, "222222222223", "critical")
        self.drift(snapshot, PAYMENTS, "critical", state="resolved", resolved_at=FIRST_RUN_AT)
        drawn = parts(measure="drift")
        assert drawn[PAYMENTS][1] == "2 open: 1 medium, 1 low; 1 cannot be verified"
        assert drawn[PROD][1] == "3 open: 1 critical, 1 medium, 1 low; 1 cannot be verified"
        assert drawn[TEST][1] == "No open drift"
        assert drawn[RETIRED][1] == "Not known: not collected"

    def test_names_the_node_with_the_worst_first(self, show, snapshot, compared):
        self.drift(snapshot, PAYMENTS, "high")
        picture = show("organization-picture", htmx=True, measure="drift").context["picture"]
        assert [(one.part.label, one.short) for one in picture.most] == [("payments", "High")]

    def test_is_not_known_before_it_was_looked_for_and_at_earlier_times(self, parts, snapshot):
        assert parts(measure="drift")[PROD][1] == "Not known: no baseline was compared"
        DriftReading.objects.create(connection=snapshot.connection, read_at=FIRST_RUN_AT)
        assert parts(measure="drift")[PROD][1].startswith("Not known: no baseline says")
        then = parts(measure="drift", as_of=FIRST_RUN_AT.isoformat())
        assert then[PROD][1] == "Not known: drift is known as of now only"


class TestLargePicture:
    def test_takes_the_whole_width_when_asked_and_shrinks_again(self, show):
        large = show("organization-picture", htmx=True, size="large", measure="scps")
        assert large.context["choice"].is_large
        assert large.context["size_href"] == "?measure=scps"
        small = show("organization-picture", htmx=True)
        assert small.context["size_href"] == "?size=large"
        assert not small.context["choice"].is_large

    def test_knows_no_other_size(self, show):
        answer = show("organization-picture", htmx=True, size="huge", status=400)
        assert answer.status_code == 400


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
