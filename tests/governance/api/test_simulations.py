"""Simulations over the API: answered at once, or queued with an address."""

import uuid

import pytest

from governance.simulations import dispatch, tasks
from governance.simulations.models import SimulationJob
from tests.factories.policies import denying

SIMULATIONS = "/api/v1/organizations/acme/simulations"
EDIT = {
    "kind": "update_policy",
    "policy_id": "p-regio001",
    "text": denying("ec2:*", "rds:*", "s3:DeleteBucket"),
}


@pytest.fixture
def sent(monkeypatch):
    """The ids of jobs that were sent to the queue."""
    found: list[uuid.UUID] = []
    monkeypatch.setattr(dispatch, "send_simulation", found.append)
    return found


@pytest.fixture
def ask(viewer, acme, sent, django_capture_on_commit_callbacks):
    """Post a body as a viewer."""

    def post(body, **headers):
        with django_capture_on_commit_callbacks(execute=True):
            return viewer.post(SIMULATIONS, body, format="json", headers=headers)

    return post


class TestAtOnce:
    def test_tells_differences_with_witness_and_accounts(self, ask, sent):
        answer = ask({"operations": [EDIT]})
        assert answer.status_code == 200
        told = answer.json()
        assert (told["state"], told["id"], told["url"]) == ("complete", None, None)
        result = told["result"]
        said = "Nobody can call s3:DeleteBucket any more in 3 accounts of 2 OUs."
        assert result["headline"] == said
        assert result["affected_accounts"] == 3
        assert result["newly_denied"] == 1
        (difference,) = result["differences"]
        assert difference["actions"] == ["s3:DeleteBucket"]
        assert difference["when"] == "always"
        (group,) = difference["account_groups"]
        assert sorted(result["account_groups"][group]) == [
            "222222222222",
            "222222222223",
            "222222222224",
        ]
        witness = difference["witness"]
        assert (witness["before"], witness["after"]) == ("allowed", "denied")
        assert witness["denied_by"] == {
            "target_id": "ou-ab12-work0001",
            "policy_id": "p-regio001",
            "statement": 1,
            "sid": None,
        }
        assert {check["code"] for check in result["checks"]} == {"size"}
        assert sent == []

    def test_tells_whole_services_by_one_word(self, ask):
        answer = ask({"operations": [{"kind": "delete_policy", "policy_id": "p-regio001"}]})
        actions = [found["actions"] for found in answer.json()["result"]["differences"]]
        assert ["ec2:*", "rds:*", "actions not in the catalogue"] in actions

    def test_tells_what_is_unknown(self, ask):
        answer = ask({"operations": [{**EDIT, "text": "{"}]})
        (unknown,) = answer.json()["result"]["unknown"]
        assert unknown["reason"] == "the text of deny-regions cannot be read"
        assert len(unknown["account_ids"]) == 3

    def test_is_on_the_organization_as_it_was(self, ask):
        answer = ask({"operations": [EDIT], "as_of": "2001-01-01"})
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:orgwarden:problem:time-not-known"
        assert answer.json()["first_run_at"]


WRONG = [
    ([], "#", "give an object"),
    ({}, "#/operations", "give a list"),
    ({"operations": []}, "#/operations", "at least one"),
    ({"operations": [EDIT], "force": True}, "#/force", "no such member"),
    ({"operations": [EDIT], "as_of": "yesterday"}, "#/as_of", "is not a time"),
    ({"operations": [EDIT, {"kind": "fly"}]}, "#/operations/1/kind", "give one of"),
    (
        {"operations": [{**EDIT, "policy_id": "p-missing1"}]},
        "#/operations/0",
        "there is no policy p-missing1",
    ),
]


class TestWhatIsWrong:
    @pytest.mark.parametrize(("body", "pointer", "words"), WRONG)
    def test_is_told_by_its_place(self, ask, body, pointer, words):
        answer = ask(body)
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert words in error["detail"]


class TestQueued:
    def test_answers_202_with_the_address_where_the_result_will_be(self, ask, sent, viewer):
        answer = ask({"operations": [EDIT]}, Prefer="respond-async")
        assert answer.status_code == 202
        address = answer.headers["Location"]
        assert answer.json()["state"] == "queued"
        assert [str(job_id) for job_id in sent] == [address.rpartition("/")[2]]
        waiting = viewer.get(address)
        assert (waiting.json()["result"], waiting.headers["Retry-After"]) == (None, "1")
        tasks.run_simulation_task(job_id=str(sent[0]))
        done = viewer.get(address)
        assert done.json()["state"] == "complete"
        assert done.json()["result"]["newly_denied"] == 1
        assert viewer.get(f"{address}?fields=state").json() == {"state": "complete"}
        assert viewer.get(address, headers={"If-None-Match": done.headers["ETag"]}).status_code == (
            304
        )

    def test_is_done_for_many_accounts(self, ask, settings):
        settings.SIMULATION_AT_ONCE_ACCOUNTS = 2
        assert ask({"operations": [EDIT]}).status_code == 202

    def test_is_asked_for_once_with_a_key(self, ask, sent):
        headers = {"Idempotency-Key": "nightly", "Prefer": "respond-async"}
        first = ask({"operations": [EDIT]}, **headers)
        again = ask({"operations": [EDIT]}, **headers)
        assert again.headers["Location"] == first.headers["Location"]
        assert SimulationJob.objects.count() == len(sent) == 1

    def test_has_no_address_for_what_is_not_there(self, viewer, acme):
        answer = viewer.get(f"{SIMULATIONS}/{uuid.uuid4()}")
        assert answer.status_code == 404
