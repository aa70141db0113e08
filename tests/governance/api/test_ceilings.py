"""Ceilings of accounts and OUs, told to programs."""

import json

import pytest

from inventory.models import CollectedSpan, PolicyAttachment, Root
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.runs import CoverageFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

API = "/api/v1/organizations/acme"
TEST, PAYMENTS, MANAGEMENT = "222222222224", "222222222222", "111111111111"
WORKLOADS = "ou-ab12-work0001"
RCP = "RESOURCE_CONTROL_POLICY"
LOCK = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "OnlyIreland",
            "Effect": "Deny",
            "Action": "lambda:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
    },
    indent=1,
)
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
    },
    indent=1,
)


@pytest.fixture
def ask(viewer, acme):
    """Get an address of the ceiling of an account, or of an OU, and return what is told."""

    def ask(target_id, path="", *, status=200, **query):
        kind = "accounts" if target_id.isdigit() else "organizational-units"
        answer = viewer.get(f"{API}/{kind}/{target_id}/ceiling{path}", query)
        assert answer.status_code == status, answer.json()
        return answer.json()

    return ask


@pytest.fixture
def attach(acme):
    """Attach a policy to a target; RCPs are enabled and read by that."""

    def attach(name, text, target_id, policy_type="SERVICE_CONTROL_POLICY"):
        rows = {"connection": acme.connection, "seen_from": FIRST_RUN_AT}
        policy = PolicyFactory.create(name=name, text=text, type=policy_type, **rows)
        PolicyAttachmentFactory.create(policy_id=policy.policy_id, target_id=target_id, **rows)
        if policy_type == RCP:
            enable_rcps(acme)
        return policy.policy_id

    return attach


def enable_rcps(acme, *, collected=True):
    root = Root.objects.get(pk=acme.root.pk)
    root.policy_types[RCP] = "ENABLED"
    root.save()
    if collected:
        CoverageFactory.create(
            run=acme.run, account_id="", collector=f"organizations.policies.{RCP}"
        )


class TestCeiling:
    def test_tells_what_each_level_takes_away(self, ask):
        told = ask(TEST)
        assert (told["binding"], told["policy_type"]) == ("bound", "SERVICE_CONTROL_POLICY")
        assert told["assumptions"] == ["aws:RequestedRegion=us-east-1", "principal=ordinary-role"]
        names = [level["name"] for level in told["levels"]]
        assert names == ["Root", "Workloads", "Test", "payments-test"]
        root, workloads, *_ = told["levels"]
        assert root["removed"] == 1
        assert set(workloads["removed_by_service"]) == {"ec2", "rds"}
        assert workloads["removed"] == sum(workloads["removed_by_service"].values())
        assert workloads["strategy"] == "deny_list"
        counts = told["actions"]
        assert counts["always"] == told["levels"][-1]["left_always"]
        assert counts["total"] == counts["always"] + counts["never"]
        assert told["page"] == f"http://testserver/o/acme/accounts/{TEST}/"

    def test_takes_assumptions_as_the_screens_do(self, ask, attach):
        attach("lock", LOCK, WORKLOADS)
        # The usual region is one that the lock allows, though the home region is not.
        usual = ask(TEST)
        assert usual["assumptions"][0] == "aws:RequestedRegion=eu-west-1"
        assert usual["actions"]["conditional"] == 0
        open_to_all = ask(TEST, assume="nothing")
        assert open_to_all["assumptions"] == ["nothing"]
        assert open_to_all["actions"]["conditional"] > 0
        there = ask(TEST, assume=["aws:RequestedRegion=us-east-1", "principal=role"])
        assert there["actions"]["always"] < usual["actions"]["always"]
        assert (
            "assume=aws%3ARequestedRegion%3Dus-east-1&assume=principal%3Drole"
            in (there["services_url"])
        )

    def test_says_that_a_chain_is_broken(self, ask):
        PolicyAttachment.objects.filter(target_id=TEST).delete()
        last = ask(TEST)["levels"][-1]
        assert (last["breaks_allow_chain"], last["strategy"]) == (True, "broken")

    def test_says_that_nothing_binds_the_management_account(self, ask):
        told = ask(MANAGEMENT)
        assert (told["binding"], told["levels"]) == ("management", [])
        assert told["actions"]["never"] == 0

    def test_takes_ous_and_the_root(self, ask, acme):
        assert ask(WORKLOADS)["target_type"] == "ORGANIZATIONAL_UNIT"
        root = ask(acme.root.target_id)
        assert (root["target_type"], root["page"]) == ("ROOT", None)

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ({"assume": "region"}, "assume"),
            ({"assume": ["nothing", "principal=role"]}, "assume"),
            ({"policy_type": "TAG_POLICY"}, "policy_type"),
            ({"as_of": "yesterday"}, "as_of"),
            ({"type": RCP}, "type"),
        ],
    )
    def test_refuses_what_says_nothing(self, ask, query, parameter):
        told = ask(TEST, status=400, **query)
        assert told["errors"][0]["parameter"] == parameter

    def test_knows_no_account_that_is_not_there(self, ask, acme):
        assert "no account 999999999999" in ask("999999999999", status=404)["detail"]
        for path in ("", "/services", "/groups"):
            ask("ou-ab12-none0001", path, status=404)


