"""Limits and rules of AWS's that a draft would meet, and operations that cannot be done."""

import json
from datetime import timedelta
from typing import Any

import pytest

from governance.edits.checks import CheckMark
from governance.edits.operations import Operation, OperationKind
from governance.effects.request_effects import Verdict
from governance.effects.results import result_of
from governance.posture.trust.refreshing import refresh_trust
from tests.factories.edits import (
    MANAGEMENT,
    PAYMENTS,
    PAYMENTS_TEST,
    PROD,
    ROOT,
    TEST,
    WORKLOADS,
    attached,
    created,
    deleted,
    detached,
    edited,
    moved,
)
from tests.factories.organization import OrganizationalUnitFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.principals import RoleFactory
from tests.factories.resources import BucketFactory, account_block, bucket_policy
from tests.factories.rich_snapshots import PERIMETER
from tests.factories.runs import CoverageFactory
from tests.factories.times import FIRST_RUN_AT

REFUSED = [
    (edited("p-FullAWSAccess", "{}"), "AWS keeps this policy"),
    (deleted("p-FullAWSAccess"), "AWS keeps this policy"),
    (edited("p-missing1", "{}"), "there is no policy p-missing1"),
    (attached("p-regio001", WORKLOADS), "is attached to Workloads already"),
    (detached("p-regio001", PROD), "is not attached to Prod"),
    (attached("p-regio001", "999999999999"), "there is no root, OU or account 999999999999"),
    (moved(PAYMENTS, PROD), "lies in Prod already"),
    (moved(WORKLOADS, PROD), "Prod lies below Workloads"),
    (moved(WORKLOADS, WORKLOADS), "lies below Workloads"),
]


class TestOperationsThatCannotBeDone:
    @pytest.mark.parametrize(("operation", "words"), REFUSED)
    def test_are_told_and_passed_over(self, simulated, operation, words):
        found = simulated(operation, attached("p-unatt001", ROOT))
        (problem,) = found.drafted.problems
        assert problem.number == 0
        assert words in problem.message
        assert found.effects.effects

    def test_policies_of_types_that_decide_no_requests_are_drafted_and_measured(self, simulated):
        found = simulated(
            edited("p-costs001", "{" + " " * 10_000 + "}"), attached("p-costs001", TEST)
        )
        assert found.drafted.problems == ()
        assert not found.effects.effects
        assert by_code(found)["size"].measured == "10,002 of 10,000 characters"
        assert by_code(found)["slots"].measured == "1 of 10 at Test"

    def test_a_new_ou_binds_the_accounts_that_move_into_it(self, simulated):
        found = simulated(
            Operation(
                OperationKind.CREATE_ORGANIZATIONAL_UNIT,
                target_id="new-1",
                parent_id=ROOT,
                name="Fresh",
            ),
            attached("p-unatt001", "new-1"),
            moved(PAYMENTS_TEST, "new-1"),
            Operation(OperationKind.DELETE_ORGANIZATIONAL_UNIT, target_id=TEST),
        )
        assert found.drafted.problems == ()
        assert found.drafted.affected_accounts == {PAYMENTS_TEST}
        denied = [one for one in found.effects.effects if one.verdict is Verdict.NEWLY_DENIED]
        assert denied
        differences: Any = result_of(found)["differences"]
        assert differences[0]["witness"]["denied_by"]["target_id"] == "new-1"

    def test_a_type_that_is_disabled_limits_nothing_any_more(self, simulated):
        kind = "SERVICE_CONTROL_POLICY"
        found = simulated(Operation(OperationKind.DISABLE_POLICY_TYPE, policy_type=kind))
        assert found.drafted.problems == ()
        assert {one.verdict for one in found.effects.effects} == {Verdict.NEWLY_ALLOWED}

    def test_a_new_policy_has_a_name_of_its_own(self, simulated):
        found = simulated(created(denying("s3:*")), created(denying("ec2:*")))
        assert [problem.number for problem in found.drafted.problems] == [1]


def by_code(simulated):
    return {check.code: check for check in simulated.checks}


class TestChecks:
    def test_a_policy_that_is_too_long_is_refused_by_todays_limit(self, simulated):
        found = by_code(simulated(edited("p-regio001", denying(*["ec2:RunInstances"] * 600))))
        assert found["size"].mark is CheckMark.REFUSED
        assert "of 10,240 characters" in found["size"].measured

    def test_slots_are_counted_where_attachments_change(self, simulated):
        assert by_code(simulated(attached("p-unatt001", WORKLOADS)))["slots"].measured == (
            "3 of 10 at Workloads"
        )

    def test_a_target_takes_as_many_policies_as_aws_lets_it(self, simulated, snapshot):
        for _ in range(8):
            policy = PolicyFactory.create(connection=snapshot.connection, seen_from=FIRST_RUN_AT)
            PolicyAttachmentFactory.create(
                connection=snapshot.connection,
                seen_from=FIRST_RUN_AT,
                policy_id=policy.policy_id,
                target_id=WORKLOADS,
            )
        full = by_code(simulated(attached("p-unatt001", WORKLOADS)))["slots"]
        assert (full.mark, full.measured) == (CheckMark.REFUSED, "11 of 10 at Workloads")

    def test_the_last_policy_of_a_target_stays(self, simulated):
        found = by_code(simulated(detached("p-FullAWSAccess", TEST)))
        assert found["last_policy"].mark is CheckMark.REFUSED
        assert "Test" in found["last_policy"].measured

    def test_a_level_that_allows_nothing_any_more_is_warned_of(self, simulated):
        found = by_code(simulated(attached("p-unatt001", TEST), detached("p-FullAWSAccess", TEST)))
        assert found["allow_chain"].mark is CheckMark.WARNED
        assert found["allow_chain"].measured == "Test: 1 accounts below can do nothing"

    def test_units_lie_at_most_five_deep(self, simulated, snapshot):
        parent = snapshot.units["Prod"]
        for _ in range(3):
            parent = OrganizationalUnitFactory.create(
                connection=snapshot.connection, seen_from=FIRST_RUN_AT, parent=parent
            )
        found = by_code(simulated(moved(TEST, parent.target_id)))
        assert found["depth"].mark is CheckMark.REFUSED
        assert found["depth"].measured == "6 of 5 at Test"
        assert found["moved_unit"].mark is CheckMark.WARNED

    def test_a_deleted_policy_must_be_attached_nowhere(self, simulated):
        found = by_code(simulated(deleted("p-regio001")))
        assert found["policy_in_use"].measured == "to 1 targets"

    def test_the_management_account_may_have_policies_that_bind_it_not(self, simulated):
        found = simulated(attached("p-unatt001", MANAGEMENT))
        assert by_code(found)["slots"].mark is CheckMark.HOLDS
        assert not found.effects.effects


