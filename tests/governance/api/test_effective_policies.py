"""Effective policies over REST: what holds, who says so, what made it, where AWS differs."""

import json
from datetime import timedelta

import pytest

from inventory.models import Account
from tests.factories.effective_policies import answered
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.runs import CoverageFactory
from tests.factories.times import FIRST_RUN_AT

ROOT = "/api/v1/organizations/acme"
LIST = f"{ROOT}/effective-policies"
PAYMENTS, WEBSITE, TEST = "222222222222", "222222222223", "222222222224"
WORKLOADS = "ou-ab12-work0001"
COST = ["tags", "cost", "tag_value"]


def cost(*values):
    return {"tags": {"cost": {"tag_value": {"@@assign": list(values)}}}}


def attach(snapshot, document, target_id, policy_id="p-cost0001"):
    rows = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
    text = document if isinstance(document, str) else json.dumps(document)
    PolicyFactory.create(policy_id=policy_id, type="TAG_POLICY", text=text, **rows)
    PolicyAttachmentFactory.create(policy_id=policy_id, target_id=target_id, **rows)


@pytest.fixture
def tagged(acme):
    attach(acme, cost("a", "b"), WORKLOADS)
    return acme


def results(answer):
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def ids(answer):
    return [row["account_id"] for row in results(answer)]


class TestList:
    def test_tells_each_account_and_what_made_its_settings(self, viewer, tagged):
        rows = results(viewer.get(LIST))
        assert [row["account_id"] for row in rows] == sorted(
            Account.objects.values_list("account_id", flat=True)
        )
        by_id = {row["account_id"]: row for row in rows}
        assert by_id["333333333331"]["state"] == "nothing_attached"
        found = by_id[PAYMENTS]
        assert (found["state"], found["source"]) == ("known", "computed")
        assert found["document"] == {"tags": {"cost": {"tag_value": ["a", "b"]}}}
        assert found["settings"] == [
            {
                "path": COST,
                "values": ["a", "b"],
                "is_list": True,
                "set_by": [
                    {
                        "target_id": WORKLOADS,
                        "policy_id": "p-cost0001",
                        "operator": "@@assign",
                        "values": ["a", "b"],
                    }
                ],
                "is_certain": True,
                "allowed_below": ["@@append", "@@assign", "@@remove"],
            }
        ]
        assert found["not_told"]["state"] == "unknown"
        assert found["asked"] is None

    def test_tells_aws_answer_and_where_it_differs(self, viewer, tagged):
        answered(tagged.connection, TEST, {"tags": {"cost": {"tag_value": ["a"]}}})
        found = results(viewer.get(f"{LIST}?account_id={PAYMENTS}"))[0]
        assert found["source"] == "aws"
        assert found["differences"] == [{"path": COST, "aws": ["a"], "computed": ["a", "b"]}]
        assert found["asked"]["account_id"] == TEST
        assert found["asked"]["text"] == '{"tags": {"cost": {"tag_value": ["a"]}}}'
        assert found["not_told"] is None

    def test_says_why_aws_did_not_tell(self, viewer, tagged):
        CoverageFactory.create(
            run=tagged.run,
            account_id="",
            collector="organizations.effective.TAG_POLICY",
            state="denied",
            message="may not",
            remedy="allow it",
        )
        found = results(viewer.get(f"{LIST}?account_id={PAYMENTS}"))[0]
        assert found["source"] == "computed"
        told = found["not_told"]
        assert (told["state"], told["message"], told["remedy"]) == ("denied", "may not", "allow it")

    def test_says_what_cannot_be_relied_on_and_nothing_of_the_rest(self, viewer, tagged):
        attach(tagged, "{", "r-ab12", "p-broken01")
        found = results(viewer.get(f"{LIST}?account_id={PAYMENTS}"))[0]
        assert (found["state"], found["source"], found["document"]) == ("unknown", None, None)
        assert found["settings"] == []
        assert {(each["kind"], each["policy_id"]) for each in found["problems"]} == {
            ("unreadable", "p-broken01")
        }

    @pytest.mark.parametrize("limit", [1, 2, 4, 6, 1000])
    @pytest.mark.parametrize("more", ["", "&state=known", "&ordering=-account_id"])
    def test_gives_each_row_once_in_order(self, viewer, tagged, limit, more):
        tagged.root.policy_types |= {"BACKUP_POLICY": "ENABLED"}
        tagged.root.save()
        everything = results(viewer.get(f"{LIST}?{more}"))
        keys = [(row["account_id"], row["policy_type"]) for row in everything]
        assert keys == sorted(keys, reverse="-" in more)
        found = []
        address = f"{LIST}?limit={limit}{more}"
        while address:
            answer = viewer.get(address)
            found += results(answer)
            address = answer.json()["next"]
        assert [(row["account_id"], row["policy_type"]) for row in found] == keys

    def test_is_filtered_by_place_type_state_and_source(self, viewer, tagged):
        answered(tagged.connection, PAYMENTS, {"tags": {"cost": {"tag_value": ["a", "b"]}}})
        attach(tagged, cost("w"), WEBSITE, "p-websit01")
        # As a run does that sees the attachment first.
        at = FIRST_RUN_AT + timedelta(hours=1)
        row = PolicyAttachmentFactory._meta.model.objects.get(
            target_id=WEBSITE, policy_id="p-websit01"
        )
        row.seen_from = at
        row.save()
        assert ids(viewer.get(f"{LIST}?source=aws")) == [PAYMENTS, TEST]
        assert ids(viewer.get(f"{LIST}?source=computed")) == [WEBSITE]
        assert ids(viewer.get(f"{LIST}?source=computed&source=aws&under={WORKLOADS}")) == [
            PAYMENTS,
            WEBSITE,
            TEST,
        ]
        assert ids(viewer.get(f"{LIST}?under=ou-ab12-prod0001")) == [PAYMENTS, WEBSITE]
        assert len(ids(viewer.get(f"{LIST}?state=nothing_attached"))) == 3
        assert ids(viewer.get(f"{LIST}?policy_type=BACKUP_POLICY")) == []
        assert ids(viewer.get(f"{LIST}?policy_type=TAG_POLICY&account_id={TEST}")) == [TEST]
        past = FIRST_RUN_AT.isoformat().replace("+00:00", "Z")
        assert ids(viewer.get(f"{LIST}?source=computed&as_of={past}")) == []

    @pytest.mark.parametrize(
        "query", ["source=guess", "state=fine", "policy_type=SERVICE_CONTROL_POLICY", "type=x"]
    )
    def test_refuses_values_it_does_not_know(self, viewer, tagged, query):
        answer = viewer.get(f"{LIST}?{query}")
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["parameter"] == query.partition("=")[0]

    def test_leaves_out_fields_that_are_not_asked_for(self, viewer, tagged):
        row = results(viewer.get(f"{LIST}?fields=account_id,source&limit=1"))[0]
        assert set(row) == {"account_id", "source"}

    def test_says_when_the_first_run_was(self, viewer, tagged):
        answer = viewer.get(f"{LIST}?as_of=2001-01-01")
        assert answer.status_code == 422
        assert answer.json()["first_run_at"] is not None