class TestNotKnown:
    def test_counts_what_an_unreadable_policy_touches_as_unknown(self, ask, attach):
        policy_id = attach("broken", '{"Version": "2012-10-17",', WORKLOADS)
        told = ask(TEST)
        assert told["actions"]["always"] == told["actions"]["conditional"] == 0
        assert told["actions"]["unknown"] > 0
        (unreadable,) = told["unreadable"]
        assert unreadable["target_id"] == WORKLOADS
        assert unreadable["policy"]["policy_id"] == policy_id
        assert unreadable["policy"]["diagnostics"][0]["line"] == 1
        (at_level,) = [
            policy for policy in told["levels"][1]["policies"] if policy["policy_id"] == policy_id
        ]
        assert (at_level["readable"], at_level["denies"], at_level["has_effect"]) == (
            False, None, None,
        )  # fmt: skip
        services = ask(TEST, "/services", q="s3")["results"]
        assert all(row["always"] == 0 < row["unknown"] for row in services)
        action = ask(TEST, "/services/s3/actions/GetObject")
        assert action["outcome"] == "unknown"
        assert action["unreadable"][0]["policy"]["name"] == "broken"

    def test_knows_nothing_where_the_policies_were_never_read(self, ask, acme):
        collector = "organizations.policies.SERVICE_CONTROL_POLICY"
        CollectedSpan.objects.filter(collector=collector).delete()
        told = ask(TEST)
        assert told["binding"] == "not_collected"
        assert told["actions"]["unknown"] == told["actions"]["total"]
        assert ask(WORKLOADS, "/groups")["results"][0]["actions"]["always"] == 0


class TestServices:
    def test_lists_them_with_their_counts(self, ask):
        told = ask(TEST, "/services", limit=1000)["results"]
        by_prefix = {row["service"]: row for row in told}
        ec2 = by_prefix["ec2"]
        assert ec2["never"] == ec2["total"] == ec2["decided_at"][0]["actions"]
        assert ec2["decided_at"][0]["target_id"] == WORKLOADS
        assert by_prefix["s3"]["always"] == by_prefix["s3"]["total"]

    def test_narrows_and_pages(self, ask, viewer):
        never = ask(TEST, "/services", segment="never")["results"]
        assert {row["service"] for row in never} >= {"ec2", "rds"}
        found = ask(TEST, "/services", q="amazon ec2")["results"]
        assert "ec2" in {row["service"] for row in found}
        assert all("amazon ec2" in row["name"].lower() for row in found)
        first = ask(TEST, "/services", limit=2, ordering="-never")
        assert first["results"][0]["never"] >= first["results"][1]["never"]
        second = viewer.get(first["next"]).json()["results"]
        assert second[0]["never"] <= first["results"][1]["never"]
        assert second[0]["service"] not in {row["service"] for row in first["results"]}

    def test_leads_to_the_actions_and_to_what_decides_each(self, ask, viewer):
        (service,) = ask(TEST, "/services", q="rds", segment="never", limit=1)["results"]
        actions = viewer.get(service["actions_url"], {"outcome": "never"}).json()["results"]
        assert len(actions) == min(100, service["never"])
        decision = viewer.get(actions[0]["url"]).json()
        (statement,) = decision["statements"]
        assert statement["policy_id"] == "p-regio001"
        assert (statement["effect"], statement["number"]) == ("Deny", 1)
        assert decision["page"].endswith(actions[0]["action"].partition(":")[2] + "/")


