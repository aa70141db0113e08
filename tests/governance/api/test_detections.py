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
    for ordering in ("severity", "-title", "count", "-state"):
        listed = sam.get(f"{URL}/detections?ordering={ordering}").json()["results"]
        assert [one["id"] for one in listed] == [made.pk]


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
    LogSource.objects.update(
        kind="athena", athena_database="logs", athena_table="trail", athena_workgroup="primary"
    )
    counted = sam.get(f"{URL}/detection-rules/root-signed-in").json()
    assert counted["open"] is None
    assert "stores none" in counted["unknown_because"]
    assert sam.get(f"{URL}/detection-rules/denied-burst").json()["open"] == 0


def test_the_schema_takes_every_shipped_rule(sam, connection):
    schema = json.loads(sam.get(f"{URL}/detection-rules/schema").json()["text"])
    rules = sam.get(f"{URL}/detection-rules").json()["results"]
    assert {name for rule in rules for name in rule["document"]} <= set(schema["properties"])


OWN = """\
id: snapshot-copied
title: Snapshot copied
why: Copies leave the account that guards them.
topic: sharing
severity: high
events:
  - {source: ec2.amazonaws.com, names: [CopySnapshot]}
subject: {kind: principal}
remedy: Ask the caller.
"""


class TestOwnRules:
    def test_one_is_tried_written_listed_and_switched(self, sam):
        tried = sam.post(f"{URL}/detection-rules/try", {"content": OWN}, format="json").json()
        assert (tried["detections"], tried["results"]) == (None, [])
        assert tried["unknown_because"] == "No CloudTrail logs are read."
        assert tried["not_stored"] == [{"event": "ec2.amazonaws.com:CopySnapshot", "since": None}]

        body = {"content": OWN, "reason": "Agreed.", "version": 0}
        made = sam.post(f"{URL}/detection-rules", body, format="json")
        assert made.status_code == 201
        assert (made.json()["version"], made.json()["is_shipped"]) == (1, False)
        assert sam.post(f"{URL}/detection-rules", body, format="json").status_code == 409

        one = f"{URL}/detection-rules/snapshot-copied"
        body = {"enabled": False, "reason": "Noise."}
        tag = {"If-Match": sam.get(one).headers["ETag"]}
        off = sam.patch(one, body, format="json", headers=tag).json()
        assert (off["enabled"], off["version"], off["made_by"]) == (False, 2, "sam")
        versions = sam.get(f"{one}/versions").json()["results"]
        assert [(each["version"], each["reason"]) for each in versions] == [
            (2, "Noise."),
            (1, "Agreed."),
        ]
        listed = sam.get(f"{URL}/detection-rules").json()["results"]
        assert off["id"] in {each["id"] for each in listed}
        assert sam.get(f"{URL}/detections?rule=snapshot-copied").status_code == 200

    def test_a_file_with_something_unknown_is_refused_by_line(self, sam):
        body = {"content": OWN.replace("CopySnapshot]", "CopySnapshots]"), "reason": "Agreed."}
        refused = sam.post(f"{URL}/detection-rules", body, format="json")
        assert refused.status_code == 400
        (fault,) = refused.json()["errors"]
        assert fault["detail"].startswith("line 7: events.0.names.0: ")
        assert fault["detail"].endswith("did you mean CopySnapshot?")

    def test_is_written_by_security_alone(self, connection):
        program = asking(person("author"))
        body = {"content": OWN, "reason": "Mine."}
        assert program.post(f"{URL}/detection-rules", body, format="json").status_code == 403