class TestOneAccount:
    def test_tells_every_type_also_those_that_are_off(self, viewer, tagged):
        told = viewer.get(f"{ROOT}/accounts/{PAYMENTS}/effective-policies").json()
        states = {each["policy_type"]: each["state"] for each in told["effective_policies"]}
        assert states.pop("TAG_POLICY") == "known"
        assert len(states) == 12
        assert set(states.values()) == {"not_enabled"}
        assert told["account_id"] == PAYMENTS

    def test_answers_the_same_only_once(self, viewer, tagged):
        address = f"{ROOT}/accounts/{PAYMENTS}/effective-policies"
        etag = viewer.get(address).headers["ETag"]
        assert viewer.get(address, headers={"If-None-Match": etag}).status_code == 304

    @pytest.mark.parametrize("account_id", ["999999999999", WORKLOADS])
    def test_that_is_not_there_is_a_problem(self, viewer, tagged, account_id):
        answer = viewer.get(f"{ROOT}/accounts/{account_id}/effective-policies")
        assert answer.status_code == 404
        assert f"account {account_id}" in answer.json()["detail"]


class TestOneUnit:
    def test_tells_what_an_account_placed_there_gets_and_how_many_below_do(self, viewer, tagged):
        attach(tagged, cost("w"), WEBSITE, "p-websit01")
        address = f"{ROOT}/organizational-units/{WORKLOADS}/effective-policies"
        told = viewer.get(address).json()
        found = {each["policy_type"]: each for each in told["effective_policies"]}
        assert found["TAG_POLICY"]["document"] == {"tags": {"cost": {"tag_value": ["a", "b"]}}}
        assert found["TAG_POLICY"]["accounts_below"] == {
            "total": 3,
            "alike": 2,
            "other": 1,
            "unknown": 0,
        }
        assert found["BACKUP_POLICY"]["accounts_below"] is None

    def test_that_is_not_there_is_a_problem(self, viewer, tagged):
        address = f"{ROOT}/organizational-units/{PAYMENTS}/effective-policies"
        assert viewer.get(address).status_code == 404
