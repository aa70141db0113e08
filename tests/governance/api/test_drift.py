"""The baseline and drift over the API: adopted, imported, listed, previewed, put right."""

import pytest
from rest_framework.test import APIClient

from governance.baseline.structure.models import BaselineVersion
from governance.drift.finding import refresh_drift
from governance.drift.models import DriftItem
from inventory.viewing import Place
from tests.factories.drift import drift_item
from tests.factories.people import person
from tests.factories.second_state import second_state
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

URL = "/api/v1/organizations/acme"
MOVED = "ACCOUNT_MOVED_BETWEEN_OUS"


@pytest.fixture
def sam(acme):
    client = APIClient()
    client.force_login(person("security", username="sam"))
    return client


def post(client, path, body=None, **headers):
    return client.post(f"{URL}{path}", body or {}, format="json", headers=headers)


@pytest.fixture
def adopted(sam, acme):
    answer = post(sam, "/baseline/adopt", {"reason": "As it should be."})
    assert answer.status_code == 201, answer.json()
    refresh_drift(acme.connection, now=FIRST_RUN_AT)
    return answer.json()


@pytest.fixture
def drifted(adopted, acme):
    second_state(acme)
    refresh_drift(acme.connection, now=SECOND_RUN_AT)


class TestBaseline:
    def test_is_adopted_once_however_often_it_is_sent(self, sam, acme):
        body = {"reason": "As it should be."}
        first = post(sam, "/baseline/adopt", body, **{"Idempotency-Key": "once"})
        again = post(sam, "/baseline/adopt", body, **{"Idempotency-Key": "once"})
        assert (first.status_code, again.json()["number"]) == (201, 1)
        serialized = sam.get(f"{URL}/baseline").json()
        assert (serialized["source"], serialized["made_by"]) == ("adopted", "sam")
        assert serialized["document"]["accounts"]["222222222222"]["parent_id"] == "ou-ab12-prod0001"

    def test_goes_out_as_a_file_and_comes_back_byte_for_byte(self, sam, adopted):
        text = sam.get(f"{URL}/baseline/export").json()["text"]
        changed = text.replace("payments", "payments-live") + "# Reviewed.\n"
        tried = post(sam, "/baseline/import", {"content": changed, "dry_run": True}).json()
        assert tried["applied"] is False
        assert {one["subject"] for one in tried["differences"]} == {
            "account:222222222222",
            "account:222222222224",
        }
        done = post(sam, "/baseline/import", {"content": changed, "reason": "From Git."}).json()
        assert (done["applied"], done["number"]) == (True, 2)
        assert sam.get(f"{URL}/baseline/export").json()["text"] == changed
        diff = sam.get(f"{URL}/baseline/versions/1/diff/2").json()["differences"]
        assert [one["change"] for one in diff] == ["changed", "changed"]
        listed = sam.get(f"{URL}/baseline/versions").json()["results"]
        assert [(one["number"], one["source"]) for one in listed] == [(2, "file"), (1, "adopted")]

    def test_an_error_in_a_file_names_its_line(self, sam, adopted):
        text = sam.get(f"{URL}/baseline/export").json()["text"]
        wrong = text.replace("type: TAG_POLICY", "type: TAG_POLICI")
        answer = post(sam, "/baseline/import", {"content": wrong, "reason": "From Git."})
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        line = wrong.splitlines().index("    type: TAG_POLICI") + 1
        assert error["detail"].startswith(f"line {line}: ")
        assert "did you mean TAG_POLICY?" in error["detail"]
        assert BaselineVersion.objects.count() == 1

    def test_a_viewer_may_not_adopt(self, viewer, acme):
        assert post(viewer, "/baseline/adopt", {"reason": "Hm."}).status_code == 403
        assert viewer.get(f"{URL}/baseline").status_code == 404


