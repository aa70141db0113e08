"""Guardrails and exceptions over the API: read, tried, written, excepted."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.refreshing import refresh_guardrails
from tests.factories.exceptions import guardrail_exception
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, prove

URL = "/api/v1/organizations/acme"
PAYMENTS_TEST, TEST = "222222222224", "ou-ab12-test0001"
OWN = """\
id: no-buckets
title: Nobody creates buckets in production
why: Buckets belong to the platform.
topic: cost
severity: low
scope:
  organizational_units: [Workloads/Prod]
effect:
  actions: [s3:CreateBucket]
remedy:
  text: Attach an SCP.
  policy_type: SERVICE_CONTROL_POLICY
  policy:
    Version: "2012-10-17"
    Statement:
      - {Sid: NoBuckets, Effect: Deny, Action: s3:CreateBucket, Resource: "*"}
"""


@pytest.fixture
def worked_out(acme):
    refresh_guardrails(acme.connection, now=timezone.now())
    return acme


@pytest.fixture
def security(acme):
    client = APIClient()
    client.force_login(person("security", username="sam"))
    return client


@pytest.fixture
def author(acme):
    client = APIClient()
    client.force_login(person("author", username="ada"))
    return client


def post(client, path, body=None, **headers):
    return client.post(f"{URL}{path}", body or {}, format="json", headers=headers)


class TestReading:
    def test_lists_guardrails_with_counts_and_filters(self, viewer, worked_out):
        serialized = viewer.get(f"{URL}/guardrails?severity=critical&limit=100").json()["results"]
        assert serialized
        assert {one["severity"] for one in serialized} == {"critical"}
        leaving = next(
            one for one in serialized if one["guardrail_id"] == "accounts-stay-in-the-organization"
        )
        # The management account is bound by no SCP.
        assert (leaving["worst"], leaving["counts"]["fails"]) == ("fails", 1)
        answer = viewer.get(f"{URL}/guardrails?severity=awful")
        assert answer.status_code == 400

    def test_gets_one_with_its_file(self, viewer, acme):
        serialized = viewer.get(f"{URL}/guardrails/no-iam-users").json()
        assert serialized["text"].startswith("id: no-iam-users\n")
        assert serialized["document"]["effect"]["actions"] == ["iam:CreateUser"]
        assert viewer.get(f"{URL}/guardrails/no-such").status_code == 404

    def test_results_show_the_counterexample(self, viewer, worked_out):
        serialized = viewer.get(f"{URL}/guardrails/no-iam-users/results?outcome=fails&under={TEST}")
        (result,) = serialized.json()["results"]
        assert result["account_id"] == PAYMENTS_TEST
        assert result["counterexample"]["action"] == "iam:CreateUser"
        assert result["excepted_by"] is None

    def test_tells_the_schema(self, viewer, acme):
        schema = viewer.get(f"{URL}/guardrails/schema").json()["schema"]
        assert "effect" in schema["properties"]

    def test_a_remedy_is_simulated_first(self, viewer, worked_out):
        serialized = viewer.get(f"{URL}/guardrails/no-iam-users/remedy").json()
        assert [one["kind"] for one in serialized["operations"]] == [
            "create_policy",
            "attach_policy",
        ]
        assert serialized["operations"][1]["target_id"] == "r-ab12"
        assert serialized["before"]["fails"] > serialized["after"]["fails"] == 1
        state = viewer.get(f"{URL}/guardrails/guardduty-is-on/remedy").json()
        assert (state["operations"], bool(state["problem"])) == ([], True)


class TestWriting:
    def test_tries_without_storing_then_writes_and_switches(self, security, acme):
        tried = post(security, "/guardrails/try", {"content": OWN}).json()
        assert tried["accounts"] == 2
        assert not GuardrailResult.objects.exists()
        made = post(security, "/guardrails", {"content": OWN, "reason": "Agreed."})
        assert (made.status_code, made.json()["version"]) == (201, 1)
        read = security.get(made.json()["url"])
        body = {"enabled": False, "reason": "Not now."}
        assert security.patch(made.json()["url"], body, format="json").status_code == 428
        switched = security.patch(
            made.json()["url"], body, format="json", headers={"If-Match": read.headers["ETag"]}
        )
        assert (switched.status_code, switched.json()["enabled"]) == (200, False)
        versions = security.get(f"{URL}/guardrails/no-buckets/versions").json()["results"]
        assert [one["version"] for one in versions] == [2, 1]

    def test_a_faulty_file_is_refused_by_line(self, security, acme):
        body = {"content": OWN.replace("s3:CreateBucket]", "s3:CreateBuckt]"), "reason": "x"}
        answer = post(security, "/guardrails", body)
        assert answer.status_code in (400, 422)
        (error,) = answer.json()["errors"]
        assert error["detail"].startswith("line 9: effect.actions.0:")
        assert error["detail"].endswith("did you mean s3:CreateBucket?")

    def test_a_viewer_may_try_but_not_write(self, viewer, acme):
        assert post(viewer, "/guardrails/try", {"content": OWN}).status_code == 200
        assert post(viewer, "/guardrails", {"content": OWN, "reason": "x"}).status_code == 403


class TestExceptions:
    def given(self, **members):
        until = (timezone.now() + timedelta(days=30)).date().isoformat()
        return {
            "guardrail_id": "no-iam-users",
            "kind": "waiver",
            "targets": [TEST],
            "reason": "The test tool signs in with a user.",
            "until": until,
            **members,
        }

    def test_is_asked_for_submitted_and_approved_by_an_owner(self, author, worked_out):
        ben = person("approver", username="ben")
        OwnershipFactory.create(
            connection=worked_out.connection, target_id=TEST, user=ben, confirmed_at=LONG_AGO
        )
        made = post(author, "/exceptions", self.given(), **{"Idempotency-Key": "once"})
        assert made.status_code == 201
        assert made.json()["proof"]["failing"] == 1
        path = f"/exceptions/{made.json()['number']}"
        assert post(author, f"{path}/submit").json()["waiting_for"] == ["ben"]
        owner = APIClient()
        owner.force_login(ben)
        prove(owner)
        review = {"verdict": "approve", "digest": made.json()["digest"]}
        assert post(owner, f"{path}/reviews", review).status_code == 201
        serialized = author.get(f"{URL}{path}").json()
        assert (serialized["state"], serialized["accounts"]) == ("active", [PAYMENTS_TEST])
        results = author.get(f"{URL}/guardrails/no-iam-users/results?under={TEST}").json()
        assert results["results"][0]["excepted_by"] == made.json()["number"]
        assert post(author, f"{path}/end", {"reason": "Done."}).json()["state"] == "ended"

    def test_names_each_member_that_is_wrong(self, author, acme):
        answer = post(author, "/exceptions", self.given(kind="mitigated", targets=["x"]))
        pointers = {one["pointer"] for one in answer.json()["errors"]}
        assert pointers == {"#/mitigation", "#/targets"}

    def test_edits_against_an_etag_and_lists(self, author, viewer, acme):
        guardrail_exception(
            acme.connection,
            person("author"),
            until=(timezone.now() + timedelta(days=9)).date(),
        )
        read = author.get(f"{URL}/exceptions/1")
        edited = author.patch(
            f"{URL}/exceptions/1",
            {"reason": "Another reason."},
            format="json",
            headers={"If-Match": read.headers["ETag"]},
        )
        assert (edited.status_code, edited.json()["version"]) == (200, 2)
        listed = viewer.get(f"{URL}/exceptions?state=draft&q=another").json()["results"]
        assert [one["number"] for one in listed] == [1]
        assert viewer.get(f"{URL}/exceptions?never_used=true").json()["results"] == []
        assert post(author, "/exceptions/1/withdraw").json()["state"] == "withdrawn"
