"""The tab Effective policies says what holds, who says so, and what is not known."""

import json
import re

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from inventory.models import Account, PolicyContent
from tests.factories.effective_policies import answered
from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.runs import CoverageFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

PAYMENTS, WEBSITE, TEST = "222222222222", "222222222223", "222222222224"
MANAGEMENT = "111111111111"
WORKLOADS, PROD = "ou-ab12-work0001", "ou-ab12-prod0001"
ASKING = "organizations.effective.TAG_POLICY"


@pytest.fixture
def snapshot():
    made = organization_snapshot()
    attach(made, "cost-tags", cost("a", "b"), WORKLOADS)
    return made


def cost(*values, operator="@@assign"):
    return {"tags": {"cost": {"tag_value": {operator: list(values)}}}}


def attach(snapshot, name, document, target_id, kind="TAG_POLICY"):
    rows = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
    text = document if isinstance(document, str) else json.dumps(document)
    policy = PolicyFactory.create(name=name, type=kind, text=text, **rows)
    PolicyAttachmentFactory.create(policy_id=policy.policy_id, target_id=target_id, **rows)
    return policy


@pytest.fixture
def show(client, snapshot):
    client.force_login(person("viewer"))

    def show(target_id, status=200, **query):
        name, argument = "account-effective-policies", "account_id"
        if target_id.startswith("ou-"):
            name, argument = "organizational-unit-effective-policies", "target_id"
        kwargs = {"slug": snapshot.connection.slug, argument: target_id}
        answer = client.get(reverse(name, kwargs=kwargs), query)
        assert answer.status_code == status, answer.content
        return answer

    return show


def told(answer):
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


def card(answer, kind="TAG_POLICY"):
    return next(each for each in answer.context["cards"] if each.key == kind)


class TestWhatIsComputed:
    def test_names_the_policy_and_level_that_each_value_came_from(self, show, snapshot):
        attach(snapshot, "more-tags", cost("c", operator="@@append"), PROD)
        found = card(show(PAYMENTS))
        (row,) = found.settings
        assert row.path == ("tags", "cost", "tag_value")
        assert row.values == ("a", "b", "c")
        assert [(made.does, made.policy_name, made.target_name) for made in row.makers] == [
            ("sets", "cost-tags", "Workloads"),
            ("adds", "more-tags", "Prod"),
        ]
        assert row.below == "anything"
        assert json.loads(found.text) == {"tags": {"cost": {"tag_value": ["a", "b", "c"]}}}

    def test_says_that_it_is_computed_and_that_aws_was_never_asked(self, show):
        page = told(show(PAYMENTS))
        assert "Computed from the policies attached: AWS was not asked" in page
        assert "No inventory run has asked AWS for effective policies of this type yet." in page

    def test_says_why_aws_did_not_answer(self, show, snapshot):
        CoverageFactory.create(
            run=snapshot.run,
            account_id="",
            collector=ASKING,
            state="denied",
            message="the role may not organizations:DescribeEffectivePolicy",
            remedy="deploy docs/roles/organization-reader.yaml again",
        )
        page = told(show(PAYMENTS))
        assert "Computed from the policies attached: AWS did not answer" in page
        assert "may not organizations:DescribeEffectivePolicy" in page
        assert "Deploy docs/roles/organization-reader.yaml again" in page

    def test_shows_what_a_level_above_locks_and_what_has_no_effect_below(self, show, snapshot):
        locked = cost("x")
        locked["tags"]["cost"]["tag_value"]["@@operators_allowed_for_child_policies"] = ["@@none"]
        attach(snapshot, "locked", locked, "r-ab12")
        found = card(show(PAYMENTS))
        assert [(row.values, row.below, row.is_locked) for row in found.settings] == [
            (("x",), "nothing", True)
        ]
        assert [one.policy_name for one in found.problems] == ["cost-tags"]
        assert "What has no effect here" in told(show(PAYMENTS))

    def test_is_not_certain_where_the_order_of_attachment_decides(self, show, snapshot):
        attach(snapshot, "other-tags", cost("z"), WORKLOADS)
        assert "Not certain: two policies of one level set it" in told(show(PAYMENTS))