class TestDrift:
    def test_is_listed_the_worst_first_and_filtered(self, viewer, drifted):
        serialized = viewer.get(f"{URL}/drift").json()
        severities = [one["severity"] for one in serialized["results"]]
        assert severities[0] == "high"
        assert severities == sorted(severities, key=["critical", "high", "medium", "low"].index)
        assert serialized["baseline_version"] == 1
        assert {one["explained_by"] for one in serialized["results"]} == {"No log source"}
        for query, count in ((f"kind={MOVED}", 1), ("within=ou-ab12-test0001", 3), ("q=regio", 1)):
            found = viewer.get(f"{URL}/drift?{query}").json()["results"]
            assert len(found) == count, query
        assert viewer.get(f"{URL}/drift?kind=NONE").status_code == 400

    def test_pages_follow_each_other(self, viewer, drifted):
        first = viewer.get(f"{URL}/drift?limit=5").json()
        second = viewer.get(first["next"]).json()
        ids = [one["id"] for one in (*first["results"], *second["results"])]
        assert len(set(ids)) == 10

    def test_has_both_sides_and_a_history(self, viewer, drifted):
        item = viewer.get(f"{URL}/drift?kind={MOVED}").json()["results"][0]
        serialized = viewer.get(f"{URL}/drift/{item['id']}").json()
        assert serialized["desired"]["path"] == "Root / Workloads / Prod"
        assert serialized["collected"]["path"] == "Root / Workloads / Test"
        history = viewer.get(f"{URL}/drift/{item['id']}/history").json()["results"]
        assert [one["what"] for one in history] == ["seen"]

    def test_is_previewed_and_brought_back_by_a_draft(self, sam, drifted):
        item = sam.get(f"{URL}/drift?kind={MOVED}").json()["results"][0]
        shown = post(sam, "/drift/preview", {"items": [item["id"]]}).json()
        assert shown["newly_denied"]["accounts"] == 1
        done = post(sam, "/drift/resolve", {"items": [item["id"]], "how": "revert"}).json()
        request = sam.get(f"{URL}/change-requests/{done['change_request']}").json()
        assert request["state"] == "draft"
        assert request["operations"][0]["kind"] == "move_account"

    def test_is_adopted_or_ignored(self, sam, drifted):
        listed = sam.get(f"{URL}/drift").json()["results"]
        body = {"items": [listed[0]["id"]], "how": "adopt", "reason": "Agreed."}
        done = post(sam, "/drift/resolve", body).json()
        assert (done["baseline_version"], done["items"][0]["state"]) == (2, "resolved")
        body = {"items": [listed[1]["id"]], "how": "ignore", "reason": "A trial."}
        assert post(sam, "/drift/resolve", body).status_code == 400
        done = post(sam, "/drift/resolve", {**body, "until": "2100-01-01"}).json()
        assert (done["ignore_rules"], done["items"][0]["state"]) == ([1], "ignored")
        (rule,) = sam.get(f"{URL}/ignore-rules").json()["results"]
        assert (rule["in_force"], rule["reason"]) == (True, "A trial.")
        assert post(sam, "/ignore-rules/1/end").json()["in_force"] is False
        assert DriftItem.objects.get(pk=listed[1]["id"]).state == "open"
        assert post(sam, "/ignore-rules/1/end").status_code == 409

    def test_what_cannot_be_put_right_so_is_a_conflict(self, sam, drifted):
        listed = sam.get(f"{URL}/drift?kind=TRUSTED_ACCESS_ENABLED").json()["results"]
        body = {"items": [listed[0]["id"]], "how": "revert"}
        assert post(sam, "/drift/resolve", body).status_code == 409
        assert post(sam, "/drift/preview", {"items": [listed[0]["id"]]}).status_code == 409
        assert post(sam, "/drift/resolve", {**body, "items": [0]}).status_code == 404

    def test_a_viewer_may_not_resolve(self, viewer, drifted):
        item = viewer.get(f"{URL}/drift").json()["results"][0]
        body = {"items": [item["id"]], "how": "adopt", "reason": "Hm."}
        assert post(viewer, "/drift/resolve", body).status_code == 403

    def test_who_sees_an_ou_alone_sees_what_lies_in_it(self, acme, drifted):
        limited = APIClient()
        limited.force_login(person("viewer", Place(acme.connection.pk, "ou-ab12-test0001")))
        drift_item(acme.connection, place_id="ou-ab12-sec00001")
        found = limited.get(f"{URL}/drift").json()["results"]
        assert {one["place_id"] for one in found} == {"222222222223", "ou-ab12-test0001"}
        assert limited.get(f"{URL}/baseline").status_code == 404
