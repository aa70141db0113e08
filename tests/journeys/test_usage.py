"""People read what was used and denied, work through detections, contain, and look at the logs."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from governance.changes.models import ChangeRequest
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from inventory.cloudtrail.denials import DenialCause
from inventory.models import LogDay, LogSource
from inventory.service_facts import TRAIL
from tests.factories.detections import detection_with_event
from tests.factories.edits import LOG_ARCHIVE, MANAGEMENT, PAYMENTS, PAYMENTS_TEST, TEST, WEBSITE
from tests.factories.logs import (
    LogDayFactory,
    LogObjectFactory,
    LogSourceFactory,
    denial_record,
    stored_denials,
    stored_usage,
)
from tests.factories.people import person
from tests.factories.service_configurations import configuration
from tests.factories.snapshots import Snapshot
from tests.factories.usage import used
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen

DEPLOY = f"arn:aws:iam::{PAYMENTS_TEST}:role/Deploy"


@pytest.fixture
def logs(snapshot: Snapshot) -> LogSource:
    """Ninety days of logs with a gap, a file that was denied, a call, and a denied one."""
    connection, now = snapshot.connection, timezone.now()
    source = LogSourceFactory.create(connection=connection, last_listed_at=now)
    LogDay.objects.bulk_create(
        LogDayFactory.build(
            source=source,
            account_id=account_id,
            day=now.date() - timedelta(days=number),
            newest_at=now,
        )
        for account_id in (PAYMENTS, WEBSITE, PAYMENTS_TEST, LOG_ARCHIVE, MANAGEMENT)
        for number in range(90)
        if account_id != WEBSITE or number not in (3, 4)
    )
    LogObjectFactory.create(
        source=source, account_id=WEBSITE, day=now.date(), state="denied",
        why="AccessDenied: s3:GetObject",
    )  # fmt: skip
    configuration(
        connection, TRAIL, MANAGEMENT, name="everything", bucket=source.bucket,
        key_prefix=source.prefix, management_events="all", excluded_sources=[],
        data_events=["AWS::S3::Object"], partial_data_events=[],
    )  # fmt: skip
    stored_usage(connection, used("sqs:CreateQueue", account_id=PAYMENTS_TEST, at=now))
    noon = datetime.combine(now.date() - timedelta(days=1), time(12), UTC)
    stored_denials(
        connection,
        denial_record(
            account_id=PAYMENTS_TEST,
            principal=DEPLOY,
            action="sns:CreateTopic",
            count=1000,
            first_at=noon,
            last_at=noon,
            cause=DenialCause("service control policy", "", is_explicit=True),
        ),
    )
    return source


class TestUsage:
    def test_leads_from_usage_to_a_denial_and_why_it_was_denied(
        self, browser_page: OpenPage, snapshot: Snapshot, logs: LogSource
    ) -> None:
        page = browser_page(person("security", username="ada"))
        page.goto(reverse("usage", kwargs={"slug": snapshot.connection.slug}))
        expect(page.locator("table")).to_contain_text("sqs:CreateQueue")
        expect(page.get_by_text("Logs incomplete")).to_be_visible()
        assert seen(page, "usage") == []
        page.get_by_role("link", name="Denials", exact=True).click()
        expect(page.locator("table.data").first).to_contain_text("sns:CreateTopic")
        expect(page.locator("table.data").first).to_contain_text("1,000")
        assert seen(page, "denials") == []
        page.get_by_role("link", name="Why denied: sns:CreateTopic").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Why denied")
        expect(page.locator("main")).to_contain_text("sns:CreateTopic")

    def test_turns_services_that_nobody_used_into_a_change_request(
        self, browser_page: OpenPage, snapshot: Snapshot, logs: LogSource
    ) -> None:
        page = browser_page(person("author", username="ada"))
        slug = snapshot.connection.slug
        page.goto(reverse("unused", kwargs={"slug": slug}, query={"target": TEST}))
        assert seen(page, "unused", whole=False) == []
        page.get_by_label("Select athena", exact=True).check()
        page.get_by_role("button", name="Propose an SCP").click()
        expect(page.get_by_text("would have been denied.")).to_be_visible()
        assert seen(page, "unused-proposal", whole=False) == []
        page.get_by_role("button", name="Turn into a change request").click()
        page.get_by_role("button", name="Save as a draft").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("unused actions of 1 service")
        assert ChangeRequest.objects.get().state == "draft"


class TestDetections:
    def test_is_assigned_suppressed_until_a_day_and_closed(
        self, browser_page: OpenPage, snapshot: Snapshot, logs: LogSource
    ) -> None:
        made = detection_with_event(snapshot.connection, subject_id=PAYMENTS)
        refresh_inbox(snapshot.connection, now=timezone.now())
        page = browser_page(person("security", username="ada"))
        slug = snapshot.connection.slug
        findings = reverse("findings", kwargs={"slug": slug}, query={"source": "detection"})
        page.goto(findings)
        page.get_by_label("Select Root user signed in").check()
        page.locator(".bulk").get_by_role("button", name="Assign").click()
        page.locator("form.asks").get_by_role("button", name="Assign").click()
        expect(page.get_by_text("is assigned")).to_be_visible()
        page.goto(findings)
        page.get_by_label("Select Root user signed in").check()
        page.locator(".bulk").get_by_role("button", name="Mute").click()
        page.get_by_label("Reason").fill("A drill that was announced.")
        page.locator("form.asks").get_by_role("button", name="Mute").click()
        item = InboxItem.objects.get(source="detection")
        expect(page.get_by_text("1 finding is muted.")).to_be_visible()
        item.refresh_from_db()
        assert item.excepted_until is not None
        page.goto(reverse("detection", kwargs={"slug": slug, "detection_id": made.pk}))
        expect(page.get_by_label("Timeline", exact=True)).to_contain_text("ConsoleLogin")
        assert seen(page, "detection") == []
        page.get_by_label("What it was").select_option("expected")
        page.get_by_label("How you know").fill("The drill of Friday.")
        page.get_by_role("button", name="Close detection").click()
        expect(page.get_by_text("The drill of Friday.")).to_be_visible()

    def test_are_made_by_a_rule_that_somebody_tries_and_saves(
        self, browser_page: OpenPage, snapshot: Snapshot, logs: LogSource
    ) -> None:
        page = browser_page(person("security", username="ada"))
        slug = snapshot.connection.slug
        page.goto(reverse("detection-rules", kwargs={"slug": slug}))
        page.get_by_role("link", name="Write a rule").click()
        page.get_by_role("button", name="Try").click()
        expect(page.get_by_role("heading", name="What it would have found")).to_be_visible()
        assert seen(page, "detection-rule-write", whole=False) == []
        page.get_by_label("Reason").fill("Agreed with the owners of the buckets.")
        page.get_by_role("button", name="Save detection rule").click()
        expect(page.get_by_text("The rule is active.")).to_be_visible()
        assert seen(page, "detection-rule", whole=False) == []

    def test_leads_to_an_emergency_draft_that_contains_whom_it_names(
        self, browser_page: OpenPage, snapshot: Snapshot, logs: LogSource
    ) -> None:
        made = detection_with_event(
            snapshot.connection, account_id=PAYMENTS_TEST, subject_account_id=PAYMENTS_TEST,
            principal=DEPLOY,
        )  # fmt: skip
        page = browser_page(person("security", username="ada"))
        slug = snapshot.connection.slug
        page.goto(reverse("detection", kwargs={"slug": slug, "detection_id": made.pk}))
        page.get_by_role("link", name="Contain").click()
        page.get_by_role("link", name="Deny the principal by an SCP").click()
        expect(page.locator("main")).to_contain_text("End the role's sessions")
        expect(page.locator("main")).to_contain_text("would have been denied.")
        assert seen(page, "contain") == []
        page.get_by_role("button", name="Draft emergency change").click()
        expect(page.get_by_text("Draft created.")).to_be_visible()
        assert ChangeRequest.objects.get().title.startswith("Contain Deploy")


class TestLogs:
    def test_shows_gaps_and_files_that_were_refused_with_what_to_do(
        self, browser_page: OpenPage, snapshot: Snapshot, logs: LogSource
    ) -> None:
        page = browser_page(person("security", username="ada"))
        page.goto(reverse("log-sources", kwargs={"slug": snapshot.connection.slug}))
        main = page.locator("main")
        expect(main).to_contain_text("1 gap of whole days without a log file.")
        expect(main).to_contain_text("AccessDenied: s3:GetObject")
        expect(main).to_contain_text("2 days")
        assert seen(page, "logs") == []
        page.get_by_role("button", name="Switch off").click()
        expect(main).to_contain_text("Reading is switched off for every log source.")
        logs.refresh_from_db()
        assert not logs.is_enabled
