"""The demo's baseline, from which some things differ."""

from demo.drift import ensure_drift
from governance.drift.models import DriftItem
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import SECOND_RUN_AT


class TestEnsureDrift:
    def test_plants_drift_once(self, db):
        person("security")
        connection = organization_snapshot().connection
        assert ensure_drift(connection, now=SECOND_RUN_AT) >= 4
        kinds = set(DriftItem.objects.values_list("kind", flat=True))
        assert {"SCP_UPDATED", "TRUSTED_ACCESS_DISABLED"} <= kinds
        assert ensure_drift(connection, now=SECOND_RUN_AT) == 0
