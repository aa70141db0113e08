"""What accounts may do at most: levels, services, single actions, groups; the unknown stays so."""

import json

import pytest

from governance.posture.ceilings.assumptions import CeilingAssumptions
from governance.posture.ceilings.groups import account_groups
from governance.posture.ceilings.level_stack import level_stack
from governance.posture.ceilings.organization_ceilings import Binding, CeilingOutcome
from governance.posture.ceilings.services import (
    Segment,
    actions_of,
    decision_of,
    services_of,
)
from governance.posture.ceilings.strategies import Strategy, strategy_of
from governance.posture.state.organization import load_organization
from inventory.models import CollectedSpan, Policy, PolicyAttachment
from policies.evaluation.aws_rules import unbound_bits
from tests.governance.posture.ceilings.stored_ceilings import (
    ARCHIVE,
    EU,
    MANAGEMENT,
    PAYMENTS,
    PROD,
    ROOT,
    TEST,
    WEBSITE,
    WORKLOADS,
    attach,
    ceilings_of,
)

REGION_LOCK = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "OnlyIreland",
            "Effect": "Deny",
            "NotAction": ["iam:*", "sts:*", "organizations:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
    }
)
DENY_ROOT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
        },
    }
)


@pytest.mark.django_db
class TestOrganizationCeilings:
    def test_leaves_what_every_level_allows_and_none_denies(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        index = ceilings.catalogue.index_of
        payments = ceilings.of(PAYMENTS)
        assert payments.outcome(index["s3:getobject"]) is CeilingOutcome.ALWAYS
        assert payments.outcome(index["iam:createuser"]) is CeilingOutcome.NEVER
        assert payments.outcome(index["sts:getcalleridentity"]) is CeilingOutcome.ALWAYS
        assert ceilings.of(TEST).outcome(index["iam:createuser"]) is CeilingOutcome.ALWAYS
        assert ceilings.of(TEST).outcome(index["ec2:runinstances"]) is CeilingOutcome.NEVER

    def test_never_binds_the_management_account(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        assert ceilings.binding(MANAGEMENT) is Binding.MANAGEMENT
        assert ceilings.of(MANAGEMENT).always == ceilings.catalogue.all_bits

    def test_settles_conditions_by_what_is_assumed(self, viewer, snapshot):
        attach(snapshot, "region-lock", REGION_LOCK, ROOT)
        action = "s3:getobject"
        for assumed, outcome in (
            (EU, CeilingOutcome.ALWAYS),
            (CeilingAssumptions(("aws:RequestedRegion=us-east-1",)), CeilingOutcome.NEVER),
            (CeilingAssumptions(()), CeilingOutcome.CONDITIONAL),
        ):
            ceilings = ceilings_of(viewer, snapshot, assumed)
            found = ceilings.of(ARCHIVE).outcome(ceilings.catalogue.index_of[action])
            assert found is outcome

    def test_counts_what_an_unreadable_policy_touches_as_unknown_never_as_allowed(
        self, viewer, snapshot
    ):
        attach(snapshot, "broken", "{", WORKLOADS)
        ceilings = ceilings_of(viewer, snapshot)
        index = ceilings.catalogue.index_of
        below = ceilings.of(TEST)
        assert below.always == below.conditional == 0
        assert below.outcome(index["iam:createuser"]) is CeilingOutcome.UNKNOWN
        # Another policy ends it for certain, whatever the broken one says.
        assert below.outcome(index["ec2:runinstances"]) is CeilingOutcome.NEVER
        assert ceilings.of(ARCHIVE).unknown == 0
        decision = decision_of(ceilings, TEST, index["iam:createuser"])
        assert [(at.name, policy.name) for at, policy in decision.unreadable] == [
            ("Workloads", "broken")
        ]

    def test_lets_an_unreadable_policy_allow_where_full_access_is_not_attached(
        self, viewer, snapshot
    ):
        attach(snapshot, "broken", "{", PROD)
        ceilings = ceilings_of(viewer, snapshot)
        found = ceilings.of(PAYMENTS).outcome(ceilings.catalogue.index_of["iam:createuser"])
        assert found is CeilingOutcome.UNKNOWN

    def test_knows_nothing_of_an_organization_whose_scps_were_never_read(self, viewer, snapshot):
        Policy.objects.all().delete()
        PolicyAttachment.objects.all().delete()
        CollectedSpan.objects.filter(
            collector="organizations.policies.SERVICE_CONTROL_POLICY"
        ).delete()
        ceilings = ceilings_of(viewer, snapshot)
        assert ceilings.binding(PAYMENTS) is Binding.NOT_COLLECTED
        assert ceilings.of(PAYMENTS).unknown == ceilings.catalogue.all_bits
        assert level_stack(ceilings, PAYMENTS) == ()

    def test_is_made_once_for_each_state_and_assumption(self, viewer, snapshot):
        first = ceilings_of(viewer, snapshot)
        assert ceilings_of(viewer, snapshot) is first
        assert ceilings_of(viewer, snapshot, CeilingAssumptions(())) is not first


@pytest.mark.django_db
class TestLevelStack:
    def test_says_at_each_level_what_it_takes_away_and_what_is_left(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        steps = level_stack(ceilings, PAYMENTS)
        assert [step.target.name for step in steps] == ["Root", "Workloads", "Prod", "payments"]
        root, workloads, prod, own = steps
        assert ceilings.catalogue.actions(root.removed) == ["organizations:LeaveOrganization"]
        assert ceilings.catalogue.bits("ec2:*") | ceilings.catalogue.bits("rds:*") == (
            workloads.removed
        )
        catalogue = ceilings.catalogue
        assert prod.always == catalogue.bits("s3:*") | unbound_bits(catalogue)
        assert own.removed == own.made_conditional == 0
        assert own.left == ceilings.of(PAYMENTS).possible

    def test_marks_policies_that_change_nothing_as_assumed(self, viewer, snapshot):
        attach(snapshot, "region-lock", REGION_LOCK, ROOT)
        attach(snapshot, "no-root", DENY_ROOT, ROOT)
        root = level_stack(ceilings_of(viewer, snapshot), PAYMENTS)[0]
        idle = {one.policy.name: one.why_idle for one in root.policies if one.idle}
        assert idle == {
            "region-lock": "its conditions never hold as assumed",
            "no-root": "its conditions never hold as assumed",
        }
        without = level_stack(ceilings_of(viewer, snapshot, CeilingAssumptions(())), PAYMENTS)[0]
        assert not any(one.idle for one in without.policies)
        assert without.made_conditional

    def test_tells_denies_that_come_too_late(self, viewer, snapshot):
        website = level_stack(ceilings_of(viewer, snapshot), WEBSITE)[-1]
        idle = {one.policy.name: one.why_idle for one in website.policies}
        assert idle == {"FullAWSAccess": "", "deny-instances": "all it denies is denied above"}

    def test_tells_a_break_in_the_allow_chain(self, viewer, snapshot):
        PolicyAttachment.objects.filter(target_id=TEST).delete()
        steps = level_stack(ceilings_of(viewer, snapshot), TEST)
        assert [step.breaks for step in steps] == [False, False, False, True]
        assert steps[-1].strategy is Strategy.BROKEN

    def test_goes_on_unknown_below_a_policy_that_cannot_be_read(self, viewer, snapshot):
        attach(snapshot, "broken", "{", WORKLOADS)
        steps = level_stack(ceilings_of(viewer, snapshot), TEST)
        assert [bool(step.unknown) for step in steps] == [False, True, True, True]
        assert steps[1].strategy is Strategy.UNKNOWN
        assert [one.readable for one in steps[1].policies].count(False) == 1


@pytest.mark.django_db
class TestServices:
    def test_counts_each_service_and_names_the_level_that_decides_most(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        rows = services_of(ceilings, PAYMENTS, level_stack(ceilings, PAYMENTS))
        by_prefix = {row.prefix: row for row in rows}
        assert by_prefix["s3"].always == by_prefix["s3"].total
        assert [at.target.name for at in by_prefix["ec2"].decided_at] == ["Workloads"]
        assert [at.target.name for at in by_prefix["iam"].decided_at] == ["Prod"]
        assert sum(row.total for row in rows) == len(ceilings.catalogue)
        never = [row for row in rows if Segment.NEVER.holds(row)]
        narrowed = [row for row in rows if Segment.NARROWED.holds(row)]
        assert len(narrowed) == len(rows) - 1
        # Only sts keeps an action beside s3.
        assert {row.prefix for row in narrowed} - {row.prefix for row in never} == {"sts"}

    def test_lists_the_actions_of_a_service_with_access_level(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        found = {one.name: one for one in actions_of(ceilings, ARCHIVE, "organizations")}
        leaving = found["organizations:LeaveOrganization"]
        assert (leaving.level, leaving.outcome) == ("Write", CeilingOutcome.NEVER)
        assert found["organizations:ListAccounts"].outcome is CeilingOutcome.ALWAYS
        with pytest.raises(KeyError):
            actions_of(ceilings, ARCHIVE, "nothing")

    def test_names_the_statement_that_ends_an_action(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        index = ceilings.catalogue.index_of["ec2:runinstances"]
        decision = decision_of(ceilings, TEST, index)
        (statement,) = decision.statements
        assert statement.policy.name == "deny-regions"
        assert (statement.target.name, statement.number, statement.denies) == ("Workloads", 1, True)
        allowed = decision_of(ceilings, PAYMENTS, ceilings.catalogue.index_of["iam:createuser"])
        assert [target.name for target in allowed.not_allowed_at] == ["Prod"]

    def test_names_the_condition_an_action_hangs_on(self, viewer, snapshot):
        attach(snapshot, "region-lock", REGION_LOCK, ROOT)
        ceilings = ceilings_of(viewer, snapshot, CeilingAssumptions(()))
        index = ceilings.catalogue.index_of["s3:getobject"]
        decision = decision_of(ceilings, ARCHIVE, index)
        assert decision.action.outcome is CeilingOutcome.CONDITIONAL
        assert decision.depends_on == ("aws:RequestedRegion",)
        (statement,) = decision.statements
        assert statement.sid == "OnlyIreland"
        assert statement.conditions == (("StringNotEquals", "aws:RequestedRegion", ("eu-west-1",)),)


@pytest.mark.django_db
class TestAccountGroups:
    def test_gathers_accounts_that_may_do_the_same(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        groups = {group.account_ids: group for group in account_groups(ceilings, WORKLOADS)}
        # deny-instances takes nothing that is left, so website is as payments.
        assert set(groups) == {(PAYMENTS, WEBSITE), (TEST,)}
        assert groups[(TEST,)].is_as_the_unit
        removed = groups[(PAYMENTS, WEBSITE)].removed
        assert removed & ceilings.catalogue.bits("iam:*") == ceilings.catalogue.bits("iam:*")

    def test_names_the_policies_below_the_ou_that_separate_a_group(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        groups = {group.account_ids: group for group in account_groups(ceilings, WORKLOADS)}
        separating = [
            (one.policy.name, [ceilings.organization.names[at].name for at in one.target_ids])
            for one in groups[(PAYMENTS, WEBSITE)].separated_by
        ]
        assert separating == [("allow-listed", ["Prod"])]
        assert groups[(TEST,)].separated_by == ()

    def test_tells_the_management_account_from_those_that_scps_bind(self, viewer, snapshot):
        groups = account_groups(ceilings_of(viewer, snapshot), ROOT)
        management = next(group for group in groups if MANAGEMENT in group.account_ids)
        assert management.account_ids == (MANAGEMENT,)
        assert management.binding is Binding.MANAGEMENT
        assert management.gained


@pytest.mark.django_db
class TestStrategy:
    def test_names_how_a_target_limits(self, viewer, snapshot):
        organization = load_organization(viewer, connection=snapshot.connection)
        named = {
            target_id: strategy_of(organization, target_id)
            for target_id in (ROOT, PROD, TEST, MANAGEMENT)
        }
        assert named == {
            ROOT: Strategy.DENY_LIST,
            PROD: Strategy.ALLOW_LIST,
            TEST: Strategy.NONE,
            MANAGEMENT: Strategy.NOT_BOUND,
        }
