"""What one policy does, over the API: lint, reach, statements, versions."""

import json
from functools import partial

import pytest
from rest_framework.test import APIClient

from governance.access import rights
from governance.simulations import jobs
from governance.simulations.models import SimulationJob
from tests.factories.edits import NOW
from tests.factories.people import person, token_of
from tests.factories.policies import (
    attached_policy,
    content,
    denying,
)
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import changed

POLICIES = "/api/v1/organizations/acme/policies"
TEST = "ou-ab12-test0001"


@pytest.fixture
def attach(acme):
    """Return a function that stores a policy and attaches it."""
    return partial(attached_policy, acme.connection)


@pytest.fixture
def ask(viewer):
    """Return a function that asks about a policy and returns the decoded answer."""

    def ask(policy, path, status=200, **query):
        answer = viewer.get(f"{POLICIES}/{policy.policy_id}/{path}", query)
        assert answer.status_code == status, answer.json()
        return answer.json()

    return ask


def second(policy, text):
    return changed(policy, at=SECOND_RUN_AT, content=content(text))


class TestLint:
    def test_places_findings_in_the_text_as_aws_returned_it(self, ask, attach):
        policy = attach(json.dumps(json.loads(denying("s3:Nonsense")), indent=1), TEST)
        told = ask(policy, "lint")
        (finding,) = [one for one in told["findings"] if "s3:Nonsense" in one["message"]]
        assert finding["severity"] == "warning"
        assert finding["path"] == "Statement[0].Action"
        assert (finding["line"], finding["statement"]) == (6, 1)
        assert told["is_readable"] is True
        assert told["unknown_accounts"] == 0
        assert told["size_limit"] == 10240

    def test_counts_the_accounts_whose_ceiling_it_makes_unknown(self, ask, attach):
        told = ask(attach("{", "ou-ab12-prod0001"), "lint")
        assert told["is_readable"] is False
        assert told["unknown_accounts"] == 2
        assert told["findings"][0]["severity"] == "error"

    def test_of_a_type_newer_than_the_checks_is_null(self, ask, attach):
        told = ask(attach("{}", TEST, type="WHATEVER_POLICY"), "lint")
        assert (told["checked"], told["is_readable"], told["findings"]) == (False, None, None)

    def test_is_not_found_for_a_policy_that_is_not_there(self, viewer, acme):
        assert viewer.get(f"{POLICIES}/p-nothere1/lint").status_code == 404


class TestAccounts:
    def test_tell_the_way_and_the_effect(self, ask, acme):
        told = ask(acme.policies["deny-leaving"], "accounts", limit=2, ordering="-bound")
        (first, _) = told["results"]
        assert first["account_id"] == "111111111111"
        assert first["bound"] == "management_account"
        assert first["via"] == [{"target_id": "r-ab12", "target_type": "ROOT", "name": "Root"}]
        assert told["next"]

    def test_are_filtered(self, ask, acme):
        told = ask(acme.policies["deny-leaving"], "accounts", via=TEST, bound="bound")
        assert [row["name"] for row in told["results"]] == ["payments-test"]


class TestStatements:
    def test_tell_why_they_have_no_effect(self, ask, attach):
        text = denying("organizations:LeaveOrganization")
        told = ask(attach(text, TEST), "statements")
        (row,) = told["results"]
        assert row["state"] == "no_effect"
        assert (row["accounts"], row["reached"]) == (0, 1)
        (reason,) = row["reasons"]
        assert reason["why"] == "covered"
        assert reason["target_ids"] == [TEST]
        assert (reason["by_policy_id"], reason["by_statement"]) == ("p-leave001", 1)

    def test_end_a_page_when_its_time_is_over(self, viewer, attach, monkeypatch):
        monkeypatch.setattr("governance.api.policy_effects.SECONDS_A_PAGE", -1.0)
        statements = [
            {"Sid": f"S{n}", "Effect": "Deny", "Action": f"s3:Get{n}*", "Resource": "*"}
            for n in range(3)
        ]
        policy = attach(json.dumps({"Version": "2012-10-17", "Statement": statements}), TEST)
        for ordering, sids in (("number", ["S0", "S1", "S2"]), ("-number", ["S2", "S1", "S0"])):
            found, address = [], f"{POLICIES}/{policy.policy_id}/statements?ordering={ordering}"
            while address:
                told = viewer.get(address).json()
                assert len(told["results"]) == 1
                found += [row["sid"] for row in told["results"]]
                address = told["next"]
            assert found == sids

    def test_are_none_of_settings(self, ask, acme):
        told = ask(acme.policies["tags-of-cost"], "statements", status=404)
        assert "holds settings, no statements" in told["detail"]

    def test_are_not_known_of_what_cannot_be_read(self, ask, attach):
        told = ask(attach("{", TEST), "statements", status=404)
        assert "is not known" in told["detail"]


