"""Control Tower as it is told, and what it says nothing of."""

from dataclasses import dataclass

import pytest

from governance.baseline.landing_zone.control_tower import control_tower_status
from governance.baseline.landing_zone.enforcement import Enforcer, landing_zone_enforcement
from governance.baseline.landing_zone.tower_facts import (
    ControlTowerState,
    TowerDrift,
    TowerGapKind,
)
from inventory.models import Connection, Coverage, ServiceConfiguration, TrustedService
from inventory.service_facts import (
    CATALOG_CONTROL,
    ENABLED_BASELINE,
    ENABLED_CONTROL,
    LANDING_ZONE,
)
from inventory.viewing import Place, Viewer
from tests.factories.organization import TrustedServiceFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.service_configurations import configuration, covered_kinds
from tests.factories.versions import changed
from tests.governance.baseline.landing_zone.conftest import (
    MANAGEMENT,
    NOW,
    PAYMENTS,
    TEST,
    TOWER,
    WEBSITE,
)

PROD, WORKLOADS = "ou-ab12-prod0001", "ou-ab12-work0001"
CONTROL = "arn:aws:controltower:us-east-1::control/AWS-GR_RESTRICT_ROOT_USER"
SCP = "AWS::Organizations::Policy::SERVICE_CONTROL_POLICY"


def status(viewer, snapshot):
    return control_tower_status(viewer, connection=snapshot.connection, now=NOW)


def gaps(viewer, snapshot):
    return [(each.kind, each.target_id) for each in status(viewer, snapshot).gaps]


@dataclass
class StoredTower:
    """Control Tower as it was stored: called, it adds a row."""

    connection: Connection
    zone: ServiceConfiguration
    trust: TrustedService

    def __call__(self, kind, name, **facts):
        return configuration(
            self.connection, kind, MANAGEMENT, name=name, arn=f"arn:{name}", **facts
        )


@pytest.fixture
def tower(read_whole):
    """Control Tower with a landing zone, trusted in the organization."""
    trust = TrustedServiceFactory.create(
        connection=read_whole.connection, service_principal="controltower.amazonaws.com"
    )
    zone = configuration(
        read_whole.connection,
        LANDING_ZONE,
        MANAGEMENT,
        region="us-east-1",
        version="4.0",
        latest_version="4.0",
        status="ACTIVE",
        drift_status="IN_SYNC",
    )
    return StoredTower(read_whole.connection, zone, trust)


def enabled(tower, target_id=PROD, *, name="control", drift="IN_SYNC", status="SUCCEEDED"):
    return tower(
        ENABLED_CONTROL,
        name,
        control=CONTROL,
        target_id=target_id,
        drift_status=drift,
        status=status,
        parameters={},
    )


def enrolled(tower, account_id, unit_id=PROD):
    tower(
        ENABLED_BASELINE,
        f"account-{account_id}",
        baseline="AWSControlTowerBaseline",
        target_id=account_id,
        parent=f"arn:unit-{unit_id}",
    )


def registered(tower, unit_id=PROD, drift="IN_SYNC"):
    tower(
        ENABLED_BASELINE,
        f"unit-{unit_id}",
        baseline="AWSControlTowerBaseline",
        target_id=unit_id,
        inheritance_drift=drift,
    )


class TestState:
    def test_is_not_set_up_only_where_that_was_read(self, viewer, read_whole):
        assert status(viewer, read_whole).state == ControlTowerState.NOT_SET_UP
        covered_kinds(
            read_whole.run, "", TOWER, state=Coverage.State.DENIED, message="AWS refused it"
        )
        found = status(viewer, read_whole)
        assert (found.state, found.because) == (ControlTowerState.UNKNOWN, "AWS refused it")

    def test_may_be_in_another_region_while_it_is_trusted(self, viewer, read_whole):
        TrustedServiceFactory.create(
            connection=read_whole.connection, service_principal="controltower.amazonaws.com"
        )
        found = status(viewer, read_whole)
        assert found.state == ControlTowerState.ELSEWHERE
        assert "make Control Tower's home region the connection's" in found.because

    def test_is_unknown_to_somebody_who_sees_a_part(self, read_whole, tower):
        part = frozenset({Place(read_whole.connection.pk, PAYMENTS)})
        found = status(Viewer(sees_inventory=True, limits=(part,)), read_whole)
        assert (found.state, found.controls) == (ControlTowerState.UNKNOWN, ())


class TestControls:
    def test_are_in_one_of_four_states_of_drift(self, viewer, read_whole, tower):
        for drift in ("IN_SYNC", "DRIFTED", "NOT_CHECKING", "UNKNOWN"):
            enabled(tower, name=drift, drift=drift)
        enabled(tower, name="silent", drift=None)
        found = status(viewer, read_whole)
        assert found.controls_by_drift == {
            TowerDrift.IN_SYNC: 1,
            TowerDrift.DRIFTED: 1,
            TowerDrift.NOT_CHECKING: 1,
            TowerDrift.UNKNOWN: 2,
        }
        assert (TowerGapKind.CONTROL_DRIFTED, PROD) in gaps(viewer, read_whole)

    def test_have_the_catalogues_data_or_say_that_they_lack_it(self, viewer, read_whole, tower):
        enabled(tower)
        [bare] = status(viewer, read_whole).controls
        assert (bare.catalogued, bare.severity, bare.identifier) == (
            False,
            "",
            "AWS-GR_RESTRICT_ROOT_USER",
        )
        tower(
            CATALOG_CONTROL,
            CONTROL,
            title="Disallow actions as a root user",
            severity="CRITICAL",
            behavior="PREVENTIVE",
            implementation=SCP,
            frameworks=[{"name": "NIST-SP-800-53-r5", "item": "AC-6"}],
        )
        [control] = status(viewer, read_whole).controls
        assert (control.catalogued, control.severity) == (True, "CRITICAL")
        assert control.frameworks == (("NIST-SP-800-53-r5", "AC-6"),)
        assert (control.target_name, control.target_kind) == ("Prod", "organizational_unit")


