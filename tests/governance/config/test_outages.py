"""What is answered while Valkey or the database is away: all that can be, and else the reason."""

import psycopg2
import pytest
from django.db import OperationalError
from django.test import Client

from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
NOWHERE = "redis://127.0.0.1:1/0"


def told_by_server(state):
    """Return an error of a server that answers, by its SQLSTATE."""
    return type("ToldByServer", (psycopg2.OperationalError,), {"pgcode": state})()


@pytest.fixture
def security():
    snapshot = organization_snapshot()
    snapshot.connection.slug = "acme"
    snapshot.connection.save()
    client = Client(raise_request_exception=False)
    client.force_login(person("administrator"))
    return client


@pytest.fixture
def _without_valkey(settings):
    settings.CACHES = {
        name: {**cache, "LOCATION": NOWHERE} for name, cache in settings.CACHES.items()
    }


@pytest.mark.usefixtures("_without_valkey")
class TestWithoutValkey:
    @pytest.mark.parametrize("page", ["", "posture/", "usage/", "unused/", "denials/", "findings/"])
    def test_pages_are_shown(self, security, page):
        assert security.get(f"/o/acme/{page}", follow=True).status_code == 200

    def test_posture_says_that_beat_and_workers_are_not_known(self, security):
        words = security.get("/o/acme/posture/").content.decode()
        assert "Valkey does not answer: collection is stalled" in words
        assert "Whether beat and workers are up is not known." in words
        assert "Beat is silent" not in words

    def test_readiness_is_refused(self, security):
        answer = security.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == dict.fromkeys(("beat", "queue", "workers"), "not well")

    def test_the_api_counts_no_request_and_answers_none(self, security):
        answer = security.get("/api/v1/organizations")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        told = answer.json()
        assert told["type"] == "urn:orgwarden:problem:unavailable"
        assert told["detail"] == "Valkey does not answer. Try again later."

    def test_nobody_signs_in_while_wrong_passwords_are_not_counted(self, security):
        answer = Client(raise_request_exception=False).post(
            "/sign-in/", {"login": "somebody", "password": "guessed"}
        )
        assert answer.status_code == 503
        assert "Valkey does not answer" in answer.content.decode()


class TestWithoutDatabase:
    @pytest.mark.parametrize(
        ("cause", "status"),
        [
            (psycopg2.OperationalError("connection refused"), 503),
            (told_by_server("57P01"), 503),
            (told_by_server("40P01"), 500),
        ],
    )
    @pytest.mark.parametrize(
        "address", ["/o/acme/policies/", "/api/v1/organizations/acme/policies"]
    )
    def test_the_page_or_problem_names_it(self, security, monkeypatch, address, cause, status):
        def fail(*_args, **_kwargs):
            raise OperationalError("gone") from cause

        monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", fail)
        answer = security.get(address)
        assert answer.status_code == status
        assert ("The database does not answer" in answer.content.decode()) == (status == 503)