class TestActions:
    def test_narrows_by_outcome_and_access_level(self, ask):
        told = ask(TEST, "/services/ec2/actions", access_level="List", limit=1000)["results"]
        assert {row["access_level"] for row in told} == {"List"}
        assert ask(TEST, "/services/ec2/actions", outcome="always")["results"] == []
        refused = ask(TEST, "/services/ec2/actions", access_level="Execute", status=400)
        assert "Permissions management" in refused["detail"]

    def test_names_the_condition_an_action_hangs_on_and_its_lines(self, ask, attach):
        policy_id = attach("lock", LOCK, WORKLOADS)
        told = ask(TEST, "/services/lambda/actions/invokefunction", assume="nothing")
        assert told["action"] == "lambda:InvokeFunction"
        assert (told["outcome"], told["depends_on"]) == ("conditional", ["aws:RequestedRegion"])
        (statement,) = told["statements"]
        assert (statement["policy_id"], statement["sid"]) == (policy_id, "OnlyIreland")
        assert statement["conditions"] == [
            {"operator": "StringNotEquals", "key": "aws:RequestedRegion", "values": ["eu-west-1"]}
        ]
        assert (statement["first_line"], statement["last_line"]) == (3, 13)

    def test_names_the_level_at_which_nothing_allows(self, ask):
        told = ask(PAYMENTS, "/services/iam/actions/CreateUser")
        assert [row["name"] for row in told["not_allowed_at"]] == ["Prod"]

    def test_knows_no_service_and_no_action_that_aws_has_not(self, ask):
        assert "no service nothing" in ask(TEST, "/services/nothing/actions", status=404)["detail"]
        told = ask(TEST, "/services/ec2/actions/RunNothing", status=404)
        assert "no action ec2:RunNothing" in told["detail"]


class TestResourceControlPolicies:
    def test_count_the_services_on_their_list_alone(self, ask, attach):
        attach("perimeter", PERIMETER, WORKLOADS, RCP)
        told = ask(TEST, policy_type=RCP)
        assert told["assumptions"] == ["aws:RequestedRegion=us-east-1"]
        assert 0 < told["actions"]["conditional"] < told["actions"]["total"] < 5_000
        services = {
            row["service"]: row for row in ask(TEST, "/services", policy_type=RCP)["results"]
        }
        assert services["s3"]["conditional"] == services["s3"]["total"]
        assert services["sqs"]["always"] == services["sqs"]["total"]
        assert "ec2" not in services
        decision = ask(TEST, "/services/s3/actions/GetObject", policy_type=RCP)
        assert decision["depends_on"] == ["aws:PrincipalOrgID"]
        assert decision["statements"][0]["policy_name"] == "perimeter"
        other = ask(TEST, "/services/ec2/actions/RunInstances", policy_type=RCP)
        assert (other["outcome"], other["is_limited_by_type"]) == ("always", False)

    def test_never_bind_the_management_account(self, ask, attach, acme):
        attach("perimeter", PERIMETER, acme.root.target_id, RCP)
        assert ask(MANAGEMENT, policy_type=RCP)["binding"] == "management"
        groups = ask(acme.root.target_id, "/groups", policy_type=RCP)["results"]
        assert {group["binding"] for group in groups} == {"bound", "management"}

    def test_are_not_in_use_where_the_root_has_them_not_enabled(self, ask):
        told = ask(TEST, policy_type=RCP)
        assert (told["binding"], told["actions"]["never"]) == ("not_enabled", 0)

    def test_are_not_known_where_they_were_never_collected(self, ask, acme):
        enable_rcps(acme, collected=False)
        told = ask(TEST, policy_type=RCP)
        assert told["binding"] == "not_collected"
        assert told["actions"]["unknown"] == told["actions"]["total"]


class TestGroups:
    def test_gather_the_accounts_that_may_do_the_same(self, ask):
        largest, other = ask(WORKLOADS, "/groups")["results"]
        assert largest["account_ids"] == [PAYMENTS, "222222222223"]
        assert largest["removed"] == sum(largest["removed_by_service"].values()) > 10_000
        assert (other["account_ids"], other["is_as_the_unit"]) == ([TEST], True)


class TestThePast:
    def test_tells_the_ceiling_as_it_was(self, ask, acme):
        PolicyAttachment.objects.filter(policy_id="p-regio001").update(seen_until=SECOND_RUN_AT)
        assert ask(TEST, "/services/ec2/actions/RunInstances")["outcome"] == "always"
        then = {"as_of": "2026-11-01T08:30:00Z"}
        assert ask(TEST, "/services/ec2/actions/RunInstances", **then)["outcome"] == "never"
        assert "as_of=2026-11-01T08%3A30%3A00Z" in ask(TEST, **then)["services_url"]

    @pytest.mark.parametrize(
        "path", ["", "/services", "/services/s3/actions", "/services/s3/actions/GetObject"]
    )
    def test_says_when_the_first_run_was_to_who_asks_for_a_time_before(self, ask, path):
        for target_id in (TEST, WORKLOADS):
            told = ask(target_id, path, status=422, as_of="2020-01-01")
            assert told["first_run_at"] == "2026-11-01T08:00:00Z"
