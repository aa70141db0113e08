"""The Trust screen: edges by crossing, filters, the panel, files, and what is new and gone."""

import csv
import io
import json
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse

from inventory.models import LoggedEvent, LogSource
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.runs import InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory

pytestmark = pytest.mark.django_db

SLUG = "example"


@pytest.fixture
def connection():
    return ConnectionFactory.create(slug=SLUG)


@pytest.fixture
def viewer(client):
    client.force_login(person("viewer"))
    return client


def page(viewer, query="", name="trust", **headers):
    return viewer.get(reverse(name, kwargs={"slug": SLUG}) + query, headers=headers)


def page_of(viewer, edge):
    address = reverse("trust-edge", kwargs={"slug": SLUG, "edge_key": edge.key})
    return " ".join(viewer.get(address).content.decode().split())


def keys(answer):
    return [row.edge.key for _, rows in answer.context["groups"] for row in rows]


class TestGroups:
    def test_stand_worst_first_with_their_counts_and_open_where_something_is_wrong(
        self, viewer, connection
    ):
        organization = TrustEdgeFactory.create(connection=connection, crossing="organization")
        bad = TrustEdgeFactory.create(connection=connection, crossing="external")
        TrustEdgeFactory.create(connection=connection, crossing="public", state="blocked")
        TrustFindingFactory.create(connection=connection, edge_key=bad.key)
        groups = [group for group, _ in page(viewer).context["groups"]]
        assert [(one.label, one.count, one.findings, one.is_open) for one in groups] == [
            ("Public", 1, 0, False),
            ("Unknown external", 1, 1, True),
            ("Across the organization", 1, 0, False),
        ]
        opened = page(viewer, "?unfold=organization&fold=external")
        assert keys(opened) == [organization.key]

    def test_show_the_worst_edges_first_and_more_of_them_on_demand(self, viewer, connection):
        edges = TrustEdgeFactory.create_batch(6, connection=connection)
        for edge, severity in ((edges[4], "low"), (edges[5], "critical")):
            TrustFindingFactory.create(connection=connection, edge_key=edge.key, severity=severity)
        answer = page(viewer)
        assert keys(answer)[:2] == [edges[5].key, edges[4].key]
        assert "Show 3 more" in answer.content.decode()
        more = page(viewer, "?group=external&start=3", **{"HX-Request": "true"})
        shown = [*keys(answer), *(row.edge.key for row in more.context["rows"])]
        assert sorted(shown) == sorted(one.key for one in edges)
        assert "Show" not in more.content.decode()

    def test_leave_out_what_stays_within_an_account_unless_asked_for(self, viewer, connection):
        inside = TrustEdgeFactory.create(connection=connection, crossing="account")
        assert keys(page(viewer)) == []
        assert keys(page(viewer, "?crosses=any&unfold=account")) == [inside.key]
        assert page(viewer, "?crosses=no").status_code == HTTPStatus.BAD_REQUEST

    def test_say_that_nothing_was_collected_rather_than_that_nobody_may_get_in(
        self, viewer, connection
    ):
        assert "Not collected yet" in page(viewer).content.decode()

    def test_say_that_the_filters_leave_nothing_over(self, viewer, connection):
        TrustEdgeFactory.create(connection=connection)
        assert "No edge matches" in page(viewer, "?state=blocked").content.decode()


class TestTabs:
    def test_count_the_same_on_every_tab(self, viewer, connection):
        TrustEdgeFactory.create_batch(2, connection=connection, crossing="external")
        TrustEdgeFactory.create(connection=connection, crossing="account")
        TrustFindingFactory.create(
            connection=connection, code="chain-to-administrator", found_in="graph"
        )
        expected = {"Crossings": 2, "Explorer": 2, "Paths": 1, "Contracts": 0, "Within accounts": 1}
        for name in (
            *("trust", "trust-explorer", "contracts", "external-parties", "trust-paths"),
            "trust-within-accounts",
        ):
            tabs = {tab.label: tab.count for tab in page(viewer, name=name).context["tabs"]}
            assert tabs.items() >= expected.items(), name
            assert tabs["External parties"] is not None


