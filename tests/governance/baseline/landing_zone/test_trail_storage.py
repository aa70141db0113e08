"""What protects the log files of the organization's trail: its bucket, its key, their policies."""

import pytest

from governance.baseline.landing_zone.core_accounts import core_accounts
from governance.baseline.landing_zone.trail_storage import trail_storages
from governance.posture.trust.models import TrustReading
from inventory.service_facts import TRAIL
from tests.factories.policies import content, denying
from tests.factories.resources import BucketFactory
from tests.factories.service_configurations import GOOD_TRAIL, configuration
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory
from tests.governance.baseline.landing_zone.conftest import LOG_ARCHIVE, MANAGEMENT, NOW, PAYMENTS

BUCKET = "arn:aws:s3:::organization-trail"
KEY = f"arn:aws:kms:eu-central-1:{LOG_ARCHIVE}:key/7d0e5b0a-4c1f-4a53-9a3c-5f0b7d8e2c11"


@pytest.fixture
def trail(read_whole):
    """The organization's trail, which payments shows too."""
    for account_id in (PAYMENTS, MANAGEMENT):
        configuration(
            read_whole.connection,
            TRAIL,
            account_id,
            name="organization",
            arn=f"arn:aws:cloudtrail:eu-central-1:{MANAGEMENT}:trail/organization",
            **GOOD_TRAIL,
            kms_key_id=KEY,
        )
    return read_whole


@pytest.fixture
def bucket(trail):
    """Its bucket in the log archive, into which CloudTrail writes for the trail alone."""
    common = {"connection": trail.connection, "account_id": LOG_ARCHIVE}
    TrustReading.objects.create(**common, run_started_at=FIRST_RUN_AT, read_at=FIRST_RUN_AT)
    TrustEdgeFactory.create(
        **common,
        resource_arn=BUCKET,
        principal_kind="service",
        principal_id="cloudtrail.amazonaws.com",
        principal_account_id="",
        crossing="service",
        state="guarded",
    )
    return BucketFactory.create(
        **common, name="organization-trail", arn=BUCKET, content=content(denying("s3:*"))
    )


@pytest.fixture
def key(bucket):
    return BucketFactory.create(
        connection=bucket.connection,
        account_id=LOG_ARCHIVE,
        service="kms",
        resource_type="key",
        name="trail",
        arn=KEY,
        content=content(denying("kms:*")),
        facts={},
    )


@pytest.fixture
def checks(trail, viewer):
    """Return a function that returns the checks of the one trail by label."""

    def found():
        standings = core_accounts(viewer, connection=trail.connection, now=NOW)
        (one,) = trail_storages(viewer, connection=trail.connection, standings=standings)
        return one, {check.label: (str(check.health), check.words) for check in one.checks}

    return found


class TestTrailStorages:
    def test_are_good_where_bucket_and_key_are_in_the_log_archive_and_nobody_else_is_let_in(
        self, checks, key
    ):
        one, found = checks()
        assert {health for health, _ in found.values()} == {"good"}, found
        assert (one.account_id, str(one.health)) == (LOG_ARCHIVE, "good")

    def test_is_not_known_where_the_bucket_was_not_read(self, checks):
        one, found = checks()
        assert found["Bucket policy"][0] == "unknown"
        assert found["Encrypted with an own key"][0] == "unknown"
        assert str(one.health) == "unknown"

    def test_names_outsiders_who_are_let_into_the_bucket_or_the_key(self, checks, key, trail):
        for arn in (BUCKET, KEY):
            TrustEdgeFactory.create(
                connection=trail.connection, account_id=LOG_ARCHIVE, resource_arn=arn
            )
        _, found = checks()
        assert found["Bucket policy"] == ("degraded", "gives 999999999999 access")
        assert found["Encrypted with an own key"] == (
            "degraded",
            "the key gives 999999999999 access",
        )

    def test_says_that_a_bucket_without_a_policy_takes_no_logs(self, checks, bucket):
        type(bucket).objects.update(content=None)
        assert checks()[1]["Bucket policy"][0] == "off"

    def test_names_the_account_of_a_bucket_that_is_elsewhere(self, checks, bucket):
        type(bucket).objects.update(account_id=PAYMENTS)
        standings = checks()[1]["Bucket in the log archive"]
        assert PAYMENTS in standings[1]
