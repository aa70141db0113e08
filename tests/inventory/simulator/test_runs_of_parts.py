"""Runs of the demo organization: effective policies, crossings, and what drifted."""

from datetime import timedelta

import pytest

from governance.posture.effective.organization import load_management
from governance.posture.effective.targets import EffectiveSource, effective_at
from inventory.models import (
    Coverage,
    EffectivePolicy,
    EffectivePolicyAsking,
    IdentityCenterPrincipal,
    InventoryRun,
    OrganizationSetting,
    PermissionSet,
    PermissionSetAssignment,
    Policy,
    ResourcePolicy,
    ResponsibilityTransfer,
)
from inventory.resource_facts import grants_of
from inventory.selectors.effective_policies import effective_answers, policies_fared
from inventory.viewing import Viewer
from tests.inventory.simulator.conftest import calls, covered

pytestmark = pytest.mark.simulator
RUN = InventoryRun.State
ONE = "security-tooling"


class TestEffectivePolicies:
    @pytest.fixture
    def refusing(self, simulator):
        simulator.control(
            "POST", "/faults", {"kind": "refuse", "operation": "DescribeEffectivePolicy"}
        )
        yield
        simulator.control("DELETE", "/faults")

    def test_are_asked_for_once_a_chain_and_not_again_while_they_are_fresh(self, run):
        first = run(ONE)
        rows = EffectivePolicy.objects.as_of(None)
        assert {row.policy_type for row in rows} == {
            "TAG_POLICY",
            "BACKUP_POLICY",
            "AISERVICES_OPT_OUT_POLICY",
            "DECLARATIVE_POLICY_EC2",
        }
        assert all(row.content for row in rows)
        asked = calls(first, account_id="")["organizations:DescribeEffectivePolicy"]
        assert asked == rows.count() == EffectivePolicyAsking.objects.count()
        assert asked < 10
        second = run(ONE)
        assert calls(second, account_id="")["organizations:DescribeEffectivePolicy"] == 0
        assert covered(second).get(collector="organizations.effective.TAG_POLICY").records == 4
        assert (second.rows_opened, second.rows_closed) == (0, 0)

    def test_are_asked_for_again_after_a_day(self, run, clock):
        name = "organizations:DescribeEffectivePolicy"
        asked = calls(run(ONE), account_id="")[name]
        clock.now += timedelta(hours=24)
        again = run(ONE)
        assert calls(again, account_id="")[name] == asked > 0
        assert {row.asked_at for row in EffectivePolicyAsking.objects.all()} == {again.started_at}
        assert (again.rows_opened, again.rows_closed) == (0, 0)

    def test_are_denied_and_computed_where_aws_refuses(
        self, run, refusing, connection, account_named
    ):
        done = run(ONE)
        assert done.state == RUN.PARTIAL
        states = {
            row.collector.rpartition(".")[2]: row.state
            for row in covered(done).filter(collector__startswith="organizations.effective.")
        }
        assert states["TAG_POLICY"] == Coverage.State.DENIED
        # Nothing to ask for: the type is not enabled.
        assert states["CHATBOT_POLICY"] == Coverage.State.COMPLETE
        assert not EffectivePolicy.objects.exists()
        viewer = Viewer(sees_inventory=True)
        found = effective_at(
            load_management(viewer, connection=connection),
            account_named(ONE),
            policy_type="TAG_POLICY",
            answers={},
            fared=policies_fared(viewer, connection=connection),
        )
        assert found.source is EffectiveSource.COMPUTED
        assert found.document is not None
        assert "owner" in found.document["tags"]
        assert found.not_told is not None
        assert found.not_told.state == Coverage.State.DENIED
        assert "organizations:DescribeEffectivePolicy" in found.not_told.message

    def test_are_what_the_operators_give(self, run, connection):
        run(ONE)
        viewer = Viewer(sees_inventory=True)
        management = load_management(viewer, connection=connection)
        accounts = management.organization.account_ids
        answers = effective_answers(
            viewer,
            connection=connection,
            chains={
                (kind, management.chain(kind, account_id))
                for kind in management.enabled_types
                for account_id in accounts
            },
        )
        found = [
            effective_at(management, account_id, policy_type=kind, answers=answers, fared={})
            for kind in management.enabled_types
            for account_id in accounts
        ]
        told = [each for each in found if each.source is EffectiveSource.AWS]
        assert len(told) > len(accounts)
        assert [each for each in told if each.differences] == []
        assert {row for each in told for row in each.settings if not row.set_by} == set()


