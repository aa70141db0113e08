"""The screens of accounts and OUs tell what is left at each level, and what decides an action."""

import csv
import json

import pytest
from django.urls import reverse

from inventory.models import PolicyAttachment
from tests.factories.people import person
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

PAYMENTS, TEST, MANAGEMENT = "222222222222", "222222222224", "111111111111"
WORKLOADS = "ou-ab12-work0001"


@pytest.fixture
def snapshot():
    return organization_snapshot()


@pytest.fixture
def show(client, snapshot):
    client.force_login(person("viewer"))

    def show(name, *arguments, status=200, htmx="", **query):
        kwargs = dict(zip(_NAMES[name], arguments, strict=True))
        address = reverse(name, kwargs={"slug": snapshot.connection.slug, **kwargs})
        headers = {"HX-Request": "true", "HX-Target": htmx} if htmx else {}
        answer = client.get(address, query, headers=headers)
        assert answer.status_code == status, answer.content
        return answer

    return show


_NAMES = {
    "account": ("account_id",),
    "account-ceiling": ("account_id",),
    "account-ceiling-service": ("account_id", "service"),
    "account-ceiling-action": ("account_id", "service", "action"),
    "organizational-unit": ("target_id",),
    "organizational-unit-ceiling": ("target_id",),
    "organizational-unit-ceiling-service": ("target_id", "service"),
    "organizational-unit-ceiling-action": ("target_id", "service", "action"),
    "organizational-unit-differences": ("target_id",),
}


def text(answer):
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()
    return answer.content.decode()


def attach(snapshot, name, written, target_id):
    rows = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
    policy = PolicyFactory.create(name=name, text=written, **rows)
    PolicyAttachmentFactory.create(policy_id=policy.policy_id, target_id=target_id, **rows)


class TestTheLevelStack:
    def test_shows_what_each_level_removes_and_what_is_left(self, show):
        rows = show("account", PAYMENTS).context["levels"]
        assert [row.name for row in rows] == ["Root", "Workloads", "Prod", "payments"]
        assert rows[0].removed == 1
        assert rows[1].removed_services == 2
        assert rows[2].lacks_full_access
        assert rows[-1].left == show("account", PAYMENTS).context["stack_left"].left
        assert {row.whole for row in rows} == {rows[0].whole}

    def test_leaves_full_access_out_where_it_stands_beside_others(self, show):
        rows = show("account", TEST).context["levels"]
        assert [chip.name for chip in rows[0].policies] == ["deny-leaving"]
        assert [chip.name for chip in rows[-1].policies] == ["FullAWSAccess"]

    def test_says_that_a_chain_is_broken(self, show):
        PolicyAttachment.objects.filter(target_id=TEST).delete()
        assert "Breaks the allow chain" in text(show("account", TEST))

    def test_shows_what_an_unreadable_policy_touches_as_not_known(self, show, snapshot):
        attach(snapshot, "broken", "{", WORKLOADS)
        page = text(show("account", TEST))
        assert "Not known" in page
        assert "cannot be read: what is left from here down is not known" in page

    def test_says_that_nothing_binds_the_management_account(self, show):
        page = text(show("account", MANAGEMENT))
        assert "this is the management account" in page

    def test_has_assumptions_that_can_be_removed_one_by_one(self, show):
        chips = show("account", PAYMENTS).context["assuming"].chips
        assert [chip.words for chip in chips] == [
            "aws:RequestedRegion = us-east-1",
            "Principal is not root",
        ]
        assert chips[0].without == "?assume=principal%21%3Droot"
        left = show("account", PAYMENTS, assume="principal!=root").context["assuming"].chips
        assert [(chip.words, chip.without) for chip in left] == [
            ("Principal is not root", "?assume=nothing")
        ]

    def test_puts_a_context_value_that_is_typed_into_the_address(self, show):
        answer = show(
            "account",
            PAYMENTS,
            status=302,
            assume="principal!=root",
            assume_key="aws:requestedregion",
            assume_value="eu-west-1",
        )
        assert answer.url == "?assume=principal%21%3Droot&assume=aws%3ARequestedRegion%3Deu-west-1"

    def test_says_why_what_is_typed_is_no_assumption_and_keeps_it(self, show):
        page = show("account", PAYMENTS, assume_key="region", assume_value="x")
        assert "is no assumption" in page.context["assuming"].error
        assert 'value="region"' in text(page)

    def test_refuses_an_address_that_assumes_nonsense(self, show):
        assert "cannot be read" in text(show("account", PAYMENTS, status=400, assume="x"))


