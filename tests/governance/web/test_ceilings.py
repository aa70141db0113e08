"""The screens of accounts and OUs tell what is left at each level, and what decides an action."""

import csv
import json

import pytest
from django.urls import reverse

from inventory.models import CollectedSpan, PolicyAttachment, Root
from tests.factories.people import person, take_roles
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.runs import CoverageFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

PAYMENTS, TEST, MANAGEMENT = "222222222222", "222222222224", "111111111111"
WORKLOADS, PROD = "ou-ab12-work0001", "ou-ab12-prod0001"


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
    return " ".join(answer.content.decode().split())


RCP = "RESOURCE_CONTROL_POLICY"
PERIMETER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "OnlyOurs",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
        },
    }
)


def attach(snapshot, name, written, target_id, policy_type="SERVICE_CONTROL_POLICY"):
    rows = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
    policy = PolicyFactory.create(name=name, text=written, type=policy_type, **rows)
    PolicyAttachmentFactory.create(policy_id=policy.policy_id, target_id=target_id, **rows)
    return policy


def enable_rcps(snapshot, *, collected=True):
    root = Root.objects.get(pk=snapshot.root.pk)
    root.policy_types[RCP] = "ENABLED"
    root.save()
    if collected:
        CoverageFactory.create(
            run=snapshot.run, account_id="", collector=f"organizations.policies.{RCP}"
        )


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
            "Principal is a role that no exemption names",
        ]
        assert chips[0].without == "?assume=principal%3Dordinary-role"
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
        assert "is not an assumption" in page.context["assuming"].error
        assert 'value="region"' in text(page)

    def test_refuses_an_address_that_assumes_nonsense(self, show):
        assert "cannot be read" in text(show("account", PAYMENTS, status=400, assume="x"))


class TestTheCeilingByService:
    def test_counts_services_in_segments_that_stand_in_the_address(self, show):
        table = show("account-ceiling", PAYMENTS).context["services"]
        counts = {one.label: one.count for one in table.segments}
        assert counts["All"] == counts["Narrowed"] + 1
        never = show("account-ceiling", PAYMENTS, segment="never").context["services"]
        assert never.page.paginator.count == counts["Never"]
        assert "it can be" in text(show("account-ceiling", PAYMENTS, status=400, segment="odd"))

    def test_shows_a_page_of_services_and_leads_to_the_next(self, show):
        first = show("account-ceiling", PAYMENTS, segment="all", assume="nothing")
        table = first.context["services"]
        assert len(table.rows) == 100
        assert table.next_href.endswith("segment=all&assume=nothing&page=2")
        second = show("account-ceiling", PAYMENTS, segment="all", page=2).context["services"]
        assert {row.service.prefix for row in second.rows}.isdisjoint(
            {row.service.prefix for row in table.rows}
        )
        assert "page=" not in second.segments[0].href

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
        assert "remove it" in text(decided)

    def test_knows_no_service_and_no_action_that_aws_has_not(self, show):
        service = show("account-ceiling-service", TEST, "nothing", status=404)
        action = show("account-ceiling-action", TEST, "ec2", "RunNothing", status=404)
        assert (service.status_code, action.status_code) == (404, 404)

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


class TestTheStrategy:
    """The strategy of every node is named, and a break in the allow chain is an error."""

    def facts(self, answer):
        return {fact.label: str(fact.value) for fact in answer.context["facts"]}

    @pytest.mark.parametrize(
        ("name", "target_id", "said"),
        [
            ("account", TEST, "Inherited only"),
            ("account", "222222222223", "Deny list"),
            ("account", MANAGEMENT, "Not bound by SCPs"),
            ("organizational-unit", WORKLOADS, "Deny list"),
            ("organizational-unit", PROD, "Allow list"),
            ("account-ceiling", TEST, "Inherited only"),
            ("organizational-unit-ceiling", PROD, "Allow list"),
            ("organizational-unit-differences", PROD, "Allow list"),
        ],
    )
    def test_is_named_under_the_title(self, show, name, target_id, said):
        assert self.facts(show(name, target_id))["SCP strategy"] == said

    def test_is_named_at_every_level_the_root_included(self, show):
        page = show("account", PAYMENTS)
        strategies = [row.strategy for row in page.context["levels"]]
        assert strategies == ["Deny list", "Deny list", "Allow list", "Inherited only"]
        assert "Strategy: allow list; FullAWSAccess not attached" in text(page)

    def test_is_named_for_each_ou_directly_below(self, show):
        children = show("organizational-unit", WORKLOADS).context["children"]
        named = {child["node"].name: str(child["strategy"]) for child in children}
        assert named == {"Prod": "Allow list", "Test": "Inherited only"}

    def test_is_mixed_where_a_list_is_allowed_and_some_of_it_denied(self, show, snapshot):
        attach(snapshot, "some", denying("s3:DeleteBucket"), PROD)
        named = self.facts(show("organizational-unit", PROD))["SCP strategy"]
        assert named == "Mixed: allow list with denies"

    def test_is_an_error_where_nothing_is_allowed(self, show):
        PolicyAttachment.objects.filter(target_id=WORKLOADS).delete()
        unit = self.facts(show("organizational-unit", WORKLOADS))
        assert "Nothing is allowed" in unit["SCP strategy"]
        assert "Broken here" in unit["Allow chain"]
        assert 'class="bad"' in unit["Allow chain"]
        below = self.facts(show("account", TEST))
        assert "Broken at Workloads" in below["Allow chain"]
        assert "Broken at Workloads" in self.facts(show("account", TEST, policy_type=RCP))[
            "Allow chain"
        ]  # fmt: skip
        assert "Allow chain" not in self.facts(show("account", "333333333331"))

    def test_is_not_known_where_a_policy_cannot_be_read(self, show, snapshot):
        attach(snapshot, "broken", "{", WORKLOADS)
        assert "Not known" in self.facts(show("organizational-unit", WORKLOADS))["SCP strategy"]