class TestGaps:
    def test_are_none_where_all_is_as_control_tower_set_it_up(self, viewer, read_whole, tower):
        enabled(tower)
        registered(tower)
        enrolled(tower, PAYMENTS)
        changed(read_whole.accounts["website"], at=NOW, parent_id=WORKLOADS)
        assert gaps(viewer, read_whole) == []

    def test_say_that_trusted_access_was_lost(self, viewer, read_whole, tower):
        tower.trust.delete()
        assert gaps(viewer, read_whole) == [(TowerGapKind.TRUSTED_ACCESS_LOST, "")]
        assert not status(viewer, read_whole).gaps[0].told_by_control_tower

    def test_say_nothing_of_trusted_access_that_was_not_read(self, viewer, snapshot, db):
        covered_kinds(snapshot.run, "", TOWER)
        configuration(snapshot.connection, LANDING_ZONE, MANAGEMENT, version="4.0")
        Coverage.objects.filter(collector="organizations.trusted_services").update(state="denied")
        assert gaps(viewer, snapshot) == []

    def test_tell_an_enrolled_account_that_left_and_one_that_was_never_enrolled(
        self, viewer, read_whole, tower
    ):
        registered(tower)
        enrolled(tower, TEST)
        enrolled(tower, PAYMENTS)
        assert gaps(viewer, read_whole) == [
            (TowerGapKind.ENROLLED_OUTSIDE, TEST),
            (TowerGapKind.NOT_ENROLLED, WEBSITE),
        ]

    def test_tell_a_policy_that_is_attached_to_an_enrolled_account_itself(
        self, viewer, read_whole, tower
    ):
        registered(tower)
        enrolled(tower, PAYMENTS)
        enrolled(tower, WEBSITE)
        [gap] = status(viewer, read_whole).gaps
        assert (gap.kind, gap.target_id) == (TowerGapKind.ATTACHED_TO_ACCOUNT, WEBSITE)
        assert gap.words.startswith("deny-instances is attached to website itself")

    def test_tell_a_preventive_control_without_its_policy(self, viewer, read_whole, tower):
        enabled(tower)
        tower(CATALOG_CONTROL, CONTROL, behavior="PREVENTIVE", implementation=SCP)
        assert gaps(viewer, read_whole) == [(TowerGapKind.POLICY_MISSING, PROD)]
        policy = PolicyFactory.create(
            connection=read_whole.connection, name="aws-guardrails-kRtQnx", policy_id="p-guard001"
        )
        PolicyAttachmentFactory.create(
            connection=read_whole.connection, policy_id=policy.policy_id, target_id=PROD
        )
        assert gaps(viewer, read_whole) == []

    def test_tell_an_update_a_failed_control_and_a_drifted_baseline(
        self, viewer, read_whole, tower
    ):
        tower.zone.facts |= {"latest_version": "4.1", "drift_status": "DRIFTED"}
        tower.zone.save()
        enabled(tower, status="FAILED")
        registered(tower, WORKLOADS, drift="DRIFTED")
        assert gaps(viewer, read_whole) == [
            (TowerGapKind.LANDING_ZONE_DRIFTED, ""),
            (TowerGapKind.UPDATE_AVAILABLE, ""),
            (TowerGapKind.CONTROL_FAILED, PROD),
            (TowerGapKind.BASELINE_DRIFTED, WORKLOADS),
        ]


class TestEnforcement:
    def of(self, viewer, snapshot):
        return landing_zone_enforcement(viewer, connection=snapshot.connection, now=NOW)

    def test_tells_control_tower_own_policies_and_nobody_apart(self, viewer, read_whole, tower):
        enabled(tower)
        found = self.of(viewer, read_whole)
        by_target = {each.target_id: each for each in found.targets}
        assert by_target[PROD].enforcer == Enforcer.BOTH
        assert [each.identifier for each in by_target[PROD].controls] == [
            "AWS-GR_RESTRICT_ROOT_USER"
        ]
        assert by_target[WORKLOADS].own_policies == ("deny-regions",)
        # The root's own policy binds every account but the one that manages the organization.
        assert found.accounts == {
            Enforcer.BOTH: 2,
            Enforcer.CONTROL_TOWER: 0,
            Enforcer.ORGANIZATION: 2,
            Enforcer.NOBODY: 1,
            Enforcer.UNKNOWN: 0,
        }
        assert found.by_nobody == (MANAGEMENT,)

    def test_does_not_say_nobody_where_control_tower_is_not_known(self, viewer, read_whole):
        read_whole.attachments[0].__class__.objects.all().delete()
        covered_kinds(read_whole.run, "", TOWER, state=Coverage.State.FAILED)
        found = self.of(viewer, read_whole)
        assert found.tower == ControlTowerState.UNKNOWN
        assert found.accounts[Enforcer.NOBODY] == 1
        assert found.accounts[Enforcer.UNKNOWN] == 4