class TestResourcesBelowAChangedRcp:
    OUTSIDE = {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}}

    @pytest.fixture
    def perimeter(self, snapshot):
        """An RCP that is attached nowhere yet; RCPs are enabled."""
        snapshot.root.policy_types["RESOURCE_CONTROL_POLICY"] = "ENABLED"
        snapshot.root.save()
        CoverageFactory.create(
            run=snapshot.run,
            account_id="",
            collector="organizations.policies.RESOURCE_CONTROL_POLICY",
        )
        return PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-perim001",
            type="RESOURCE_CONTROL_POLICY",
            text=PERIMETER,
            seen_from=FIRST_RUN_AT,
        )

    def bucket(self, snapshot, name, *statements, account_id=PAYMENTS, **values):
        text = content(bucket_policy(*statements)) if statements else None
        BucketFactory.create(
            connection=snapshot.connection,
            account_id=account_id,
            name=name,
            content=text,
            **values,
        )

    def test_are_named_where_they_let_in_callers_from_outside(self, simulated, snapshot, perimeter):
        self.bucket(snapshot, "shared", self.OUTSIDE)
        self.bucket(snapshot, "own", {"Principal": {"AWS": PAYMENTS}})
        self.bucket(snapshot, "blocked", {"Principal": "*"})
        self.bucket(snapshot, "elsewhere", self.OUTSIDE, account_id=MANAGEMENT)
        found = by_code(simulated(attached("p-perim001", WORKLOADS)))["resources_open_outside"]
        assert found.mark is CheckMark.WARNED
        assert found.measured == "1 of 3: shared"

    def test_are_told_apart_from_those_that_are_not_known(self, simulated, snapshot, perimeter):
        self.bucket(snapshot, "vault", unknown={"policy": "AccessDenied"})
        found = by_code(simulated(attached("p-perim001", WORKLOADS)))
        assert found["resources_open_outside"].mark is CheckMark.HOLDS
        assert found["resources_not_known"].measured == "1 of 1: vault"

    def test_are_no_matter_of_a_service_control_policy(self, simulated, snapshot):
        self.bucket(snapshot, "shared", self.OUTSIDE)
        assert "resources_open_outside" not in by_code(simulated(attached("p-unatt001", WORKLOADS)))

    def test_tell_which_edges_of_trust_close_and_open(self, simulated, snapshot, perimeter):
        perimeter_at_test = PolicyAttachmentFactory.create(
            connection=snapshot.connection, policy_id="p-perim001", target_id=PAYMENTS_TEST
        )
        self.bucket(snapshot, "data", self.OUTSIDE)
        shut = {**self.OUTSIDE, "Resource": "*"}
        self.bucket(snapshot, "shut", shut, account_id=PAYMENTS_TEST)
        for account_id in (PAYMENTS, PAYMENTS_TEST):
            account_block(snapshot.connection, account_id, None)
        refresh_trust(snapshot.connection, now=FIRST_RUN_AT + timedelta(hours=1))
        closing = by_code(simulated(attached("p-perim001", PAYMENTS)))
        assert closing["trust_edges_closed"].mark is CheckMark.WARNED
        assert closing["trust_edges_closed"].measured == "1 of 1: 999999999999 into data"
        assert "trust_edges_opened" not in closing
        opening = by_code(simulated(detached(perimeter_at_test.policy_id, PAYMENTS_TEST)))
        assert opening["trust_edges_opened"].measured == "1 of 1: 999999999999 into shut"
        assert opening["trust_edges_closed"].mark is CheckMark.HOLDS

    def test_tell_which_edges_an_scp_of_the_callers_closes(self, simulated, snapshot):
        logs = "333333333331"
        deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
        PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-noroles1",
            text=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
            seen_from=FIRST_RUN_AT,
        )
        allow = {"Effect": "Allow", "Principal": {"AWS": logs}, "Action": "sts:AssumeRole"}
        RoleFactory.create(
            connection=snapshot.connection,
            account_id=PAYMENTS_TEST,
            name="deploy",
            trust_policy=content(json.dumps({"Version": "2012-10-17", "Statement": [allow]})),
        )
        refresh_trust(snapshot.connection, now=FIRST_RUN_AT + timedelta(hours=1))
        closing = by_code(simulated(attached("p-noroles1", logs)))
        assert closing["trust_edges_closed"].measured == f"1 of 1: {logs} into deploy"
        elsewhere = by_code(simulated(attached("p-noroles1", PAYMENTS_TEST)))
        assert "trust_edges_closed" not in elsewhere
