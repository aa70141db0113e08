"""Limits and rules of AWS's that a draft would meet, and operations that cannot be done."""

import pytest

from governance.edits.checks import CheckMark
from tests.factories.edits import (
    MANAGEMENT,
    PAYMENTS,
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
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.times import FIRST_RUN_AT

REFUSED = [
    (edited("p-FullAWSAccess", "{}"), "AWS keeps this policy"),
    (deleted("p-FullAWSAccess"), "AWS keeps this policy"),
    (edited("p-missing1", "{}"), "there is no policy p-missing1"),
    (edited("p-costs001", "{}"), "is of type TAG_POLICY"),
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
