"""Programs read the audit log page by page, and prove what stands in it."""

import importlib.util
import json
from datetime import timedelta
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from governance.access import rights
from inventory.viewing import Place
from tests.factories.audit import NOW, audit_entry, signed, signing_key_file
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person, token_of

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/audit-events"
CHECKPOINTS = "/api/v1/audit-checkpoints"
_SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "verify_audit.py"


@pytest.fixture
def program():
    """A client with the token of an auditor, who may read the whole log."""
    _, token = token_of(person("auditor"), rights.VIEW_AUDIT)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def key(settings, tmp_path):
    settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("verify_audit_of_api", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestEvents:
    def test_are_listed_by_time_with_filters(self, program):
        audit_entry(object_name="one")
        audit_entry(object_name="two", outcome="refused", now=NOW + timedelta(seconds=1))
        found = program.get(EVENTS, {"actor_name": "ada"}).json()["results"]
        assert [one["object_name"] for one in found] == ["two", "one"]
        assert found[0]["action"] == "token.issue"
        assert found[0]["action_label"] == "Token issued"
        assert found[0]["position"] is None
        found = program.get(EVENTS, {"actor_name": "ada", "outcome": "done"}).json()["results"]
        assert [one["object_name"] for one in found] == ["one"]
        for ordering, names in (
            ("object_name", ["one", "two"]),
            ("-outcome", ["two", "one"]),
            ("-action", ["two", "one"]),
            ("actor_name", ["one", "two"]),
        ):
            asked = {"actor_name": "ada", "ordering": ordering, "limit": "1"}
            first = program.get(EVENTS, asked).json()
            second = program.get(first["next"]).json()
            found = [page["results"][0]["object_name"] for page in (first, second)]
            assert found == names, ordering
        assert program.get(EVENTS, {"outcome": "fine"}).status_code == 400
        assert program.get(EVENTS, {"actr_name": "ada"}).status_code == 400

    def test_pages_hold_under_writes(self, program):
        for number in range(5):
            audit_entry(object_name=str(number), now=NOW + timedelta(seconds=number))
        answer = program.get(EVENTS, {"actor_name": "ada", "limit": "2"})
        seen = [one["object_name"] for one in answer.json()["results"]]
        audit_entry(object_name="new", now=NOW + timedelta(seconds=9))
        while answer.json()["next"]:
            answer = program.get(answer.json()["next"])
            seen += [one["object_name"] for one in answer.json()["results"]]
        assert seen == ["4", "3", "2", "1", "0"]

    def test_one_is_told_with_what_it_changed(self, program):
        entry = audit_entry(before={"a": 1}, after={"a": 2})
        told = program.get(f"{EVENTS}/{entry.pk}").json()
        assert (told["before"], told["after"]) == ({"a": 1}, {"a": 2})
        assert program.get(f"{EVENTS}/{2**70}").status_code == 404

    def test_are_limited_to_the_places_of_the_role(self):
        mine, other = ConnectionFactory.create(), ConnectionFactory.create()
        somebody = person("security", Place(mine.pk))
        entry = audit_entry(connection_id=mine.pk)
        hidden = audit_entry(connection_id=other.pk)
        client = APIClient()
        client.force_login(somebody)
        assert [one["id"] for one in client.get(EVENTS).json()["results"]] == [entry.pk]
        assert client.get(f"{EVENTS}/{hidden.pk}").status_code == 404
        assert client.get(f"{EVENTS}/{hidden.pk}/proof").status_code == 404

    def test_need_the_right(self):
        client = APIClient()
        client.force_login(person("author"))
        for address in (EVENTS, CHECKPOINTS, f"{EVENTS}/1", f"{EVENTS}/1/proof"):
            assert client.get(address).status_code == 403


class TestProofs:
    def test_are_refused_until_a_checkpoint_covers_the_entry(self, program, key):
        entry = audit_entry()
        answer = program.get(f"{EVENTS}/{entry.pk}/proof")
        assert answer.status_code == 409
        assert "not sealed yet" in answer.json()["detail"]
        signed()
        assert program.get(f"{EVENTS}/{entry.pk}/proof").status_code == 200

    def test_verify_without_orgwarden(self, program, key, script):
        for _ in range(5):
            entry = audit_entry()
        signed()
        document = json.loads(program.get(f"{EVENTS}/{entry.pk}/proof").content)
        keys = [script.PublicKey(document["public_key"])]
        found, checkpoint = script.verify_entry(document, keys)
        assert (found["id"], checkpoint.number) == (entry.pk, 1)

    def test_that_the_log_only_grew_verify_without_orgwarden(self, program, key, script):
        audit_entry()
        signed()
        audit_entry()
        later = signed()
        listed = program.get(CHECKPOINTS).json()["results"]
        assert [one["number"] for one in listed] == [2, 1]
        assert program.get(f"{CHECKPOINTS}/2").json()["note"] == later.note
        document = program.get(f"{CHECKPOINTS}/2/consistency", {"since": "1"}).json()
        earlier, found = script.verify_consistency(document, [script.PublicKey(later.public_key)])
        assert (earlier.number, found.number) == (1, 2)

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            (f"{CHECKPOINTS}/1/consistency?since=2", 400),
            (f"{CHECKPOINTS}/2/consistency?since=0", 400),
            (f"{CHECKPOINTS}/2/consistency?since=x", 400),
            (f"{CHECKPOINTS}/2/consistency?since=9", 404),
            (f"{CHECKPOINTS}/9/consistency", 404),
            (f"{CHECKPOINTS}/{2**70}", 404),
        ],
    )
    def test_of_what_is_not_there_are_refused(self, program, key, address, status):
        audit_entry()
        signed()
        audit_entry()
        signed()
        assert program.get(address).status_code == status
