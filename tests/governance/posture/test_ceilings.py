"""What accounts may do at most: levels, services, single actions, groups; the unknown stays so."""

import json

import pytest

from governance.posture.assumed import NOTHING, Assumed, in_words, read_assumed
from governance.posture.ceiling_groups import account_groups
from governance.posture.ceiling_services import Segment, actions_of, decision_of, services_of
from governance.posture.ceilings import Binding, Outcome, organization_ceilings
from governance.posture.level_stack import level_stack
from governance.posture.organization import RCP, SCP, load_organization
from governance.posture.strategies import Strategy, strategy_of
from inventory.models import CollectedSpan, Policy, PolicyAttachment, Root
from policies.ceiling import BadAssumption
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.runs import CoverageFactory
from tests.factories.times import FIRST_RUN_AT

PAYMENTS, WEBSITE, TEST = "222222222222", "222222222223", "222222222224"
ARCHIVE, MANAGEMENT = "333333333331", "111111111111"
ROOT, WORKLOADS, PROD = "r-ab12", "ou-ab12-work0001", "ou-ab12-prod0001"

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
EU = Assumed(("aws:RequestedRegion=eu-west-1", "principal!=root"))


PERIMETER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyOurs",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
            },
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue", "Resource": "*"},
        ],
    }
)


def attach(snapshot, name, text, target_id, policy_type="SERVICE_CONTROL_POLICY"):
    policy = PolicyFactory.create(
        connection=snapshot.connection,
        seen_from=FIRST_RUN_AT,
        name=name,
        text=text,
        type=policy_type,
    )
    PolicyAttachmentFactory.create(
        connection=snapshot.connection,
        seen_from=FIRST_RUN_AT,
        policy_id=policy.policy_id,
        target_id=target_id,
    )
    return policy


def ceilings_of(viewer, snapshot, assumed=EU, policy_type=SCP):
    organization = load_organization(viewer, connection=snapshot.connection)
    return organization_ceilings(organization, assumed, policy_type)


def enable_rcps(snapshot, *, collected=True):
    root = Root.objects.get(pk=snapshot.root.pk)
    root.policy_types["RESOURCE_CONTROL_POLICY"] = "ENABLED"
    root.save()
    if collected:
        collector = "organizations.policies.RESOURCE_CONTROL_POLICY"
        CoverageFactory.create(run=snapshot.run, account_id="", collector=collector)


class TestAssumed:
    def test_takes_the_home_region_and_no_root_user_unless_told(self):
        assumed = read_assumed([], home_region="eu-west-2")
        assert assumed.terms == ("aws:RequestedRegion=eu-west-2", "principal!=root")
        assert assumed.engine.values == {"aws:requestedregion": "eu-west-2"}
        assert "root" not in (assumed.engine.principal_kinds or ())

    def test_assumes_nothing_when_told_so(self):
        assumed = read_assumed([NOTHING], home_region="eu-west-2")
        assert assumed.terms == ()
        assert assumed.address() == (NOTHING,)
        assert EU.without("principal!=root") == ("aws:RequestedRegion=eu-west-1",)

    def test_spells_keys_as_aws_does_and_knows_absent_ones(self):
        assumed = read_assumed(
            ["aws:requestedregion=eu-west-1", "!aws:sourcevpce"], home_region="x"
        )
        assert assumed.terms == ("aws:RequestedRegion=eu-west-1", "!aws:SourceVpce")
        assert [in_words(term) for term in assumed.terms] == [
            "aws:RequestedRegion = eu-west-1",
            "aws:SourceVpce is absent",
        ]

    @pytest.mark.parametrize(
        ("terms", "said"),
        [
            (["region"], "is no assumption"),
            (["aws:RequestedRegion="], "is no assumption"),
            (["principal=service"], "a principal is one of"),
            (["nothing", "principal=role"], "stands alone"),
            (["aws:RequestedRegion=a", "aws:RequestedRegion=b"], "holds one value"),
            (["principal=root", "principal!=root"], "cannot be the root user"),
            (["!aws:SourceVpc", "aws:SourceVpc=vpc-1"], "assumed to have two"),
            ([f"aws:PrincipalTag/a{n}=1" for n in range(21)], "at most 20"),
        ],
    )
    def test_says_what_is_wrong_with_a_term(self, terms, said):
        with pytest.raises(BadAssumption, match=said):
            read_assumed(terms, home_region="eu-west-1")


