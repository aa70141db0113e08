"""Answers to questions say which collectors did not read what they rest on."""

from uuid import UUID

import pytest

from governance.simulations import dispatch, tasks
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Coverage, InventoryRun
from tests.factories.policies import denying
from tests.factories.runs import CoverageFactory

ADDRESS = "/api/v1/organizations/acme"
SCPS = "organizations.policies.SERVICE_CONTROL_POLICY"
EDIT = {"kind": "update_policy", "policy_id": "p-regio001", "text": denying("s3:DeleteBucket")}
WHO_CAN = {"action": "s3:DeleteBucket"}


@pytest.fixture
def policies_denied(acme):
    """AWS refused to list the SCPs in the last run, and all else was read."""
    run = InventoryRun.objects.filter(connection=acme.connection).latest("pk")
    for collector in registry.collectors(Reader.ORGANIZATION):
        denied = collector.name == SCPS
        CoverageFactory.create(
            run=run,
            account_id="",
            collector=collector.name,
            state=Coverage.State.DENIED if denied else Coverage.State.COMPLETE,
            message="ListPolicies was denied" if denied else "",
        )


@pytest.fixture
def ask(viewer, monkeypatch, django_capture_on_commit_callbacks):
    """Post a question."""

    def post(path, body, **headers):
        with django_capture_on_commit_callbacks(execute=True):
            answer = viewer.post(f"{ADDRESS}/{path}", body, format="json", headers=headers)
        assert answer.status_code in (200, 202), answer.content
        return answer

    return post


def unread(answer):
    return {(one["collector"], one["state"]) for one in answer.json()["freshness"]["unread"]}


@pytest.mark.usefixtures("policies_denied")
@pytest.mark.parametrize(
    ("path", "body"),
    [("simulations", {"operations": [EDIT]}), ("replays", {"operations": [EDIT], "days": 7}),
     ("who-can", WHO_CAN)],
)  # fmt: skip
def test_an_answer_at_once_names_the_policies_that_were_denied(ask, path, body):
    answer = ask(path, body)
    assert (SCPS, "denied") in unread(answer)
    assert answer.json()["freshness"]["state"] != "fresh"


@pytest.mark.usefixtures("policies_denied")
def test_the_result_of_a_job_names_what_was_denied_when_it_was_found(ask, viewer, monkeypatch):
    sent: list[UUID] = []
    monkeypatch.setattr(dispatch, "send_simulation", sent.append)
    queued = ask("simulations", {"operations": [EDIT]}, Prefer="respond-async")
    assert (SCPS, "denied") in unread(queued)
    tasks.run_simulation_task(job_id=str(sent[0]))
    done = viewer.get(queued.headers["Location"])
    assert done.json()["state"] == "complete"
    assert (SCPS, "denied") in unread(done)