class TestWords:
    def test_name_both_ends_the_guards_and_the_state(self, viewer, connection):
        AccountFactory.create(connection=connection, account_id="222222222222", name="payments")
        TrustEdgeFactory.create(
            connection=connection,
            resource_name="deploy",
            principal_kind="federated",
            principal_account_id="",
            principal_id="arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com",
            provider="token.actions.githubusercontent.com",
            tenant="halden",
            crossing="federated",
            guards=[
                {"kind": "audience", "holds": True, "key": "aud", "values": ["sts"]},
                {"kind": "subject", "holds": False, "key": "sub", "values": ["repo:halden*"]},
            ],
        )
        text = page(viewer, "?unfold=federated").content.decode()
        for said in ("GitHub Actions", "halden", "payments", "role deploy", "Subject (weak)"):
            assert said in text

    def test_say_which_policy_type_blocks(self, viewer, connection):
        TrustEdgeFactory.create(
            connection=connection, state="blocked", blocked_by={"by": "resource_control_policy"}
        )
        assert "Blocked by RCP" in page(viewer, "?unfold=external").content.decode()


class TestFiles:
    def test_hold_exactly_the_filtered_edges(self, viewer, connection):
        kept = TrustEdgeFactory.create(connection=connection, state="open")
        TrustEdgeFactory.create(connection=connection, state="blocked")
        TrustFindingFactory.create(connection=connection, edge_key=kept.key, severity="high")
        answer = page(viewer, "?state=open&format=csv")
        rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
        assert [(row["key"], row["severity"]) for row in rows] == [(kept.key, "high")]
        (row,) = json.loads(page(viewer, "?state=open&format=json").getvalue())
        assert row["actions"] == ["sts:AssumeRole"]