class TestVersions:
    def test_are_numbered_from_the_oldest(self, ask, attach):
        policy = attach(denying("s3:*"), TEST)
        second(policy, denying("sqs:*"))
        assert [row["number"] for row in ask(policy, "versions")["results"]] == [2, 1]

    def test_are_compared_by_text_and_by_meaning(self, ask, attach):
        policy = attach(denying("s3:GetObject"), TEST)
        second(policy, denying("s3:*"))
        told = ask(policy, "versions/1/diff/2")
        assert '+        "s3:*"' in told["text"]
        assert told["meaning"] == "differs"
        (found,) = [one for one in told["differences"] if one["actions_total"]]
        assert found["verdict"] == "newly_denied"
        assert found["where"] == ["any account"]
        assert found["witness"]["before"] == "allowed"
        assert told["settings"] is None

    def test_that_mean_the_same_are_said_to(self, ask, attach):
        policy = attach(denying("s3:*", "sqs:*"), TEST)
        second(policy, denying("sqs:*", "s3:*"))
        told = ask(policy, "versions/2/diff/1")
        assert (told["meaning"], told["differences"]) == ("same", [])

    def test_that_cannot_be_read_have_no_differences_rather_than_none(self, ask, attach):
        policy = attach(denying("s3:*"), TEST)
        second(policy, "{")
        told = ask(policy, "versions/1/diff/2")
        assert (told["meaning"], told["differences"]) == ("unreadable", None)

    def test_of_settings_tell_each_that_differs(self, ask, acme):
        policy = acme.policies["tags-of-cost"]
        second(policy, '{"tags": {"cost": {"tag_value": {"@@assign": ["a"]}}}}')
        told = ask(policy, "versions/1/diff/2")
        assert told["meaning"] == "differs"
        assert told["settings"] == [
            {
                "path": ["tags", "cost", "tag_value", "@@assign"],
                "before": None,
                "after": ["a"],
            }
        ]

    def test_that_were_never_seen_are_not_found(self, ask, acme):
        told = ask(acme.policies["deny-regions"], "versions/1/diff/7", status=404)
        assert "version 7" in told["detail"]


class TestVersionsInPlace:
    def post(self, client, policy, body=None, **headers):
        address = f"{POLICIES}/{policy.policy_id}/versions/1/diff/2"
        return client.post(address, body or {}, format="json", headers=headers)

    def test_are_answered_at_once_where_that_is_quick(self, viewer, attach, acme):
        policy = attach(denying("s3:GetObject"), TEST)
        second(policy, denying("s3:*"))
        answer = self.post(viewer, policy)
        assert answer.status_code == 200
        told = answer.json()
        assert told["state"] == "complete"
        assert told["result"]["account_groups"] == [[acme.accounts["payments-test"].account_id]]

    def test_are_queued_where_many_accounts_are_bound(
        self, viewer, attach, settings, django_capture_on_commit_callbacks
    ):
        settings.SIMULATION_AT_ONCE_ACCOUNTS = 0
        policy = attach(denying("s3:GetObject"), TEST)
        second(policy, denying("s3:*"))
        answer = self.post(viewer, policy)
        assert answer.status_code == 202
        job = SimulationJob.objects.get(pk=answer.json()["id"])
        assert answer.headers["Location"].endswith(f"/simulations/{job.pk}")
        jobs.simulation_run(job_id=job.pk, clock=lambda: NOW)
        told = viewer.get(answer.headers["Location"]).json()
        assert told["state"] == "complete"
        assert told["result"]["newly_denied"] >= 1
        assert told["result"]["affected_accounts"] == 1

    def test_are_hidden_by_what_denies_it_already(self, viewer, attach):
        policy = attach(denying("ec2:RunInstances"), TEST)
        second(policy, denying("ec2:*"))
        result = self.post(viewer, policy).json()["result"]
        assert (result["differences_total"], result["unknown"]) == (0, [])

    def test_are_of_a_time_when_the_policy_was_there(self, viewer, attach):
        policy = attach(denying("s3:GetObject"), TEST, seen_from=SECOND_RUN_AT)
        changed(policy, at=SECOND_RUN_AT.replace(hour=12), content=content(denying("s3:*")))
        answer = self.post(viewer, policy, {"as_of": "2026-11-01T08:30:00Z"})
        assert answer.status_code == 400
        assert "there is no policy" in answer.json()["errors"][0]["detail"]

    def test_refuse_settings_and_members_they_do_not_know(self, viewer, acme):
        policy = acme.policies["tags-of-cost"]
        second(policy, '{"tags": {}}')
        assert self.post(viewer, policy).status_code == 400
        assert self.post(viewer, policy, {"when": "now"}).status_code == 400

    def test_need_the_right_to_simulate(self, attach, acme):
        _, token = token_of(person("viewer"), rights.VIEW_INVENTORY)
        policy = attach(denying("s3:GetObject"), TEST)
        second(policy, denying("s3:*"))
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert self.post(client, policy).status_code == 403