class TestWhatAwsSays:
    def test_is_shown_with_when_it_was_collected_and_for_whom(self, show, snapshot):
        answered(snapshot.connection, PAYMENTS, {"tags": {"cost": {"tag_value": ["b", "a"]}}})
        own, others = show(PAYMENTS), show(TEST)
        for answer in (own, others):
            assert card(answer).words == "AWS"
            assert card(answer).effective.differences == ()
            assert [made.policy_name for made in card(answer).settings[0].makers] == ["cost-tags"]
        assert "for payments, which inherits the same policies" in told(others)
        assert "which inherits the same policies" not in told(own)

    def test_that_differs_from_the_operators_is_shown_beside_them(self, show, snapshot):
        document = {"tags": {"cost": {"tag_value": ["a"], "tag_key": "Cost"}}}
        answered(snapshot.connection, PAYMENTS, document)
        answer = show(PAYMENTS)
        found = card(answer)
        assert found.words == "Differs from AWS"
        assert [(one.path[-1], one.aws, one.computed) for one in found.effective.differences] == [
            ("tag_value", ("a",), ("a", "b")),
            ("tag_key", ("Cost",), None),
        ]
        assert [row.values for row in found.settings] == [("a",), ("Cost",)]
        assert "AWS's answer differs from what the operators" in told(answer).replace("&#x27;", "'")

    def test_none_differs_from_something_computed(self, show, snapshot):
        answered(snapshot.connection, PAYMENTS, None)
        answer = show(PAYMENTS)
        assert card(answer).settings == ()
        assert [one.aws for one in card(answer).effective.differences] == [None]
        assert "there is no effective tag policy" in told(answer)

    def test_stays_when_it_is_asked_again_in_vain_which_is_told(self, show, snapshot):
        answered(snapshot.connection, PAYMENTS, {"tags": {"cost": {"tag_value": ["a", "b"]}}})
        CoverageFactory.create(
            run=snapshot.run,
            account_id="",
            collector=ASKING,
            state="denied",
            message="the role may not",
            collected_at=FIRST_RUN_AT.replace(year=2030),
        )
        page = told(show(PAYMENTS))
        assert "Asked again" in page
        assert "the role may not" in page

    def test_that_is_no_json_is_not_known_and_shown_as_it_is(self, show, snapshot):
        row = answered(snapshot.connection, PAYMENTS, {})
        PolicyContent.objects.filter(pk=row.content_id).update(text="<html>")
        found = card(show(PAYMENTS))
        assert (found.words, found.settings, found.text) == ("Not known", (), "<html>")

    def test_decides_what_the_operators_leave_open(self, show, snapshot):
        attach(snapshot, "other-tags", cost("z"), WORKLOADS)
        answered(snapshot.connection, PAYMENTS, {"tags": {"cost": {"tag_value": ["z"]}}})
        found = card(show(PAYMENTS))
        assert found.words == "AWS"
        assert [row.values for row in found.settings] == [("z",)]
        assert [made.policy_name for made in found.settings[0].makers] == ["other-tags"]
        (problem,) = found.problems
        assert problem.policy_name == "cost-tags"
        assert "AWS took the value of other-tags" in problem.message


class TestWhatIsNotKnown:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{", "cannot be relied on"),
            ('{"tags": {"a": {"tag_key": {"@@replace": "A"}}}}', "is not an inheritance operator"),
        ],
    )
    def test_a_policy_that_cannot_be_relied_on_leaves_nothing_said(
        self, show, snapshot, text, said
    ):
        attach(snapshot, "broken", text, "r-ab12")
        answer = show(PAYMENTS)
        found = card(answer)
        assert (found.words, found.settings, found.text) == ("Not known", (), "")
        assert [one.policy_name for one in found.unreadable] == ["broken"]
        assert said in told(answer).replace("&quot;", '"')

    def test_aws_tells_even_then_but_cannot_be_compared(self, show, snapshot):
        attach(snapshot, "broken", "{", "r-ab12")
        answered(snapshot.connection, PAYMENTS, {"tags": {"cost": {"tag_value": ["a"]}}})
        answer = show(PAYMENTS)
        assert card(answer).words == "AWS"
        assert [row.values for row in card(answer).settings] == [("a",)]
        assert "answer cannot be compared with it" in told(answer)

    def test_each_reason_to_have_none_looks_different(self, show, snapshot):
        snapshot.root.policy_types |= {
            "BACKUP_POLICY": "ENABLED",
            "AISERVICES_OPT_OUT_POLICY": "ENABLED",
        }
        snapshot.root.save()
        CoverageFactory.create(
            run=snapshot.run, account_id="", collector="organizations.policies.BACKUP_POLICY"
        )
        answer = show(PAYMENTS)
        assert card(answer, "BACKUP_POLICY").words == "None attached"
        assert card(answer, "AISERVICES_OPT_OUT_POLICY").words == "Not collected"
        assert "No backup policy is attached from the root down" in told(answer)
        assert "No inventory run has read all policies of this type." in told(answer)
        off = {each.name for each in answer.context["not_enabled"]}
        assert "CHATBOT_POLICY" in off
        assert not off & {"TAG_POLICY", "BACKUP_POLICY"}

    def test_an_account_that_is_not_active_says_that_aws_is_not_asked(self, show, snapshot):
        CoverageFactory.create(run=snapshot.run, account_id="", collector=ASKING)
        Account.objects.filter(account_id=PAYMENTS).update(state="SUSPENDED")
        assert "AWS is asked for active accounts only" in told(show(PAYMENTS))

    def test_an_account_that_is_not_there_is_not_found(self, show):
        assert show("999999999999", status=404).status_code == 404


