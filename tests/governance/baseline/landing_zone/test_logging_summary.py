"""Logging counted account by account, in parts, and remembered until the next run."""

from django.core.cache import cache

from governance.baseline.landing_zone import logging_summary as summaries
from governance.baseline.landing_zone.logging_health import (
    LogService,
    LogServiceHealth,
    logging_health,
)
from governance.baseline.landing_zone.logging_summary import logging_summary
from inventory.models import ServiceConfiguration
from inventory.service_facts import TRAIL
from tests.factories.service_configurations import GOOD_TRAIL, configuration, covered_kinds
from tests.governance.baseline.landing_zone.conftest import NOW, PAYMENTS


def test_counts_as_the_whole_picture_does_and_is_remembered_in_parts(viewer, snapshot, monkeypatch):
    cache.clear()
    covered_kinds(snapshot.run, PAYMENTS, [TRAIL])
    configuration(snapshot.connection, TRAIL, PAYMENTS, **GOOD_TRAIL)
    asked = {"connection": snapshot.connection, "now": NOW}
    expected = logging_health(viewer, **asked).counts
    at_once = logging_summary(viewer, **asked)

    monkeypatch.setattr(summaries, "_AT_ONCE", 2)
    in_parts = logging_summary(viewer, **asked)
    ServiceConfiguration.objects.all().delete()
    remembered = logging_summary(viewer, **asked)

    assert at_once.counts == expected
    assert in_parts == remembered == at_once
    assert at_once.counts[LogService.CLOUDTRAIL][LogServiceHealth.GOOD] == 1
    assert at_once.worst_counts[LogServiceHealth.UNKNOWN] == len(at_once.lines) == 5
    cache.clear()
