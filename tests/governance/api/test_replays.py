"""Replays of usage over the API: answered at once, or queued with an address."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.simulations import dispatch, tasks
from tests.factories.edits import LOG_ARCHIVE, MANAGEMENT, PAYMENTS, PAYMENTS_TEST, WEBSITE
from tests.factories.logs import stored_usage
from tests.factories.policies import denying
from tests.factories.usage import log_days, log_source, used

REPLAYS = "/api/v1/organizations/acme/replays"
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
            return viewer.post(REPLAYS, body, format="json", headers=headers)

    return post


@pytest.fixture
def usage(acme):
    """Usage of yesterday, with the logs of a week."""
    now = timezone.now()
    source = log_source(acme.connection, listed_at=now)
    accounts = (MANAGEMENT, PAYMENTS, WEBSITE, PAYMENTS_TEST, LOG_ARCHIVE)
    log_days(source, accounts, until=now.date(), days=7)
    yesterday = now - timedelta(days=1)
    stored_usage(
        acme.connection,
        used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=3, denied=1, at=yesterday),
        used("s3:GetObject", account_id=PAYMENTS_TEST, count=97, at=yesterday),
    )


def test_without_logs_nothing_is_known_and_counts_are_null(ask):
    answer = ask({"operations": [EDIT]})
    assert answer.status_code == 200
    result = answer.json()["result"]
    assert (result["state"], result["denies"]) == ("no_source", "not_known")
    assert result["calls"] is None
    assert result["revoked"] is None
    assert result["days"] == 90


def test_tells_which_calls_would_have_been_denied(ask, usage):
    result = ask({"operations": [EDIT], "days": 7}).json()["result"]
    assert (result["state"], result["denies"]) == ("complete", "yes")
    assert (result["calls"], result["newly_denied"]) == (100, 2)
    assert result["revoked"] == {"calls": 3, "denied": 1}
    (group,) = result["groups"]
    assert (group["effect"], group["action"]) == ("revoked", "s3:DeleteBucket")
    assert group["principal"] == f"arn:aws:iam::{PAYMENTS_TEST}:role/Deploy"


def test_many_uses_become_a_job_of_its_own_kind(ask, usage, sent, viewer, settings):
    settings.USAGE_REPLAY_AT_ONCE = 0
    answer = ask({"operations": [EDIT], "days": 7})
    assert answer.status_code == 202
    tasks.run_simulation_task(job_id=str(sent[0]))
    kept = viewer.get(answer.headers["Location"]).json()
    assert kept["state"] == "complete"
    assert kept["result"]["newly_denied"] == 2
    assert viewer.get(f"/api/v1/organizations/acme/simulations/{sent[0]}").status_code == 404


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"operations": [EDIT], "days": 0}, "days"),
        ({"operations": [EDIT], "days": "7"}, "days"),
        ({"operations": [EDIT], "day": 7}, "day"),
        ({"operations": []}, "operations"),
    ],
)
def test_says_which_member_of_a_body_is_wrong(ask, body, member):
    answer = ask(body)
    assert answer.status_code == 400
    assert member in answer.content.decode()