class TestCrossingsOfTheOrganization:
    def test_are_read_with_who_signs_in_where(self, run, account_named):
        done = run()
        settings = {row.name: row.value for row in OrganizationSetting.objects.as_of(None)}
        assert settings["root_access_features"] == ["RootCredentialsManagement", "RootSessions"]
        [instance] = settings["identity_center_instances"]
        assert instance["region"] == "eu-central-1"
        [transfer] = ResponsibilityTransfer.objects.as_of(None)
        assert (transfer.direction, transfer.status) == ("outbound", "ACCEPTED")
        assert transfer.source_account_id == instance["owner_account_id"]

        sets = {row.name: row for row in PermissionSet.objects.as_of(None)}
        assert sets["SandboxOwner"].managed_policy_arns == [
            "arn:aws:iam::aws:policy/IAMFullAccess",
            "arn:aws:iam::aws:policy/PowerUserAccess",
        ]
        people = {row.principal_id: row for row in IdentityCenterPrincipal.objects.as_of(None)}
        [own] = PermissionSetAssignment.objects.filter(
            account_id=account_named("sandbox-amira"), principal_kind="user"
        )
        assert own.permission_set_arn == sets["SandboxOwner"].arn
        assert people[own.principal_id].name == "amira"
        groups = {row.name: row.members for row in people.values() if row.kind == "group"}
        assert len(groups["cloud-platform"]) == 2
        assert (groups["auditors"], groups["choir"]) == ([], None)

        made = calls(done, account_id="")
        pairs = PermissionSetAssignment.objects.values("permission_set_arn", "account_id")
        assert made["sso:ListAccountAssignments"] == pairs.distinct().count()
        assert made["sso:DescribePermissionSet"] == len(sets)
        assert not covered(done).filter(account_id="").exclude(state="complete").exists()


class TestCrossingsOfAccounts:
    @pytest.fixture
    def grants(self, run, account_named):
        """Return of the named accounts whom each kind of resource lets in beside its policy."""

        def grants(*names):
            done = run(*names, groups=("sharing", "workloads", "network"))
            ids = {account_named(name): name for name in names}
            states = covered(done).filter(account_id__in=ids).exclude(state="complete")
            assert not states.exists(), list(states.values_list("collector", "state", "message"))
            return {
                (ids[row.account_id], row.resource_type, grant.grantee)
                for row in ResourcePolicy.objects.as_of(None)
                for grant in grants_of(row.facts) or ()
            }

        return grants

    def test_are_read_from_both_sides(self, grants, account_named):
        prod, hub, acquired = "booking-api-prod", "network-hub", "norrland-tms-prod"
        found = grants(prod, hub, acquired)
        sandbox = account_named("sandbox-jonas")
        assert (prod, "vpc-peering-connection", sandbox) in found
        assert (prod, "transit-gateway-attachment", account_named(hub)) in found
        assert (hub, "transit-gateway", account_named(prod)) in found
        assert (acquired, "snapshot", "*") in found
        developer = f"arn:aws:iam::{account_named('booking-dev')}:role/platform/PlatformDeploy"
        assert (prod, "cluster", developer) in found
        kinds = {(row.resource_type, row.name) for row in ResourcePolicy.objects.as_of(None)}
        assert ("resource-share", "shared-subnets") in kinds
        assert sum(kind == "snapshot" for kind, _ in kinds) == 1


class TestDrift:
    def test_shows_what_was_changed_at_the_console(self, run, console):
        run(ONE)
        made = console.create_policy(
            Name="made-at-the-console",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content='{"Version":"2012-10-17","Statement":'
            '[{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]}',
        )["Policy"]["PolicySummary"]
        try:
            second = run(ONE)
            assert (second.rows_opened, second.rows_closed) == (1, 0)
            assert Policy.objects.as_of(None).get(policy_id=made["Id"]).name == made["Name"]
        finally:
            console.delete_policy(PolicyId=made["Id"])
        third = run(ONE)
        assert (third.rows_opened, third.rows_closed) == (0, 1)
        assert Policy.objects.get(policy_id=made["Id"]).seen_until == third.started_at
