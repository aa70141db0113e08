"""Reports by the API: asked for, answered once, also as OSCAL."""

from unittest.mock import patch

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from governance.reports.making import report_make
from governance.reports.models import SubtreeReport
from tests.factories.people import person

URL = "/api/v1/organizations/acme"


@pytest.fixture
def auditor(acme):
    client = APIClient()
    client.force_login(person("auditor", username="ada"))
    return client


@pytest.fixture
def asked(auditor):
    with patch("governance.reports.making.send_report"):
        return auditor.post(f"{URL}/reports", {"target_id": "r-ab12"}, format="json")


class TestReport:
    def test_is_queued_then_read_as_json_and_as_oscal(self, auditor, asked):
        assert asked.status_code == 202
        url = asked.headers["Location"]
        assert auditor.get(f"{url}/oscal").status_code == 503
        report_make(job_id=asked.json()["id"], clock=timezone.now)

        found = auditor.get(url).json()
        assert (found["state"], found["target_id"]) == ("complete", "r-ab12")
        assert found["result"]["organization"]["slug"] == "acme"
        oscal = auditor.get(f"{url}/oscal").json()["assessment-results"]
        assert oscal["metadata"]["oscal-version"] == "1.1.2"

    def test_is_listed_for_who_sees_the_same_part_the_newest_first(self, auditor, asked):
        with patch("governance.reports.making.send_report"):
            auditor.post(f"{URL}/reports", {"target_id": "ou-ab12-prod0001"}, format="json")
        first = auditor.get(f"{URL}/reports?limit=1").json()
        assert [one["target_id"] for one in first["results"]] == ["ou-ab12-prod0001"]
        assert first["results"][0]["requested_by"] == "ada"
        assert "result" not in first["results"][0]
        second = auditor.get(first["next"]).json()
        assert [one["id"] for one in second["results"]] == [asked.json()["id"]]
        assert second["next"] is None

    def test_of_what_is_not_there_is_refused(self, auditor):
        answer = auditor.post(f"{URL}/reports", {"target_id": "ou-ab12-none0001"}, format="json")
        assert (answer.status_code, SubtreeReport.objects.count()) == (400, 0)

    def test_is_not_for_viewers(self, acme):
        client = APIClient()
        client.force_login(person("viewer", username="vera"))
        answer = client.post(f"{URL}/reports", {"target_id": "r-ab12"}, format="json")
        assert answer.status_code == 403
