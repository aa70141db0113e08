"""Runs that are started over the API."""

import pytest
from rest_framework.test import APIClient

from governance.collection.runs import run_start
from inventory.models import InventoryRun
from inventory.runs import dispatch
from tests.factories.people import person
from tests.factories.runs import DeniedCoverageFactory, InventoryRunFactory, TaskFactory
from tests.governance.api.addresses import endpoints

RUNS = "/api/v1/organizations/acme/inventory-runs"


@pytest.fixture
def sent(monkeypatch):
    """Ids of the runs that were queued."""
    ids: list[int] = []
    monkeypatch.setattr(dispatch, "send_start", ids.append)
    return ids


@pytest.fixture
def security(db):
    """A client signed in as somebody who may start runs."""
    client = APIClient()
    client.force_login(person("security", username="sam"))
    return client


@pytest.fixture
def run_now(acme, sent, django_capture_on_commit_callbacks):
    """Do something whose work is queued on commit."""

    def do(call):
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return do


class TestCancel:
    def test_ends_a_run_that_goes_on(self, security, run_now, sent):
        run = run_now(lambda: security.post(RUNS)).json()
        answer = security.post(f"{RUNS}/{run['id']}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        assert answer.json()["error"] == "cancelled by sam"
        assert answer.json()["finished_at"] is not None

    def test_is_a_conflict_where_it_has_ended(self, security, acme):
        answer = security.post(f"{RUNS}/{acme.run.pk}/cancel")
        assert answer.status_code == 409
        assert "it is complete" in answer.json()["detail"]


class TestStart:
    def test_answers_202_with_the_address_of_a_queued_run(self, security, run_now, sent):
        answer = run_now(lambda: security.post(RUNS))
        assert answer.status_code == 202
        run = InventoryRun.objects.get(state="queued")
        assert answer.headers["Location"] == f"http://testserver{RUNS}/{run.pk}"
        assert answer.json()["trigger"] == "api"
        assert answer.json()["requested_by"] == "sam"
        assert sent == [run.pk]
        assert security.get(answer.headers["Location"]).json()["state"] == "queued"

    def test_is_refused_while_a_run_goes_on_and_names_it(self, security, run_now, sent):
        first = run_now(lambda: security.post(RUNS))
        answer = run_now(lambda: security.post(RUNS))
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:orgwarden:problem:run-already-active"
        assert answer.json()["run"] == first.headers["Location"]
        assert len(sent) == 1

    def test_is_refused_when_the_connection_is_off(self, security, acme, run_now, sent):
        acme.connection.enabled = False
        acme.connection.save()
        answer = run_now(lambda: security.post(RUNS))
        assert answer.status_code == 409
        assert "switch it on" in answer.json()["detail"]
        assert sent == []

    def test_refuses_a_body_it_would_pass_over(self, security, acme):
        answer = security.post(RUNS, {"account_ids": ["1"]}, format="json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "#/account_ids"

    def test_refuses_what_is_no_json(self, security, acme):
        answer = security.post(RUNS, "{", content_type="application/json")
        assert answer.json()["type"] == "urn:orgwarden:problem:malformed"
        answer = security.post(RUNS, "a=1", content_type="text/plain")
        assert answer.status_code == 415


class TestIdempotencyKey:
    def test_gives_the_first_answer_again_and_starts_one_run(self, security, run_now, sent):
        headers = {"Idempotency-Key": "nightly-1"}
        first = run_now(lambda: security.post(RUNS, headers=headers))
        again = run_now(lambda: security.post(RUNS, headers=headers))
        assert again.status_code == 202
        assert again.json() == first.json()
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert "Idempotency-Replayed" not in first.headers
        assert len(sent) == 1

    def test_is_refused_for_another_request(self, security, run_now):
        headers = {"Idempotency-Key": "nightly-1"}
        run_now(lambda: security.post(RUNS, headers=headers))
        address = "/api/v1/organizations/acme/accounts/222222222222/refresh"
        answer = run_now(lambda: security.post(address, headers=headers))
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:orgwarden:problem:idempotency-key-reused"

    def test_is_free_again_after_a_refusal(self, security, acme, run_now):
        headers = {"Idempotency-Key": "nightly-1"}
        active = InventoryRunFactory.create(connection=acme.connection, state="running")
        assert run_now(lambda: security.post(RUNS, headers=headers)).status_code == 409
        active.state = "complete"
        active.save()
        assert run_now(lambda: security.post(RUNS, headers=headers)).status_code == 202

    def test_of_another_person_is_another_key(self, security, acme, run_now):
        headers = {"Idempotency-Key": "nightly-1"}
        run_now(lambda: security.post(RUNS, headers=headers))
        other = APIClient()
        other.force_login(person("author"))
        assert run_now(lambda: other.post(RUNS, headers=headers)).status_code == 409

    def test_must_not_be_empty_or_endless(self, security, acme):
        for key in (" ", "x" * 256):
            answer = security.post(RUNS, headers={"Idempotency-Key": key})
            assert answer.status_code == 400

    def test_is_honoured_by_every_post(self):
        posts = [view for _, view in endpoints() if "POST" in view.rights]
        assert len(posts) > 9
        for view in posts:
            assert view.post.__wrapped__.__name__ == "post", view

    def test_under_way_is_refused_to_a_second_request_of_the_same_time(
        self, security, acme, run_now, monkeypatch
    ):
        headers = {"Idempotency-Key": "nightly-1"}
        second = []

        def start(**given):
            # While this one goes on, its repetition arrives.
            second.append(security.post(RUNS, headers=headers))
            return run_start(**given)

        monkeypatch.setattr("governance.api.starting.run_start", start)
        first = run_now(lambda: security.post(RUNS, headers=headers))
        assert first.status_code == 202
        (answer,) = second
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:orgwarden:problem:repeated-too-soon"
        assert InventoryRun.objects.filter(state="queued").count() == 1

    def test_replays_times_in_the_form_that_they_were_first_sent_in(self, security, acme):
        address = "/api/v1/organizations/acme/snapshots/2026-11-01T08:00:00Z/diff/now/effect"
        headers = {"Idempotency-Key": "effect-1"}
        first = security.post(address, headers=headers)
        again = security.post(address, headers=headers)
        assert first.status_code == 200
        assert again.content == first.content


class TestRetry:
    def test_reads_the_failed_accounts_again(self, security, acme, run_now):
        for account_id in ("222222222222", "222222222223"):
            DeniedCoverageFactory.create(run=acme.run, account_id=account_id)
        answer = run_now(lambda: security.post(f"{RUNS}/{acme.run.pk}/retry"))
        assert answer.status_code == 202
        assert answer.json()["trigger"] == "retry"
        assert answer.json()["account_ids"] == ["222222222222", "222222222223"]

    def test_is_refused_where_nothing_failed(self, security, acme, run_now):
        answer = run_now(lambda: security.post(f"{RUNS}/{acme.run.pk}/retry"))
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:orgwarden:problem:conflict"

    def test_of_another_organizations_run_is_not_found(self, security, acme, run_now):
        other = TaskFactory.create(state="failed").run
        answer = run_now(lambda: security.post(f"{RUNS}/{other.pk}/retry"))
        assert answer.status_code == 404


class TestRefresh:
    def test_reads_one_account(self, security, run_now):
        address = "/api/v1/organizations/acme/accounts/222222222222/refresh"
        answer = run_now(lambda: security.post(address))
        assert answer.status_code == 202
        assert answer.json()["account_ids"] == ["222222222222"]

    def test_is_refused_for_a_suspended_account(self, security, run_now):
        address = "/api/v1/organizations/acme/accounts/444444444441/refresh"
        assert run_now(lambda: security.post(address)).status_code == 409
