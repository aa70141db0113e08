"""Reports on screen: asking for one, reading it, and having it as a file."""

import csv
import json
from http import HTTPStatus
from unittest.mock import patch

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.audit.models import AuditEntry
from governance.reports.making import report_make
from governance.reports.models import SubtreeReport
from governance.web.reports.summary import most_severe, summary_rows
from tests.factories.people import person
from tests.governance.reports.conftest import (  # noqa: F401
    GUARDRAIL,
    PAYMENTS,
    ada,
    ben,
    connection,
)


def address(organization, name="reports", **kwargs):
    return reverse(name, kwargs={"slug": organization.slug, **kwargs})


@pytest.fixture
def asked(client, ada, connection):  # noqa: F811
    """Ask for a report of the whole organization as ada, and return it before it is made."""
    client.force_login(ada)
    with patch("governance.reports.making.send_report"):
        answer = client.post(address(connection), {"target_id": "r-ab12"})
    job = SubtreeReport.objects.get()
    assert answer["Location"] == address(connection, "report", job_id=job.pk)
    return job


@pytest.fixture
def made(asked):
    report_make(job_id=asked.pk, clock=timezone.now)
    return asked


class TestReports:
    def test_list_what_was_made_and_offer_what_the_right_covers(
        self,
        client,
        made,
        ben,  # noqa: F811
        connection,  # noqa: F811
    ):
        page = client.get(address(connection))
        assert [row["one"].pk for row in page.context["reports"]] == [made.pk]
        client.force_login(ben)
        page = client.get(address(connection))
        assert [target_id for target_id, _ in page.context["choices"]] == [PAYMENTS]
        assert page.context["reports"] == []

    def test_are_led_to_from_the_pages_of_ous_and_accounts(self, client, ada, connection):  # noqa: F811
        client.force_login(ada)
        for name, target in (
            ("organizational-unit", {"target_id": "ou-ab12-prod0001"}),
            ("account", {"account_id": PAYMENTS}),
        ):
            (target_id,) = target.values()
            leads = f"{address(connection)}?target_id={target_id}"
            assert leads in client.get(address(connection, name, **target)).content.decode()
        page = client.get(f"{address(connection)}?target_id={PAYMENTS}")
        assert f'value="{PAYMENTS}" selected' in page.content.decode()

    def test_are_not_for_viewers(self, client, connection):  # noqa: F811
        client.force_login(person("viewer", username="vera"))
        assert client.get(address(connection)).status_code == HTTPStatus.FORBIDDEN


class TestReport:
    def test_waits_for_its_worker_then_shows_what_fails_with_its_counterexample(
        self,
        client,
        asked,
        connection,  # noqa: F811
    ):
        href = address(connection, "report", job_id=asked.pk)
        assert "being made" in client.get(href).content.decode()
        report_make(job_id=asked.pk, clock=timezone.now)
        text = client.get(href).content.decode()
        assert "cloudtrail:StopLogging on" in text
        assert "There is no baseline" in text or "never checked" in text
        assert "Undecided" in text
        assert text.index("Most severe failures") < text.index("What does not hold")

    def test_begins_with_how_everything_stands(self, made):
        made.refresh_from_db()
        rows = {row.label: row for row in summary_rows(made.result)}
        assert {words: count for _, words, count in rows["Guardrails"].counts}["Fails"] == 1
        assert rows["Exceptions"].said == "None in force."
        assert "never checked" in rows["Drift"].said
        assert rows["Core accounts"].counts
        assert rows["Logging"].said.startswith("On, of ")
        assert [one["id"] for one in most_severe(made.result["guardrails"])] == [GUARDRAIL]

    def test_is_hidden_from_who_sees_another_part(
        self,
        client,
        made,
        ben,  # noqa: F811
        connection,  # noqa: F811
    ):
        client.force_login(ben)
        href = address(connection, "report", job_id=made.pk)
        assert client.get(href).status_code == HTTPStatus.NOT_FOUND

    def test_is_had_as_a_file_which_goes_on_record(
        self,
        client,
        made,
        connection,  # noqa: F811
    ):
        href = address(connection, "report", job_id=made.pk)
        lines = b"".join(client.get(f"{href}?format=csv").streaming_content).decode()
        rows = list(csv.DictReader(lines.splitlines()))
        failing = [one for one in rows if one["section"] == "result" and one["id"] == GUARDRAIL]
        assert {one["target_id"] for one in failing} == {PAYMENTS, "222222222223"}
        assert "222222222223:role/ops" in failing[1]["counterexample"]
        assert json.loads(client.get(f"{href}?format=json").content)["format"] == 1
        oscal = json.loads(client.get(f"{href}?format=oscal").content)
        assert oscal["assessment-results"]["uuid"] == str(made.pk)
        assert AuditEntry.objects.filter(action="data.export").count() == 3
        assert client.get(f"{href}?format=pdf").status_code == HTTPStatus.BAD_REQUEST
