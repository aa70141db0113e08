"""Sources of logs: proposed from collected trails, and what may be stored."""

from datetime import date, timedelta

import pytest

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
            ({"multi_region": False}, "of one region"),
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
