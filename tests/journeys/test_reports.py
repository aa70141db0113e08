"""An auditor makes a report of the whole organization, reads it and has it as OSCAL."""

import json
from pathlib import Path
from unittest.mock import patch

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from governance.reports.making import report_make
from governance.reports.models import SubtreeReport
from tests.factories.drift import drift_item
from tests.factories.guardrail_results import GuardrailResultFactory, tallied
from tests.factories.people import person
from tests.factories.snapshots import Snapshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


class TestReport:
    def test_is_made_read_and_saved(
        self, browser_page: OpenPage, snapshot: Snapshot, tmp_path: Path
    ):
        connection = snapshot.connection
        GuardrailResultFactory.create(connection=connection)
        tallied(connection)
        drift_item(connection)
        page = browser_page(person("auditor", username="ada"))
        page.goto(reverse("reports", kwargs={"slug": connection.slug}))
        assert seen(page, "reports") == []
        with patch("governance.reports.making.send_report"):
            page.get_by_role("button", name="Create report").click()
            expect(page.get_by_text("The report is being made")).to_be_visible()
        report_make(job_id=SubtreeReport.objects.get().pk, clock=timezone.now)

        expect(page.get_by_text("role/ops may call cloudtrail:StopLogging")).to_be_visible()
        assert seen(page, "report") == []
        page.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("link", name="OSCAL assessment results (JSON)").click()
        file = tmp_path / "oscal.json"
        download.value.save_as(file)
        assert "assessment-results" in json.loads(file.read_text())