class TestManagementAccount:
    def test_gets_management_policies_and_is_told_so(self, show, snapshot):
        attach(snapshot, "of-all", cost("q"), "r-ab12")
        answer = show(MANAGEMENT)
        assert [row.values for row in card(answer).settings] == [("q",)]
        assert "Management policies hold for the management account too" in told(answer)


class TestUnit:
    def test_says_what_an_account_placed_there_gets_and_which_accounts_differ(self, show, snapshot):
        attach(snapshot, "of-website", cost("w"), WEBSITE)
        answer = show(WORKLOADS)
        found = card(answer)
        assert [row.values for row in found.settings] == [("a", "b")]
        assert (found.accounts, found.accounts_alike, found.accounts_other) == (3, 2, 1)
        same, other = found.groups
        assert [name for name, _, _ in same.accounts] == ["payments", "payments-test"]
        assert [name for name, _, _ in other.accounts] == ["website"]
        assert other.group.differing == (("tags", "cost", "tag_value"),)
        assert "AWS has effective policies of accounts only" in told(answer)

    def test_counts_accounts_with_other_policies_that_come_to_the_same_as_alike(
        self, show, snapshot
    ):
        attach(snapshot, "again", cost("a", "b"), WEBSITE)
        found = card(show(WORKLOADS))
        assert (found.accounts_alike, found.accounts_other) == (3, 0)

    def test_counts_accounts_that_are_not_known_apart(self, show, snapshot):
        attach(snapshot, "broken", "{", WEBSITE)
        found = card(show(WORKLOADS))
        assert (found.accounts_alike, found.accounts_other, found.accounts_unknown) == (2, 0, 1)

    def test_finds_accounts_with_a_policy_below_a_unit_without(self, show, snapshot):
        attach(snapshot, "of-log-archive", cost("l"), "333333333331")
        found = card(show("ou-ab12-sec00001"))
        assert found.words == "None attached"
        assert [len(row.group.account_ids) for row in found.groups] == [1]


class TestEveryTarget:
    @pytest.mark.parametrize(("target_id", "queries"), [(PAYMENTS, 26), (WORKLOADS, 26)])
    def test_asks_as_much_for_many_accounts_as_for_few(
        self, show, snapshot, target_id, queries, django_assert_num_queries
    ):
        for number in range(25):
            account = AccountFactory.create(
                connection=snapshot.connection, parent=snapshot.units["Workloads"]
            )
            attach(snapshot, f"own-{number}", cost(str(number)), account.account_id)
        show(target_id)
        with django_assert_num_queries(queries):
            page = show(target_id)
        if target_id == WORKLOADS:
            assert card(page).more_groups == 18

    @pytest.mark.parametrize("target_id", [PAYMENTS, WORKLOADS])
    def test_looks_back(self, show, snapshot, target_id):
        later = attach(snapshot, "later", cost("new"), PROD)
        type(later).objects.filter(pk=later.pk).update(seen_from=FIRST_RUN_AT.replace(year=2027))
        moment = FIRST_RUN_AT.isoformat()
        assert card(show(target_id, as_of=moment)).settings[0].values == ("a", "b")