@pytest.mark.django_db
class TestOrganizationCeilings:
    def test_leaves_what_every_level_allows_and_none_denies(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        index = ceilings.catalogue.index_of
        payments = ceilings.of(PAYMENTS)
        assert payments.outcome(index["s3:getobject"]) is Outcome.ALWAYS
        assert payments.outcome(index["iam:createuser"]) is Outcome.NEVER
        assert payments.outcome(index["sts:getcalleridentity"]) is Outcome.ALWAYS
        assert ceilings.of(TEST).outcome(index["iam:createuser"]) is Outcome.ALWAYS
        assert ceilings.of(TEST).outcome(index["ec2:runinstances"]) is Outcome.NEVER

    def test_never_binds_the_management_account(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot)
        assert ceilings.binding(MANAGEMENT) is Binding.MANAGEMENT
        assert ceilings.of(MANAGEMENT).always == ceilings.catalogue.all_bits

    def test_settles_conditions_by_what_is_assumed(self, viewer, snapshot):
        attach(snapshot, "region-lock", REGION_LOCK, ROOT)
        action = "s3:getobject"
        for assumed, outcome in (
            (EU, Outcome.ALWAYS),
            (Assumed(("aws:RequestedRegion=us-east-1",)), Outcome.NEVER),
            (Assumed(()), Outcome.CONDITIONAL),
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
        assert below.outcome(index["iam:createuser"]) is Outcome.UNKNOWN
        # Another policy ends it for certain, whatever the broken one says.
        assert below.outcome(index["ec2:runinstances"]) is Outcome.NEVER
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
        assert found is Outcome.UNKNOWN

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
        assert ceilings_of(viewer, snapshot, Assumed(())) is not first


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
        assert prod.always == ceilings.catalogue.bits("s3:*") | ceilings.catalogue.bits(
            "sts:GetCallerIdentity"
        )
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
        without = level_stack(ceilings_of(viewer, snapshot, Assumed(())), PAYMENTS)[0]
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
        assert (leaving.level, leaving.outcome) == ("Write", Outcome.NEVER)
        assert found["organizations:ListAccounts"].outcome is Outcome.ALWAYS
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
        ceilings = ceilings_of(viewer, snapshot, Assumed(()))
        index = ceilings.catalogue.index_of["s3:getobject"]
        decision = decision_of(ceilings, ARCHIVE, index)
        assert decision.action.outcome is Outcome.CONDITIONAL
        assert decision.depends_on == ("aws:RequestedRegion",)
        (statement,) = decision.statements
        assert statement.sid == "OnlyIreland"
        assert statement.conditions == (("StringNotEquals", "aws:RequestedRegion", ("eu-west-1",)),)


@pytest.mark.django_db
class TestResourceControlPolicies:
    @pytest.fixture
    def ceilings(self, viewer, snapshot):
        enable_rcps(snapshot)
        attach(snapshot, "perimeter", PERIMETER, WORKLOADS, RCP)
        return ceilings_of(viewer, snapshot, Assumed(()), RCP)

    def test_limit_requests_to_the_services_on_their_list_alone(self, ceilings):
        index = ceilings.catalogue.index_of
        test = ceilings.of(TEST)
        assert test.outcome(index["s3:getobject"]) is Outcome.CONDITIONAL
        assert test.outcome(index["sqs:deletequeue"]) is Outcome.NEVER
        assert test.outcome(index["sqs:sendmessage"]) is Outcome.ALWAYS
        assert test.outcome(index["ec2:runinstances"]) is Outcome.ALWAYS
        rows = services_of(ceilings, TEST, level_stack(ceilings, TEST))
        assert {row.prefix for row in rows} == set(ceilings.catalogue.rcp_services)
        assert sum(row.total for row in rows) == ceilings.scope.bit_count()

    def test_count_no_other_action_at_any_level(self, ceilings):
        steps = level_stack(ceilings, TEST)
        assert steps[0].always == ceilings.scope
        workloads = steps[1]
        assert ceilings.catalogue.actions(workloads.removed) == ["sqs:DeleteQueue"]
        assert workloads.made_conditional == ceilings.catalogue.bits("s3:*")
        assert [step.strategy for step in steps[:2]] == [Strategy.NONE, Strategy.DENY_LIST]
        assert not any(step.breaks for step in steps)

    def test_name_the_statement_that_decides_and_what_it_hangs_on(self, ceilings):
        decision = decision_of(ceilings, TEST, ceilings.catalogue.index_of["s3:getobject"])
        assert decision.depends_on == ("aws:PrincipalOrgID",)
        (statement,) = decision.statements
        assert (statement.policy.name, statement.sid) == ("perimeter", "OnlyOurs")
        assert statement.target.name == "Workloads"

    def test_never_bind_the_management_account(self, ceilings):
        assert ceilings.binding(MANAGEMENT) is Binding.MANAGEMENT
        assert ceilings.of(MANAGEMENT).always == ceilings.catalogue.all_bits

    def test_take_only_the_region_for_given(self):
        assumed = read_assumed([], home_region="eu-west-2", policy_type=RCP)
        assert assumed.terms == ("aws:RequestedRegion=eu-west-2",)

    def test_make_what_they_reach_unknown_where_one_cannot_be_read(self, viewer, snapshot):
        enable_rcps(snapshot)
        attach(snapshot, "perimeter", PERIMETER, WORKLOADS, RCP)
        attach(snapshot, "broken", "{", WORKLOADS, RCP)
        ceilings = ceilings_of(viewer, snapshot, Assumed(()), RCP)
        index = ceilings.catalogue.index_of
        test = ceilings.of(TEST)
        assert test.outcome(index["sqs:sendmessage"]) is Outcome.UNKNOWN
        # Another denies it for certain; and no RCP reaches EC2, whatever it says.
        assert test.outcome(index["sqs:deletequeue"]) is Outcome.NEVER
        assert test.outcome(index["ec2:runinstances"]) is Outcome.ALWAYS
        steps = level_stack(ceilings, TEST)
        assert steps[-1].left == ceilings.scope & ~ceilings.catalogue.bits("sqs:DeleteQueue")
        assert steps[-1].unknown == steps[-1].left

    def test_are_not_in_use_or_not_known_which_is_not_the_same(self, viewer, snapshot):
        ceilings = ceilings_of(viewer, snapshot, Assumed(()), RCP)
        assert ceilings.binding(TEST) is Binding.NOT_ENABLED
        assert ceilings.of(TEST).unknown == 0

    def test_are_not_known_where_they_were_never_read(self, viewer, snapshot):
        enable_rcps(snapshot, collected=False)
        ceilings = ceilings_of(viewer, snapshot, Assumed(()), RCP)
        assert ceilings.binding(TEST) is Binding.NOT_COLLECTED
        assert ceilings.of(TEST).unknown == ceilings.scope

    def test_tell_accounts_apart_within_the_services_they_reach(self, ceilings):
        groups = {frozenset(one.account_ids): one for one in account_groups(ceilings, ROOT)}
        below = groups[frozenset({PAYMENTS, WEBSITE, TEST})]
        assert below.removed == ceilings.catalogue.bits("sqs:DeleteQueue")
        assert below.ceiling.possible | below.ceiling.never == ceilings.scope


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