class TestSelectedEdge:
    def test_is_told_beside_the_table(self, viewer, connection):
        edge = TrustEdgeFactory.create(
            connection=connection,
            guards=[
                {
                    "kind": "external_id",
                    "holds": True,
                    "key": "sts:ExternalId",
                    "operator": "StringEquals",
                    "values": ["42"],
                    "leaves_open": "Whoever knows the id.",
                }
            ],
            witness={
                "principal": "arn:aws:iam::999999999999:role/any",
                "action": "sts:AssumeRole",
                "resource": "arn:aws:iam::222222222222:role/deploy",
                "context": {"sts:ExternalId": "42"},
            },
        )
        TrustFindingFactory.create(
            connection=connection,
            edge_key=edge.key,
            remedy={"text": "Ask for an id that nobody can guess."},
        )
        text = page(viewer, f"?edge={edge.key}").content.decode()
        for said in (
            "Any principal of 999999999999 can assume role",
            "Whoever knows the id.",
            "Ask for an id that nobody can guess.",
            "confirmed by the engine",
            "why-denied/?principal=arn",
        ):
            assert said in text

    def test_has_a_page_with_its_history(self, viewer, connection):
        before = TrustEdgeFactory.create(
            connection=connection, state="blocked", seen_from=FIRST_RUN_AT, seen_until=SECOND_RUN_AT
        )
        TrustEdgeFactory.create(
            connection=connection,
            key=before.key,
            resource_name=before.resource_name,
            state="open",
            seen_from=SECOND_RUN_AT,
        )
        answer = viewer.get(reverse("trust-edge", kwargs={"slug": SLUG, "edge_key": before.key}))
        text = answer.content.decode()
        assert [step["words"] for step in answer.context["steps"]] == ["Changed", "First seen"]
        assert "State: Blocked → Open" in text

    def test_history_tells_what_a_guard_asked_and_asks(self, viewer, connection):
        guard = {"kind": "external_id", "key": "sts:ExternalId", "operator": "StringEquals"}
        held = {**guard, "values": ["one"], "holds": True, "leaves_open": "Only one."}
        before = TrustEdgeFactory.create(
            connection=connection,
            guards=[held],
            seen_from=FIRST_RUN_AT,
            seen_until=SECOND_RUN_AT,
        )
        open_now = {**held, "operator": "StringLike", "values": ["o*"], "holds": False}
        TrustEdgeFactory.create(
            connection=connection,
            key=before.key,
            resource_name=before.resource_name,
            guards=[open_now],
            seen_from=SECOND_RUN_AT,
        )
        shown = page_of(viewer, before)
        assert "sts:ExternalId: StringEquals one, holds → StringLike o*, does not hold" in shown
        assert "same meaning" not in shown

    def test_tells_who_opened_it_when_and_from_where(self, viewer, connection):
        for at in (FIRST_RUN_AT, SECOND_RUN_AT):
            InventoryRunFactory.create(connection=connection, started_at=at)
        edge = TrustEdgeFactory.create(connection=connection, seen_from=SECOND_RUN_AT)
        shown = page_of(viewer, edge)
        assert "Who did it: No log source" in shown
        LogSource.objects.create(
            connection=connection,
            name="organization",
            bucket="logs",
            bucket_region="eu-central-1",
            account_id=edge.account_id,
            read_from=FIRST_RUN_AT.date(),
        )
        assert "Who did it: Not found in the logs" in page_of(viewer, edge)
        at = SECOND_RUN_AT - timedelta(minutes=5)
        LoggedEvent.objects.create(
            connection=connection,
            event_id="1",
            at=at,
            day=at.date(),
            account_id=edge.account_id,
            region="us-east-1",
            event_source="iam.amazonaws.com",
            event_name="UpdateAssumeRolePolicy",
            principal=f"arn:aws:iam::{edge.account_id}:role/Admin",
            event={
                "requestParameters": {"roleName": edge.resource_arn.rpartition("/")[2]},
                "sourceIPAddress": "198.51.100.7",
            },
        )
        shown = page_of(viewer, edge)
        for words in ("Who did it: role Admin", "iam:UpdateAssumeRolePolicy", "198.51.100.7"):
            assert words in shown

    def test_that_is_gone_is_shown_as_it_was_last(self, viewer, connection):
        edge = TrustEdgeFactory.create(
            connection=connection, seen_from=FIRST_RUN_AT, seen_until=SECOND_RUN_AT
        )
        answer = viewer.get(reverse("trust-edge", kwargs={"slug": SLUG, "edge_key": edge.key}))
        assert "Gone" in answer.content.decode()

    def test_that_never_was_is_not_found(self, viewer, connection):
        answer = viewer.get(reverse("trust-edge", kwargs={"slug": SLUG, "edge_key": "0" * 64}))
        assert answer.status_code == HTTPStatus.NOT_FOUND


class TestSinceLastRun:
    def test_tells_what_is_new_and_what_is_gone(self, viewer, connection):
        InventoryRunFactory.create(connection=connection, started_at=FIRST_RUN_AT)
        InventoryRunFactory.create(connection=connection, started_at=SECOND_RUN_AT)
        TrustEdgeFactory.create(connection=connection, seen_from=FIRST_RUN_AT)
        new = TrustEdgeFactory.create(connection=connection, seen_from=SECOND_RUN_AT)
        gone = TrustEdgeFactory.create(
            connection=connection, seen_from=FIRST_RUN_AT, seen_until=SECOND_RUN_AT
        )
        since = page(viewer).context["since"]
        assert [row.edge.key for row in since.new] == [new.key]
        assert [row.edge.key for row in since.gone] == [gone.key]
        assert since.words == "1 new, 1 gone"


class TestWithinAccounts:
    def test_lists_edges_that_stay_within_one(self, viewer, connection):
        inside = TrustEdgeFactory.create(connection=connection, crossing="account")
        TrustEdgeFactory.create(connection=connection, crossing="external")
        rows = page(viewer, name="trust-within-accounts").context["rows"].object_list
        assert [row.key for row in rows] == [inside.key]
