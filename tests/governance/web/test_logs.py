"""The screen of CloudTrail's logs: not known without a source, one click to read a trail."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.access.roles import Role
from governance.audit.models import AuditEntry
from inventory.models import LogQuery, LogSource
from inventory.service_facts import TRAIL
from inventory.store.usage import UnmappedCount, add_unmapped
from inventory.viewing import Place
from tests.factories.connections import ConnectionFactory
from tests.factories.logs import LOG_ARCHIVE, LogDayFactory, LogObjectFactory, LogSourceFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.service_configurations import ServiceConfigurationFactory

pytestmark = pytest.mark.django_db
ARN = "arn:aws:cloudtrail:us-east-1:111111111111:trail/organization-trail"


@pytest.fixture
def connection():
    made = ConnectionFactory.create(slug="acme", name="Acme")
    AccountFactory.create(connection=made, account_id=LOG_ARCHIVE)
    return made


@pytest.fixture
def trail(connection):
    return ServiceConfigurationFactory.create(
        connection=connection, account_id=LOG_ARCHIVE, service=TRAIL.service, kind=TRAIL.kind,
        region="us-east-1", name="organization-trail", arn=ARN,
        facts={
            "organization_trail": True, "multi_region": True, "logging": True,
            "bucket": "example-logs", "key_prefix": "", "delivery_error": "",
        },
    )  # fmt: skip


def page(client):
    answer = client.get(reverse("log-sources", kwargs={"slug": "acme"}))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_says_that_usage_is_not_known_and_why_nothing_is_proposed(client, connection):
    client.force_login(person(Role.SECURITY))
    shown = page(client)
    assert "Usage not known" in shown
    assert "No organization trail is in the inventory" in shown


def test_one_click_has_a_proposed_trail_read_and_is_recorded(client, connection, trail):
    client.force_login(person(Role.SECURITY))
    assert "Read these logs" in page(client)
    answer = client.post(
        reverse("log-source-add", kwargs={"slug": "acme"}),
        {"trail_arn": ARN, "account_id": LOG_ARCHIVE},
        follow=True,
    )
    source = LogSource.objects.get()
    assert (source.bucket, source.account_id) == ("example-logs", LOG_ARCHIVE)
    assert source.is_enabled
    shown = " ".join(answer.content.decode().split())
    assert "organization-trail is read from" in shown
    assert "Read these logs" not in shown
    assert AuditEntry.objects.filter(action="log_source.add", connection_id=connection.pk).exists()


def test_an_account_that_is_none_of_the_organization_is_refused(client, connection, trail):
    client.force_login(person(Role.SECURITY))
    answer = client.post(
        reverse("log-source-add", kwargs={"slug": "acme"}),
        {"trail_arn": ARN, "account_id": "999999999999"},
        follow=True,
    )
    assert "No account of the organization has this id." in answer.content.decode()
    assert not LogSource.objects.exists()


def test_who_only_looks_neither_adds_nor_switches(client, connection, trail):
    source = LogSourceFactory.create(connection=connection)
    client.force_login(person(Role.VIEWER))
    assert "Read these logs" not in page(client)
    switch = {"slug": "acme", "log_source_id": source.pk}
    for name, arguments in (("log-source-add", {"slug": "acme"}), ("log-source-switch", switch)):
        address = reverse(name, kwargs=arguments)
        assert client.post(address, {"trail_arn": ARN}).status_code == 403


def test_switching_off_keeps_what_was_read_and_is_recorded(client, connection):
    source = LogSourceFactory.create(connection=connection)
    client.force_login(person(Role.SECURITY))
    address = reverse("log-source-switch", kwargs={"slug": "acme", "log_source_id": source.pk})
    client.post(address, {"enabled": "false"})
    source.refresh_from_db()
    assert source.is_enabled is False
    assert AuditEntry.objects.filter(action="log_source.switch").count() == 1
    other = reverse("log-source-switch", kwargs={"slug": "acme", "log_source_id": source.pk + 1})
    assert client.post(other, {"enabled": "true"}).status_code == 404


def test_shows_watermarks_gaps_files_not_read_and_what_to_do(client, connection):
    now = timezone.now()
    source = LogSourceFactory.create(connection=connection, problem="the bucket may not be listed")
    today = now.date()
    for back in (1, 4):
        day = today - timedelta(days=back)
        LogDayFactory.create(
            source=source, day=day, size_bytes=2_000_000, newest_at=now - timedelta(days=back)
        )
    LogDayFactory.create(source=source, account_id="444444444444", day=today, newest_at=now)
    LogObjectFactory.create(source=source, day=today, state="denied", why="kms:Decrypt was denied")
    add_unmapped(connection, [UnmappedCount(today, "new.amazonaws.com", "Begin", 7)])
    client.force_login(person(Role.VIEWER))
    shown = page(client)
    for words in (
        "Logs incomplete",
        "the bucket may not be listed",
        "1 gap of whole days without a log file.",
        "Access denied: 1 file",
        "kms:Decrypt was denied",
        "It is tried again every hour.",
        "Files wait since",
        "Up to date",
        "new.amazonaws.com",
        "30.0 MB",
    ):
        assert words in shown


def test_shows_what_scans_by_athena_cost_and_why_one_was_not_made(client, connection):
    source = LogSourceFactory.create(
        connection=connection, kind=LogSource.Kind.ATHENA, athena_database="logs",
        athena_table="cloudtrail", athena_workgroup="orgwarden", monthly_budget_usd=5,
    )  # fmt: skip
    now = timezone.now()
    LogQuery.objects.create(
        source=source, day=now.date() - timedelta(days=2), token=uuid4(), asked_at=now,
        state="read", scanned_bytes=2 * 10**11, events=7,
    )  # fmt: skip
    LogQuery.objects.create(
        source=source, day=now.date() - timedelta(days=1), token=uuid4(), asked_at=now,
        state="over_budget", estimated_bytes=9 * 10**11, why="Raise the budget.",
    )  # fmt: skip
    client.force_login(person(Role.SECURITY))
    shown = page(client)
    assert "$1.00 this month of $5.00" in shown
    assert "$4.50" in shown
    assert "Over budget<br><small>Raise the budget.</small>" in shown


def test_says_that_sources_are_not_shown_rather_than_that_there_are_none(client, connection):
    LogSourceFactory.create(connection=connection)
    client.force_login(person("viewer", Place(connection.pk, LOG_ARCHIVE)))
    shown = page(client)
    assert "Not shown" in shown
    assert "No trail to read" not in shown
    assert "example-cloudtrail-logs" not in shown


def test_counts_days_by_what_digest_files_say_and_names_those_that_fail(client, connection):
    source = LogSourceFactory.create(connection=connection)
    today = timezone.now().date()
    LogDayFactory.create(source=source, day=today - timedelta(days=2), digests="verified")
    LogDayFactory.create(
        source=source,
        day=today - timedelta(days=1),
        digests="failed",
        digests_why="It was altered.",
    )
    client.force_login(person(Role.SECURITY))
    shown = page(client)
    assert 'Verified</span><span class="end">1</span>' in shown
    assert "It was altered." in shown
    assert "1 day whose digest files do not match the log files." in shown
