"""Sources of logs: proposed from collected trails, and what may be stored."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from inventory.logs.sources import (
    LogSourceInvalid,
    LogSourceSettings,
    log_source_add,
    log_source_switch,
    proposed_sources,
)
from inventory.models import LogSource
from inventory.service_facts import TRAIL
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.logs import DAY, LOG_ARCHIVE, at_noon
from tests.factories.organization import AccountFactory
from tests.factories.resources import BucketFactory
from tests.factories.service_configurations import ServiceConfigurationFactory

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
NOW = at_noon(DAY)
ARN = "arn:aws:cloudtrail:us-east-1:111111111111:trail/organization-trail"


@pytest.fixture
def connection():
    made = ConnectionFactory.create()
    AccountFactory.create(connection=made, account_id=LOG_ARCHIVE)
    return made


def trail(connection, **facts):
    """Store an organization trail as the management account and a member hold it."""
    for account_id in ("111111111111", LOG_ARCHIVE):
        ServiceConfigurationFactory.create(
            connection=connection, account_id=account_id, service=TRAIL.service, kind=TRAIL.kind,
            region="us-east-1", name="organization-trail", arn=ARN,
            facts={
                "organization_trail": True, "multi_region": True, "logging": True,
                "delivery_error": "", "bucket": "example-logs", "key_prefix": "trails",
                "kms_key_id": "", **facts,
            },
        )  # fmt: skip


def _settings(**members):
    plain = {
        "name": "organization-trail", "bucket": "example-logs", "prefix": "trails",
        "bucket_region": "eu-west-1", "account_id": LOG_ARCHIVE,
        "organization_path": "o-exampleorg1", "trail_arn": ARN,
    }  # fmt: skip
    return LogSourceSettings(**{**plain, **members})


class TestProposedSources:
    def test_are_the_organizations_trails_once_with_the_account_that_owns_the_bucket(
        self, connection
    ):
        trail(connection)
        BucketFactory.create(
            connection=connection, account_id=LOG_ARCHIVE, name="example-logs",
            arn="arn:aws:s3:::example-logs", region="eu-west-1",
        )  # fmt: skip
        (found,) = proposed_sources(SEES, connection=connection)
        assert (found.settings, found.problem) == (_settings(), "")

    def test_leave_the_account_open_where_the_bucket_is_not_known(self, connection):
        trail(connection)
        (found,) = proposed_sources(SEES, connection=connection)
        assert (found.settings.account_id, found.settings.bucket_region) == ("", "us-east-1")

    def test_leave_out_what_is_read_already_and_trails_of_one_account(self, connection):
        trail(connection)
        log_source_add(connection=connection, settings=_settings(), now=NOW)
        assert proposed_sources(SEES, connection=connection) == []
        trail(ConnectionFactory.create(), organization_trail=False)
        assert proposed_sources(SEES, connection=connection) == []

    @pytest.mark.parametrize(
        ("facts", "problem"),
        [
            ({"logging": False}, "stopped"),
            ({"delivery_error": "AccessDenied"}, "cannot deliver: AccessDenied"),
            ({"multi_region": False}, "covers one region"),
        ],
    )
    def test_say_what_their_files_would_lack(self, connection, facts, problem):
        trail(connection, **facts)
        (found,) = proposed_sources(SEES, connection=connection)
        assert problem in found.problem


class TestLogSourceAdd:
    def test_reads_back_as_far_as_settings_say(self, connection, settings):
        settings.INVENTORY_LOG_BACKFILL_DAYS = 7
        source = log_source_add(connection=connection, settings=_settings(), now=NOW)
        assert (source.read_from, source.is_enabled) == (DAY - timedelta(days=7), True)
        assert source.root == "trails/AWSLogs/o-exampleorg1/"

    @pytest.mark.parametrize(
        ("members", "name"),
        [
            ({"bucket": "No_Bucket"}, "bucket"),
            ({"account_id": "12"}, "account_id"),
            ({"account_id": "999999999999"}, "account_id"),
            ({"organization_path": "o-another0000"}, "organization_path"),
            ({"read_from": date(2020, 1, 1)}, "read_from"),
            ({"read_from": DAY + timedelta(days=1)}, "read_from"),
            ({"name": " "}, "name"),
        ],
    )
    def test_refuses_what_cannot_be_read_and_says_which_setting_is_wrong(
        self, connection, members, name
    ):
        with pytest.raises(LogSourceInvalid) as refused:
            log_source_add(connection=connection, settings=_settings(**members), now=NOW)
        assert list(refused.value.fields) == [name]

    def test_refuses_a_place_that_is_read_already(self, connection):
        log_source_add(connection=connection, settings=_settings(), now=NOW)
        with pytest.raises(LogSourceInvalid, match="read already"):
            log_source_add(connection=connection, settings=_settings(name="again"), now=NOW)


def test_switching_off_keeps_the_source(connection):
    source = log_source_add(connection=connection, settings=_settings(), now=NOW)
    log_source_switch(source_id=source.pk, enabled=False)
    assert LogSource.objects.get().is_enabled is False


class TestASourceThatAthenaReads:
    ATHENA = {
        "kind": LogSource.Kind.ATHENA, "athena_database": "logs", "athena_table": "cloudtrail",
        "athena_workgroup": "orgwarden",
    }  # fmt: skip

    def add(self, connection, **members):
        return log_source_add(connection=connection, settings=_settings(**members), now=NOW)

    def test_needs_a_table_and_a_workgroup(self, connection):
        with pytest.raises(LogSourceInvalid) as refused:
            self.add(connection, kind=LogSource.Kind.ATHENA, athena_database="logs")
        assert sorted(refused.value.fields) == ["athena_table", "athena_workgroup"]

    def test_is_refused_beside_files_that_would_count_its_events_twice(self, connection):
        files = self.add(connection)
        with pytest.raises(LogSourceInvalid, match="would count twice"):
            self.add(connection, **self.ATHENA, prefix="other")
        log_source_switch(source_id=files.pk, enabled=False)
        added = self.add(connection, **self.ATHENA, prefix="other")
        assert added.kind == "athena"
        with pytest.raises(LogSourceInvalid, match="Switch that one off first"):
            log_source_switch(source_id=files.pk, enabled=True)

    def test_has_its_table_printed_for_all_accounts(self, connection):
        self.add(connection, **self.ATHENA)
        printed = io.StringIO()
        call_command(
            "athena_table", connection.slug, "organization-trail", "--region", "eu-west-1",
            stdout=printed,
        )  # fmt: skip
        assert "CREATE EXTERNAL TABLE logs.cloudtrail" in printed.getvalue()
        assert f"'projection.account.values' = '{LOG_ARCHIVE}'" in printed.getvalue()

    def test_without_such_a_source_says_so(self, connection):
        with pytest.raises(CommandError, match="no source of this name"):
            call_command("athena_table", connection.slug, "x", "--region", "eu-west-1")
