"""How logging and detection fare by account, service and region; unknown is never good."""

from datetime import timedelta

import pytest

from governance.baseline.landing_zone.logging_health import (
    LogService,
    LogServiceHealth,
    logging_health,
)
from inventory.models import Coverage, ServiceConfiguration
from inventory.service_facts import (
    CONFIG_DELIVERY_CHANNEL,
    CONFIG_RECORDER,
    GUARDDUTY_DETECTOR,
    SECURITY_HUB,
    TRAIL,
)
from tests.factories.runs import CoverageFactory, store_coverage
from tests.factories.service_configurations import (
    GOOD_CHANNEL,
    GOOD_HUB,
    GOOD_RECORDER,
    GOOD_TRAIL,
    configuration,
)
from tests.governance.baseline.landing_zone.conftest import NOW, PAYMENTS

REGIONS = ("eu-west-1", "us-east-1")
REGIONAL = (CONFIG_RECORDER, GUARDDUTY_DETECTOR, SECURITY_HUB)
DENIED = Coverage.State.DENIED


def reads(snapshot, *, states=None):
    """Have everything been read in payments; `states`: kind and region → how else it ended."""
    states = states or {}
    made = [(TRAIL, "global"), *((kind, region) for kind in REGIONAL for region in REGIONS)]
    store_coverage(
        CoverageFactory.build(
            run=snapshot.run,
            account_id=PAYMENTS,
            collector=kind.collector,
            region=region,
            state=states.get((kind.key, region), Coverage.State.COMPLETE),
            message="refused" if (kind.key, region) in states else "",
        )
        for kind, region in made
    )


def is_good(snapshot):
    """Store an account in which all is as it should be, in both regions."""
    own = snapshot.connection, PAYMENTS
    configuration(own[0], TRAIL, own[1], region="us-east-1", **GOOD_TRAIL)
    for region in REGIONS:
        configuration(own[0], CONFIG_RECORDER, own[1], region=region, **GOOD_RECORDER)
        configuration(own[0], CONFIG_DELIVERY_CHANNEL, own[1], region=region, **GOOD_CHANNEL)
        configuration(own[0], GUARDDUTY_DETECTOR, own[1], region=region, enabled=True)
        configuration(own[0], SECURITY_HUB, own[1], region=region, **GOOD_HUB)


def payments(viewer, snapshot, now=NOW):
    found = logging_health(viewer, connection=snapshot.connection, now=now)
    return next(each for each in found.accounts if each.account_id == PAYMENTS)


def test_is_good_where_everything_logs_everywhere(viewer, snapshot):
    is_good(snapshot)
    reads(snapshot)
    found = payments(viewer, snapshot)
    assert (found.health, found.regions) == (LogServiceHealth.GOOD, REGIONS)


def test_is_unknown_where_nothing_was_ever_read_and_leaves_out_suspended_accounts(viewer, snapshot):
    found = logging_health(viewer, connection=snapshot.connection, now=NOW)
    assert {each.health for each in found.accounts} == {LogServiceHealth.UNKNOWN}
    assert found.counts[LogService.CLOUDTRAIL][LogServiceHealth.UNKNOWN] == 5
    assert "retired" not in {each.name for each in found.accounts}


def test_is_off_where_a_complete_reading_found_nothing(viewer, snapshot):
    reads(snapshot)
    found = payments(viewer, snapshot)
    assert {each.health for each in found.services.values()} == {LogServiceHealth.OFF}
    assert found.services[LogService.GUARDDUTY].of("us-east-1").words == "there is no detector"


def test_is_unknown_and_not_off_or_good_where_a_region_was_refused(viewer, snapshot):
    is_good(snapshot)
    reads(snapshot, states={(GUARDDUTY_DETECTOR.key, "us-east-1"): DENIED})
    found = payments(viewer, snapshot).services[LogService.GUARDDUTY]
    assert found.health == LogServiceHealth.UNKNOWN
    assert (found.of("us-east-1").words, found.of("eu-west-1").health) == (
        "refused",
        LogServiceHealth.GOOD,
    )


def test_is_unknown_once_it_was_read_too_long_ago(viewer, snapshot):
    is_good(snapshot)
    reads(snapshot)
    later = payments(viewer, snapshot, NOW + timedelta(days=30))
    assert later.health == LogServiceHealth.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "facts", "service", "health", "words"),
    [
        (TRAIL, {"logging": False}, "cloudtrail", "off", "trail default is stopped"),
        (
            TRAIL,
            {"delivery_error": "AccessDenied"},
            "cloudtrail",
            "degraded",
            "trail default cannot deliver to organization-trail: AccessDenied",
        ),
        (
            TRAIL,
            {"management_events": "write"},
            "cloudtrail",
            "degraded",
            "trail default logs write management events, not all",
        ),
        (CONFIG_RECORDER, {"recording": False}, "config", "off", "the recorder is stopped"),
        (
            CONFIG_RECORDER,
            {"all_supported": False},
            "config",
            "degraded",
            "not every supported resource type is recorded",
        ),
        (
            CONFIG_DELIVERY_CHANNEL,
            {"last_status": "FAILURE", "last_error": "AccessDenied"},
            "config",
            "degraded",
            "delivery to organization-config fails: AccessDenied",
        ),
        (GUARDDUTY_DETECTOR, {"enabled": False}, "guardduty", "off", "the detector is suspended"),
        (
            SECURITY_HUB,
            {"standards_not_ready": ["pci"]},
            "securityhub",
            "degraded",
            "1 standard not ready",
        ),
        (
            SECURITY_HUB,
            {"standards": None},
            "securityhub",
            "unknown",
            "its standards could not be read",
        ),
    ],
)
def test_says_why_a_service_is_not_good(viewer, snapshot, kind, facts, service, health, words):
    is_good(snapshot)
    reads(snapshot)
    rows = ServiceConfiguration.objects.filter(connection=snapshot.connection, kind=kind.kind)
    for one in rows:
        one.facts |= facts
        one.save()
    found = payments(viewer, snapshot).services[LogService(service)]
    assert (found.health, found.regions[0].words) == (LogServiceHealth(health), words)


def test_takes_a_trail_of_one_region_for_that_region_alone(viewer, snapshot):
    reads(snapshot)
    configuration(
        snapshot.connection,
        TRAIL,
        PAYMENTS,
        region="us-east-1",
        **{**GOOD_TRAIL, "multi_region": False},
    )
    found = payments(viewer, snapshot).services[LogService.CLOUDTRAIL]
    assert found.of("us-east-1").health == LogServiceHealth.GOOD
    assert found.of("eu-west-1").words == "no trail logs this region"
