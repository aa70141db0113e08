"""What no request may hold: the character NUL, and bodies nested without end."""

import json

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
API = "/api/v1/organizations/acme"


@pytest.fixture
def acme():
    made = organization_snapshot()
    made.connection.slug = "acme"
    made.connection.save()
    return made


@pytest.fixture
def security(client):
    client.force_login(person("security"))
    return client


class TestNul:
    @pytest.mark.parametrize(
        "address",
        [
            "/o/ac%00me/policies/",
            "/o/acme/policies/p-%00/",
            "/o/acme/policies/?q=a%00b",
            "/o/acme/policies/?%00=1",
            "/sign-in/?next=%00",
        ],
    )
    def test_in_the_address_of_a_page_is_a_bad_request(self, security, acme, address):
        answer = security.get(address)
        assert answer.status_code == 400
        assert "NUL" in answer.content.decode()

    @pytest.mark.parametrize("path", ["policies/p-%00", "policies?q=a%00b", "accounts/%00"])
    def test_in_an_address_of_the_api_is_a_problem(self, security, acme, path):
        answer = security.get(f"{API}/{path}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            400,
            "application/problem+json",
        )

    def test_in_a_form_is_a_bad_request(self, security, acme):
        answer = security.post("/o/acme/why-denied/", {"message": "a\0b"})
        assert answer.status_code == 400

    def test_in_a_body_of_the_api_is_a_problem(self, security, acme):
        answer = security.post(
            f"{API}/explain", {"action": "s3:\0"}, content_type="application/json"
        )
        assert (answer.status_code, answer.json()["type"]) == (
            400,
            "urn:orgwarden:problem:malformed",
        )


class TestSurrogates:
    @pytest.mark.parametrize("body", ['{"act": "\\ud800"}', '{"\\udfff": 1}'])
    def test_without_their_other_half_in_a_body_of_the_api_are_a_problem(
        self, security, acme, body
    ):
        answer = security.post(f"{API}/findings/acts", body, content_type="application/json")
        assert answer.status_code == 400
        assert "half of a pair of surrogates" in answer.json()["detail"]

    def test_that_are_a_pair_are_read(self, security, acme):
        body = '{"act": "\\ud83d\\ude00"}'
        answer = security.post(f"{API}/findings/acts", body, content_type="application/json")
        assert "is not valid; choose one of" in answer.content.decode()


class TestNesting:
    @pytest.mark.parametrize("depth", [101, 5_000, 100_000])
    def test_too_deep_in_a_body_of_the_api_is_a_problem(self, security, acme, depth):
        body = '{"a":' * depth + "1" + "}" * depth
        answer = security.post(f"{API}/simulations", body, content_type="application/json")
        assert answer.status_code == 400
        assert "nested deeper than 100 levels" in answer.json()["detail"]

    def test_as_deep_as_policies_are_is_read(self, security, acme):
        body = json.dumps({"a": {"b": [{"c": ["d"]}]}})
        answer = security.post(f"{API}/simulations", body, content_type="application/json")
        assert "nested" not in answer.json()["detail"]

    @pytest.mark.parametrize("depth", [400, 5_000])
    def test_in_a_pasted_message_is_told_on_the_page(self, security, acme, depth):
        message = "[" * depth + "]" * depth
        answer = security.post("/o/acme/why-denied/", {"message": message})
        assert answer.status_code == 422


class TestHealthWithASession:
    def test_says_503_while_the_database_is_away(self, monkeypatch):
        client = Client()
        client.force_login(person("viewer"))

        def away(*_, **__):
            raise OperationalError("the server closed the connection")

        monkeypatch.setattr("django.contrib.auth.get_user", away)
        monkeypatch.setattr("django.contrib.auth.middleware.auth.get_user", away)
        monkeypatch.setattr(SessionBase, "_get_session", away)
        monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
        answer = client.get(reverse("healthz"))
        assert answer.status_code == 503
        assert answer.json()["database"] == "does not answer"
