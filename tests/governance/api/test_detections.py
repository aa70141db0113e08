"""/detections and /detection-rules."""

import json

import pytest
from rest_framework.test import APIClient

from inventory.models import LogSource
from inventory.viewing import Place
from tests.factories.detections import AT, detection_with_event
from tests.factories.people import person

pytestmark = pytest.mark.django_db
URL = "/api/v1/organizations/acme"


@pytest.fixture
def connection(acme):
    return acme.connection


def asking(user):
    """Return a program that asks as somebody."""
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def sam(connection):
    return asking(person("security", username="sam"))


def test_lists_the_newest_and_says_whether_logs_are_read(sam, connection):
    made = detection_with_event(connection)
    listed = sam.get(f"{URL}/detections").json()
    assert [one["id"] for one in listed["results"]] == [made.pk]
    assert listed["reads_logs"] is False
    assert sam.get(f"{URL}/detections?severity=low").json()["results"] == []


def test_one_has_its_events(sam, connection):
    made = detection_with_event(connection)
    told = sam.get(f"{URL}/detections/{made.pk}").json()
    (event,) = told["evidence"]
    assert (event["event_name"], told["hidden_evidence"]) == ("ConsoleLogin", 0)


def test_closing_needs_a_reason_and_happens_once(sam, connection):
    made = detection_with_event(connection)
    address = f"{URL}/detections/{made.pk}/close"
    body = {"closed_as": "expected", "reason": "A drill."}
    assert sam.post(address, {"closed_as": "expected"}, format="json").status_code == 400
    assert sam.post(address, body, format="json").json()["closed_by"] == "sam"
    assert sam.post(address, body, format="json").status_code == 409


def test_somebody_elsewhere_finds_none(connection):
    made = detection_with_event(connection)
    program = asking(person("viewer", Place(connection.pk, "222222222223")))
    assert program.get(f"{URL}/detections/{made.pk}").status_code == 404
    assert program.get(f"{URL}/detections").json()["results"] == []


def test_rules_say_not_known_without_logs(sam, connection):
    detection_with_event(connection)
    rules = {one["id"]: one for one in sam.get(f"{URL}/detection-rules").json()["results"]}
    assert rules["root-signed-in"]["open"] is None
    LogSource.objects.create(
        connection=connection,
        name="trail",
        bucket="logs",
        bucket_region="eu-central-1",
        account_id="111111111111",
        read_from=AT.date(),
    )
    assert sam.get(f"{URL}/detection-rules/root-signed-in").json()["open"] == 1
    assert sam.get(f"{URL}/detection-rules/none-such").status_code == 404


def test_the_schema_takes_every_shipped_rule(sam, connection):
    schema = json.loads(sam.get(f"{URL}/detection-rules/schema").json()["text"])
    rules = sam.get(f"{URL}/detection-rules").json()["results"]
    assert {name for rule in rules for name in rule["document"]} <= set(schema["properties"])