class TestResourceControlPolicies:
    @pytest.fixture
    def perimeter(self, snapshot):
        enable_rcps(snapshot)
        return attach(snapshot, "perimeter", PERIMETER, WORKLOADS, RCP)

    def test_have_a_stack_and_services_of_their_own(self, show, perimeter):
        page = show("account", TEST, policy_type=RCP)
        rows = page.context["levels"]
        assert [chip.name for chip in rows[1].policies if not chip.code] == ["perimeter"]
        assert rows[1].made_conditional > 100
        assert rows[0].whole < 5_000
        services = page.context["services"]
        assert "s3" in {row.service.prefix for row in services.rows}
        assert services.total < 100
        assert "the others they do not limit" in text(page)
        assert [chip.words for chip in page.context["assuming"].chips] == [
            "aws:RequestedRegion = us-east-1"
        ]

    def test_are_switched_to_in_the_address_and_kept_on_the_way(self, show, perimeter):
        scps = show("account", TEST).context["types"]
        assert [(one.words.code, one.chosen) for one in scps] == [("SCP", True), ("RCP", False)]
        assert scps[1].href == f"?policy_type={RCP}"
        page = show("account-ceiling", TEST, policy_type=RCP, assume="nothing")
        row = page.context["services"].rows[0]
        assert f"policy_type={RCP}" in row.href
        assert "assume=nothing" in row.href
        assert all(f"policy_type={RCP}" in tab.href for tab in page.context["tabs"])

    def test_lead_to_the_statement_that_decides(self, show, perimeter):
        page = show("account-ceiling-action", TEST, "s3", "GetObject", policy_type=RCP)
        (row,) = page.context["statements"]
        assert row.statement.policy.name == "perimeter"
        assert f"/policies/{perimeter.policy_id}/#L" in row.policy_href
        assert "aws:PrincipalOrgID" in text(page)

    def test_say_that_they_do_not_reach_a_service(self, show, perimeter):
        for name, more in (
            ("account-ceiling-service", ("ec2",)),
            ("account-ceiling-action", ("ec2", "RunInstances")),
        ):
            page = show(name, TEST, *more, policy_type=RCP)
            assert "do not limit this service" in text(page)
            assert "do not limit this service" not in text(show(name, TEST, *more))

    def test_are_there_for_ous_with_the_groups_of_accounts(self, show, perimeter):
        assert show("organizational-unit", WORKLOADS, policy_type=RCP).context["stack_left"].cond
        groups = show("organizational-unit-differences", WORKLOADS, policy_type=RCP)
        assert [row.group.is_as_the_unit for row in groups.context["groups"]] == [True]

    def test_never_bind_the_management_account(self, show, perimeter):
        page = text(show("account", MANAGEMENT, policy_type=RCP))
        assert "Resource control policies never bind the resources of the management" in page

    def test_say_that_they_are_not_in_use(self, show):
        page = text(show("account", TEST, policy_type=RCP))
        assert "RCPs are not in use" in page

    def test_say_that_they_were_never_collected(self, show, snapshot):
        enable_rcps(snapshot, collected=False)
        for name in ("account", "account-ceiling"):
            assert "the RCPs were never collected" in text(show(name, TEST, policy_type=RCP))

    def test_are_sent_as_files_of_their_own(self, show, perimeter):
        answer = show("account-ceiling", TEST, policy_type=RCP, format="csv")
        assert f"{TEST}-rcp-ceiling-stale.csv" in answer.headers["Content-Disposition"]
        services = {line.partition(",")[0] for line in text(answer).splitlines()}
        assert "s3" in services
        assert "ec2" not in services

    def test_refuse_a_type_that_has_no_ceiling(self, show):
        page = text(show("account", TEST, status=400, policy_type="TAG_POLICY"))
        assert "a ceiling can be of SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY" in page


class TestNotCollected:
    def test_is_told_as_not_known_and_never_as_allowed(self, show):
        collector = "organizations.policies.SERVICE_CONTROL_POLICY"
        CollectedSpan.objects.filter(collector=collector).delete()
        page = show("account", TEST)
        assert "Not known: the SCPs were never collected" in text(page)
        assert page.context["services"] is None
        table = show("account-ceiling", TEST).context["services"]
        assert all(row.service.always == 0 < row.service.unknown for row in table.rows)
        action = text(show("account-ceiling-action", TEST, "s3", "GetObject"))
        assert "Not known" in action
        assert "no level removes it" not in action


class TestDifferences:
    def test_groups_the_accounts_of_a_unit_that_may_do_the_same(self, show):
        page = show("organizational-unit-differences", WORKLOADS)
        rows = {tuple(name for name, *_ in row.accounts): row for row in page.context["groups"]}
        assert set(rows) == {("payments", "website"), ("payments-test",)}
        assert rows[("payments", "website")].removed > 10_000
        assert "Same as this OU" in text(page)
        lines = text(show("organizational-unit-differences", WORKLOADS, format="csv"))
        assert f"2,{TEST}," in lines

    def test_needs_the_right_to_view(self, client, snapshot):
        person_without = person("viewer")
        take_roles(person_without)
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
