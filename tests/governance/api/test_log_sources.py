"""/log-sources: added, switched, proposed; and a health that is null where nothing is known."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from inventory.models import LogSource
from tests.factories.logs import LogDayFactory, LogSourceFactory
from tests.factories.people import person
from tests.factories.snapshots import open_accounts

LIST = "/api/v1/organizations/acme/log-sources"


@pytest.fixture
def security(db):
    client = APIClient()
    client.force_login(person("security"))
    return client


def body(acme, **members):
    plain = {
        "name": "organization-trail", "bucket": "example-logs", "bucket_region": "eu-west-1",
        "account_id": open_accounts(acme)[0], "organization_path": acme.connection.organization_id,
    }  # fmt: skip
    return {**plain, **members}


def test_adds_a_source_that_is_then_listed_and_got(security, viewer, acme):
    added = security.post(LIST, body(acme), format="json")
    assert added.status_code == 201
    assert viewer.get(added["Location"]).json()["bucket"] == "example-logs"
    (listed,) = viewer.get(LIST).json()["results"]
    assert (listed["kind"], listed["is_enabled"], listed["problem"]) == ("files", True, "")


def test_names_the_member_that_is_wrong(security, acme):
    refused = security.post(LIST, body(acme, account_id="999999999999"), format="json")
    assert refused.status_code == 400
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/account_id"]


def test_switches_a_source_by_what_the_asker_has_seen_of_it(security, acme):
    source = LogSourceFactory.create(connection=acme.connection)
    address = f"{LIST}/{source.pk}"
    assert security.patch(address, {"is_enabled": False}, format="json").status_code == 428
    etag = security.get(address)["ETag"]
    switched = security.patch(
        address, {"is_enabled": False}, format="json", headers={"If-Match": etag}
    )
    assert (switched.status_code, switched.json()["is_enabled"]) == (200, False)
    assert LogSource.objects.get().is_enabled is False


def test_who_only_looks_changes_nothing(viewer, acme):
    source = LogSourceFactory.create(connection=acme.connection)
    assert viewer.post(LIST, body(acme), format="json").status_code == 403
    etag = viewer.get(f"{LIST}/{source.pk}")["ETag"]
    switched = viewer.patch(
        f"{LIST}/{source.pk}", {"is_enabled": False}, format="json", headers={"If-Match": etag}
    )
    assert switched.status_code == 403


def test_health_is_null_and_not_0_without_a_source(viewer, acme):
    found = viewer.get(f"{LIST}/health").json()
    assert (found["state"], found["events"], found["unmapped_share"]) == ("no_source", None, None)
    assert (found["waiting"], found["accounts_without_logs"]) == (None, None)


def test_health_names_gaps_and_accounts_without_logs(viewer, acme):
    source = LogSourceFactory.create(connection=acme.connection)
    today = timezone.now().date()
    account_id, *others = open_accounts(acme)
    for back in (0, 3):
        LogDayFactory.create(source=source, account_id=account_id, day=today - timedelta(days=back))
    since = (today - timedelta(days=3)).isoformat()
    found = viewer.get(f"{LIST}/health", {"since": since}).json()
    assert (found["state"], found["since"], found["events"]) == ("incomplete", since, 200)
    assert [(each["account_id"], each["region"]) for each in found["gaps"]] == [
        (account_id, "us-east-1")
    ]
    assert found["accounts_without_logs"] == len(others)


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"since": "2026-05-02", "until": "2026-05-01"}]
)
def test_health_refuses_days_that_are_none(viewer, acme, query):
    assert viewer.get(f"{LIST}/health", query).status_code == 400


def test_proposals_say_that_trails_were_never_read_where_there_are_none(viewer, acme):
    told = viewer.get(f"{LIST}/proposals").json()
    assert told["results"] == []
    assert [one["collector"] for one in told["freshness"]["unread"]] == ["protection.trails"]


ATHENA = {
    "kind": "athena", "athena_database": "logs", "athena_table": "cloudtrail",
    "athena_workgroup": "orgwarden", "monthly_budget_usd": "5.00",
}  # fmt: skip


def test_adds_a_source_that_athena_reads_with_its_budget(security, viewer, acme):
    added = security.post(LIST, body(acme, **ATHENA), format="json")
    assert added.status_code == 201
    (listed,) = viewer.get(LIST).json()["results"]
    assert (listed["kind"], listed["monthly_budget_usd"], listed["month_spent_usd"]) == (
        "athena", "5.00", "0",
    )  # fmt: skip


def test_keeps_a_source_off_that_would_count_events_twice(security, acme):
    source = LogSourceFactory.create(connection=acme.connection, is_enabled=False)
    assert security.post(LIST, body(acme, **ATHENA), format="json").status_code == 201
    address = f"{LIST}/{source.pk}"
    refused = security.patch(
        address,
        {"is_enabled": True},
        format="json",
        headers={"If-Match": security.get(address)["ETag"]},
    )
    assert refused.status_code == 400
    assert "would count twice" in refused.content.decode()


def test_health_counts_days_by_what_digest_files_say(viewer, acme):
    source = LogSourceFactory.create(connection=acme.connection)
    day = timezone.now().date() - timedelta(days=2)
    LogDayFactory.create(
        source=source, day=day, account_id=open_accounts(acme)[0], digests="failed",
        digests_why="A file was altered.",
    )  # fmt: skip
    found = viewer.get(f"{LIST}/health").json()
    assert found["digests"] == {
        "verified": 0, "failed": 1, "absent": 0, "unknown": 0, "unchecked": 0,
    }  # fmt: skip
    assert [each["why"] for each in found["failed_days"]] == ["A file was altered."]


def test_health_says_nothing_of_digest_files_without_a_source(viewer, acme):
    assert viewer.get(f"{LIST}/health").json()["digests"] is None
