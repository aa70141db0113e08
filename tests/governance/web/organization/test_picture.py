"""The organization's picture: its colours, and what each stands for."""

import pytest
from django.urls import reverse

from governance.baseline.guardrails import outcome_counts
from governance.drift.models import DriftReading
from governance.posture.trust.models import TrustReading
from governance.web.parts.chart_folds import MOST_DRAWN
from inventory.models import Root
from tests.factories.connections import ConnectionFactory
from tests.factories.findings import InboxItemFactory
from tests.factories.guardrail_results import GuardrailResultFactory, tallied
from tests.factories.people import UserFactory, person
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory
from tests.governance.web.organization.conftest import (
    MANAGEMENT,
    PAYMENTS,
    PROD,
    RETIRED,
    ROOT,
    TEST,
    WORKLOADS,
    many_accounts,
)

pytestmark = pytest.mark.django_db


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