class TestTheCeilingByService:
    def test_counts_services_in_segments_that_stand_in_the_address(self, show):
        table = show("account-ceiling", PAYMENTS).context["services"]
        counts = {one.label: one.count for one in table.segments}
        assert counts["All"] == counts["Narrowed"] + 1
        never = show("account-ceiling", PAYMENTS, segment="never").context["services"]
        assert len(never.rows) == counts["Never"]
        assert "it can be" in text(show("account-ceiling", PAYMENTS, status=400, segment="odd"))

    def test_finds_a_service_by_prefix_or_name(self, show):
        found = show("account-ceiling", PAYMENTS, segment="all", q="elastic compute").context
        assert [row.service.prefix for row in found["services"].rows] == []
        found = show("account-ceiling", PAYMENTS, segment="all", q="amazon ec2").context
        assert "ec2" in [row.service.prefix for row in found["services"].rows]

    def test_gives_htmx_the_part_alone(self, show):
        part = text(show("account-ceiling", PAYMENTS, htmx="ceiling"))
        assert part.lstrip().startswith('<div id="ceiling"')

    def test_lists_actions_with_access_level_and_what_decides_each(self, show):
        page = show("account-ceiling-service", TEST, "ec2", outcome="never", level="Write")
        names = [row.action.name for row in page.context["actions"]]
        assert "ec2:RunInstances" in names
        assert "ec2:DescribeInstances" not in names
        decided = show("account-ceiling-action", TEST, "ec2", "RunInstances")
        (row,) = decided.context["statements"]
        assert row.statement.policy.name == "deny-regions"
        assert row.policy_href.endswith("/policies/p-regio001/#L4-L11")
        assert "ends it" in text(decided)

    def test_knows_no_service_and_no_action_that_aws_has_not(self, show):
        show("account-ceiling-service", TEST, "nothing", status=404)
        show("account-ceiling-action", TEST, "ec2", "RunNothing", status=404)

    def test_sends_services_and_actions_as_files(self, show):
        lines = list(csv.reader(text(show("account-ceiling", TEST, format="csv")).splitlines()))
        assert lines[0][:3] == ["service", "name", "always"]
        assert len(lines) > 400
        rows = json.loads(text(show("account-ceiling-service", TEST, "rds", format="json")))
        assert {row["outcome"] for row in rows} == {"never"}
        every = text(show("account-ceiling", TEST, format="csv", of="actions"))
        assert "ec2:RunInstances,Write,never" in every
        show("account-ceiling", TEST, status=400, format="xml")

    def test_is_there_for_ous_too(self, show):
        assert show("organizational-unit", WORKLOADS).context["stack_left"].cond == 0
        show("organizational-unit-ceiling", WORKLOADS)
        show("organizational-unit-ceiling-service", WORKLOADS, "rds")
        show("organizational-unit-ceiling-action", WORKLOADS, "rds", "CreateDBInstance")


class TestDifferences:
    def test_groups_the_accounts_of_a_unit_that_may_do_the_same(self, show):
        page = show("organizational-unit-differences", WORKLOADS)
        rows = {tuple(name for name, *_ in row.accounts): row for row in page.context["groups"]}
        assert set(rows) == {("payments", "website"), ("payments-test",)}
        assert rows[("payments", "website")].removed > 10_000
        assert "Nothing: as this OU" in text(page)
        lines = text(show("organizational-unit-differences", WORKLOADS, format="csv"))
        assert f"2,{TEST}," in lines

    def test_needs_the_right_to_view(self, client, snapshot):
        person_without = person("viewer")
        person_without.groups.clear()
        client.force_login(person_without)
        kwargs = {"slug": snapshot.connection.slug, "target_id": WORKLOADS}
        answer = client.get(reverse("organizational-unit-differences", kwargs=kwargs))
        assert answer.status_code == 403


class TestCost:
    def test_compares_all_accounts_of_a_unit_in_a_bounded_number_of_queries(
        self, client, snapshot, django_assert_max_num_queries
    ):
        client.force_login(person("viewer"))
        address = reverse(
            "organizational-unit-differences",
            kwargs={"slug": snapshot.connection.slug, "target_id": WORKLOADS},
        )
        client.get(address)
        with django_assert_max_num_queries(26):
            client.get(address)
