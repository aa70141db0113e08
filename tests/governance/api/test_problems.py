"""Everything that goes wrong is a problem detail."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from governance.api import accounts
from governance.api.parts.throttling import RequestThrottle
from tests.factories.people import person

MEDIA_TYPE = "application/problem+json"
ACCOUNTS = "/api/v1/organizations/acme/accounts"
EXPLAIN = "/api/v1/organizations/acme/explain"


def assert_problem(answer, status, name):
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    told = answer.json()
    assert told["type"] == f"urn:orgwarden:problem:{name}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    return told


class TestProblems:
    def test_unknown_address(self, viewer):
        told = assert_problem(viewer.get("/api/v1/nowhere"), 404, "not-found")
        assert told["instance"] == "/api/v1/nowhere"

    def test_unknown_address_with_any_method(self, viewer):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert_problem(viewer.generic(method, "/api/nowhere"), 404, "not-found")

    def test_unknown_organization(self, viewer, acme):
        told = assert_problem(viewer.get("/api/v1/organizations/other/accounts"), 404, "not-found")
        assert "'other'" in told["detail"]

    def test_unknown_account(self, viewer, acme):
        told = assert_problem(viewer.get(f"{ACCOUNTS}/999999999999"), 404, "not-found")
        assert told["detail"] == "acme has no account 999999999999"

    def test_wrong_method(self, viewer, acme):
        answer = viewer.delete(ACCOUNTS)
        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"].startswith("GET")

    def test_method_that_no_address_has(self, viewer, acme):
        for method in ("TRACE", "OPTIONS", "PURGE"):
            for address in (ACCOUNTS, f"{ACCOUNTS}?limit=1"):
                answer = viewer.generic(method, address)
                told = assert_problem(answer, 405, "method-not-allowed")
                assert method in told["detail"]
                assert answer.headers["Allow"] == "GET, HEAD"

    def test_method_at_an_unknown_address(self, viewer):
        for method in ("TRACE", "OPTIONS", "PURGE"):
            assert_problem(viewer.generic(method, "/api/v1/nowhere"), 404, "not-found")

    def test_body_that_is_no_json(self, viewer, acme):
        answer = viewer.post(EXPLAIN, "text=x", content_type="text/plain")
        assert_problem(answer, 415, "unsupported-media-type")

    def test_body_that_is_too_large(self, viewer, acme, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        fits = viewer.post(EXPLAIN, {"text": "x" * 900}, format="json")
        assert fits.status_code == 400
        answer = viewer.post(EXPLAIN, {"text": "x" * 1000}, format="json")
        assert_problem(answer, 413, "too-large")

    def test_form_that_is_too_large(self, acme, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(person("viewer"))
        client.cookies["csrftoken"] = "x" * 32
        form = "application/x-www-form-urlencoded"
        answer = client.generic("POST", EXPLAIN, "text=" + "x" * 1000, content_type=form)
        assert_problem(answer, 413, "too-large")

    def test_other_format_than_json(self, viewer, acme):
        assert_problem(viewer.get(ACCOUNTS, headers={"Accept": "text/csv"}), 406, "not-acceptable")

    def test_parameter_that_the_address_does_not_know(self, viewer, acme):
        told = assert_problem(viewer.get(f"{ACCOUNTS}?stat=ACTIVE"), 400, "invalid")
        assert told["errors"][0]["parameter"] == "stat"
        assert "state" in told["errors"][0]["detail"]

    def test_value_that_a_filter_does_not_know(self, viewer, acme):
        told = assert_problem(viewer.get(f"{ACCOUNTS}?state=GONE"), 400, "invalid")
        assert told["errors"][0]["parameter"] == "state"

    def test_field_that_the_answer_does_not_have(self, viewer, acme):
        told = assert_problem(viewer.get(f"{ACCOUNTS}?fields=name,nmae"), 400, "invalid")
        assert "nmae" in told["errors"][0]["detail"]

    def test_failure_of_ours(self, viewer, acme, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError("a fault")

        monkeypatch.setattr(accounts, "accounts", fail)
        client = APIClient(raise_request_exception=False)
        client.force_login(person("viewer"))
        told = assert_problem(client.get(ACCOUNTS), 500, "server-error")
        assert "a fault" not in told["detail"]

    def test_host_that_is_not_ours(self, settings):
        settings.ALLOWED_HOSTS = ["orgwarden.example"]
        assert_problem(Client().get("/api/v1/organizations"), 400, "invalid")


class TestTooManyRequests:
    def test_ends_in_a_problem_that_says_how_long_to_wait(
        self, viewer, acme, settings, stopped_clock
    ):
        settings.API_READS_A_MINUTE = 3
        for _ in range(3):
            assert viewer.get(ACCOUNTS).status_code == 200
        answer = viewer.get(ACCOUNTS)
        told = assert_problem(answer, 429, "throttled")
        assert answer.headers["Retry-After"] == "40"
        assert told["retry_after_seconds"] == 40

    def test_ends_with_the_minute(self, viewer, acme, settings, stopped_clock):
        settings.API_READS_A_MINUTE = 1
        assert viewer.get(ACCOUNTS).status_code == 200
        assert viewer.get(ACCOUNTS).status_code == 429
        stopped_clock.now += 40
        assert viewer.get(ACCOUNTS).status_code == 200

    def test_counts_each_person_apart(self, viewer, acme, settings, stopped_clock):
        settings.API_READS_A_MINUTE = 1
        assert viewer.get(ACCOUNTS).status_code == 200
        other = APIClient()
        other.force_login(person("viewer"))
        assert other.get(ACCOUNTS).status_code == 200


@pytest.fixture
def stopped_clock(monkeypatch):
    """The throttle's clock, stopped 20 seconds into a minute."""

    class Stopped:
        now = 1_800_000_020.0

    assert Stopped.now % 60 == 20
    monkeypatch.setattr(RequestThrottle, "clock", lambda self: Stopped.now)
    return Stopped
