"""Why a request is denied, from what the inventory holds."""

import json

import pytest

from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.claims import Agreement
from governance.posture.requests.context_keys import KeySource
from governance.posture.requests.questions import AssumedPolicy, Claim, Question, UncollectedPolicy
from governance.posture.requests.why_denied import explain
from governance.presentation.decision_wording import heading, summary
from inventory.models import CollectedSpan
from policies.evaluation.layers import Decider
from policies.evaluation.verdict import DecisionOutcome
from tests.factories.policies import (
    FULL_ACCESS,
    PolicyAttachmentFactory,
    PolicyFactory,
    content,
    denying,
)
from tests.factories.principals import IamPolicyFactory, RoleFactory, UserPrincipalFactory

PAYMENTS, PAYMENTS_TEST = "222222222222", "222222222224"
TRUSTING = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{PAYMENTS_TEST}:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture
def answer(viewer, snapshot):
    """Ask about the snapshot's organization."""

    def ask(principal, action, resource="*", **more):
        question = Question(principal, action, resource, **more)
        return explain(viewer, connection=snapshot.connection, question=question)

    return ask


@pytest.fixture
def deployer(snapshot):
    """A role in the test account that may do everything by its inline policy."""
    return role(snapshot, PAYMENTS_TEST, "Deployer", FULL_ACCESS, path="/ci/")


def role(snapshot, account_id, name, text, **values):
    return RoleFactory.create(
        connection=snapshot.connection,
        account_id=account_id,
        name=name,
        inline_policies={"own": content(text).sha256},
        **values,
    )


def scp(snapshot, text, target_id, name="added"):
    PolicyFactory.create(
        connection=snapshot.connection, policy_id="p-added001", name=name, text=text
    )
    PolicyAttachmentFactory.create(
        connection=snapshot.connection, policy_id="p-added001", target_id=target_id
    )


def conditional(effect, action, condition):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": effect, "Action": action, "Resource": "*", "Condition": condition}
            ],
        }
    )


class TestDecision:
    def test_names_the_statement_that_denies_and_the_level_it_is_attached_at(
        self, answer, deployer
    ):
        found = answer(deployer.arn, "ec2:RunInstances")
        assert found.decision.decision is DecisionOutcome.EXPLICIT_DENY
        (level,) = found.deciding_levels
        assert level.target is not None
        assert level.target.name == "Workloads"
        (policy,) = [policy for policy in level.policies if policy.decides]
        assert policy.policy.name == "deny-regions"
        (statement,) = [one for one in policy.statements if one.decides]
        assert statement.written.path == ("Statement", 0)

    def test_names_the_level_that_allows_nothing(self, answer, snapshot):
        user = UserPrincipalFactory.create(
            connection=snapshot.connection,
            account_id=PAYMENTS,
            inline_policies={"own": content(FULL_ACCESS).sha256},
        )
        found = answer(user.arn, "iam:CreateUser")
        assert found.decision.decision is DecisionOutcome.IMPLICIT_DENY
        assert found.decision.decided_by == (Decider.SERVICE_CONTROL_POLICY,)
        assert [level.target.name for level in found.deciding_levels] == ["Prod"]

    def test_allows_what_every_level_and_the_identity_allow(self, answer, deployer):
        found = answer(deployer.arn, "iam:CreateUser", "*")
        assert found.decision.decision is DecisionOutcome.ALLOWED
        assert found.decision.decided_by == (Decider.IDENTITY_POLICY,)

    def test_finds_the_role_and_its_path_behind_a_session(self, answer, deployer):
        session = f"arn:aws:sts::{PAYMENTS_TEST}:assumed-role/Deployer/build-7"
        found = answer(session, "iam:CreateUser")
        assert found.decision.decision is DecisionOutcome.ALLOWED
        assert found.identity.arn == deployer.arn
        assert found.request.principal.role_arn == deployer.arn

    def test_names_what_aws_never_permits_as_the_reason(self, answer, deployer):
        found = answer(deployer.arn, "iam:DeletePolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        assert found.decision.decision is DecisionOutcome.EXPLICIT_DENY
        assert found.decision.decided_by == (Decider.NEVER_PERMITTED,)
        (level,) = found.deciding_levels
        assert level.rule is not None
        assert summary(found).startswith("AWS never permits this: AWS managed policies are")
        assert heading(found.decision) == "Denied by AWS, whatever policies say"

    def test_names_a_policy_that_denies_beside_what_aws_never_permits(self, answer, deployer):
        found = answer(
            deployer.arn,
            "rds:DeleteOptionGroup",
            f"arn:aws:rds:eu-west-1:{PAYMENTS_TEST}:og:default:mysql-8-0",
        )
        assert found.decision.decided_by == (
            Decider.NEVER_PERMITTED,
            Decider.SERVICE_CONTROL_POLICY,
        )
        assert "Explicit deny by SCP deny-regions on OU Workloads" in summary(found)

    def test_says_of_an_action_that_needs_no_permission_that_aws_allows_it(self, answer, snapshot):
        user = UserPrincipalFactory.create(connection=snapshot.connection, account_id=PAYMENTS)
        found = answer(user.arn, "sts:GetSessionToken")
        assert found.decision.decision is DecisionOutcome.ALLOWED
        assert found.decision.decided_by == (Decider.ALWAYS_ALLOWED,)
        assert [level.rule is not None for level in found.levels if level.decides] == [True]

    def test_leaves_open_no_bucket_policy_that_cannot_bind_the_owners_root_user(self, answer):
        root = f"arn:aws:iam::{PAYMENTS_TEST}:root"
        bucket = {"resource": "arn:aws:s3:::own", "resource_account_id": PAYMENTS_TEST}
        unknown = {"parts": ((UncollectedPolicy.RESOURCE_POLICY, AssumedPolicy.UNKNOWN),)}
        mends = answer(root, "s3:DeleteBucketPolicy", **bucket, **unknown)
        assert mends.decision.decision is DecisionOutcome.ALLOWED
        assert answer(root, "s3:DeleteBucket", **bucket, **unknown).gaps

    def test_follows_a_group_and_a_boundary(self, answer, snapshot):
        arn = f"arn:aws:iam::{PAYMENTS_TEST}:policy/edge"
        IamPolicyFactory.create(
            connection=snapshot.connection,
            account_id=PAYMENTS_TEST,
            arn=arn,
            text=denying("iam:CreateUser"),
        )
        edged = role(snapshot, PAYMENTS_TEST, "Edged", FULL_ACCESS, boundary_arn=arn)
        found = answer(edged.arn, "iam:CreateUser")
        assert found.decision.decided_by == (Decider.PERMISSION_BOUNDARY,)

    def test_reads_the_trust_policy_of_a_role_that_is_to_be_assumed(
        self, answer, snapshot, deployer
    ):
        target = role(
            snapshot,
            "333333333331",
            "Reader",
            FULL_ACCESS,
            trust_policy=content(json.dumps(TRUSTING)),
        )
        found = answer(deployer.arn, "sts:AssumeRole", target.arn)
        assert found.decision.decision is DecisionOutcome.ALLOWED
        assert found.decision.decided_by == (Decider.RESOURCE_POLICY, Decider.IDENTITY_POLICY)

    def test_says_that_the_management_account_is_bound_by_no_scp(self, answer):
        found = answer("arn:aws:iam::111111111111:root", "ec2:RunInstances")
        assert found.decision.decision is DecisionOutcome.ALLOWED
        assert all("management account" in (level.exempt or "") for level in found.levels[:1])


class TestUnknown:
    def test_takes_a_policy_that_does_not_parse_for_unknown(self, answer, snapshot, deployer):
        scp(snapshot, '{"Version', "ou-ab12-test0001", name="broken")
        found = answer(deployer.arn, "iam:CreateUser")
        assert found.decision.decision is DecisionOutcome.UNKNOWN
        assert [gap.code for gap in found.gaps] == ["scp_unreadable"]
        assert found.without_gaps is not None
        assert found.without_gaps.decision is DecisionOutcome.ALLOWED
        (level,) = [level for level in found.levels if level.unreadable]
        assert level.result is DecisionOutcome.UNKNOWN
        assert level.target is not None
        assert level.target.target_id == "ou-ab12-test0001"

    def test_stays_certain_of_a_deny_beside_a_policy_that_does_not_parse(
        self, answer, snapshot, deployer
    ):
        scp(snapshot, '{"Version', "ou-ab12-test0001")
        found = answer(deployer.arn, "ec2:RunInstances")
        assert found.decision.decision is DecisionOutcome.EXPLICIT_DENY
        assert found.gaps == ()

    def test_never_takes_an_account_that_was_not_collected_for_allowed(self, answer, snapshot):
        CollectedSpan.objects.filter(account_id=PAYMENTS_TEST).delete()
        found = answer(f"arn:aws:iam::{PAYMENTS_TEST}:role/Deployer", "iam:CreateUser")
        assert found.decision.decision is DecisionOutcome.UNKNOWN
        assert [gap.code for gap in found.gaps] == ["identity_not_collected"]

    def test_tells_a_principal_that_is_not_there_from_one_not_collected(self, answer):
        found = answer(f"arn:aws:iam::{PAYMENTS_TEST}:role/Gone", "iam:CreateUser")
        assert [gap.code for gap in found.gaps] == ["identity_not_found"]

    def test_leaves_open_what_the_policy_of_a_bucket_may_say(self, answer, deployer):
        bucket = "arn:aws:s3:::reports/a.csv"
        found = answer(deployer.arn, "s3:GetObject", bucket)
        assert found.decision.decision is DecisionOutcome.UNKNOWN
        assert [gap.part for gap in found.gaps] == [UncollectedPolicy.RESOURCE_POLICY]
        assumed = answer(
            deployer.arn,
            "s3:GetObject",
            bucket,
            parts=((UncollectedPolicy.RESOURCE_POLICY, AssumedPolicy.NONE),),
        )
        assert assumed.decision.decision is DecisionOutcome.ALLOWED
        assert "reports" in " ".join(one.text for one in assumed.assumptions)

    def test_names_the_key_on_which_it_hangs_until_it_is_given_or_absent(
        self, answer, snapshot, deployer
    ):
        elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-2"}}
        scp(snapshot, conditional("Deny", "iam:*", elsewhere), PAYMENTS_TEST)
        found = answer(deployer.arn, "iam:CreateUser")
        assert found.decision.decision is DecisionOutcome.UNKNOWN
        assert [key.name for key in found.unknown_keys] == ["aws:RequestedRegion"]
        given = (("aws:RequestedRegion", ("eu-west-2",)),)
        assert answer(deployer.arn, "iam:CreateUser", context=given).decision.decision is (
            DecisionOutcome.ALLOWED
        )
        absent = answer(deployer.arn, "iam:CreateUser", absent=("aws:requestedregion",))
        assert absent.decision.decision is DecisionOutcome.EXPLICIT_DENY

    def test_takes_tags_of_the_principal_from_the_inventory(self, answer, snapshot):
        scp(
            snapshot,
            conditional("Deny", "iam:*", {"StringEquals": {"aws:PrincipalTag/team": "red"}}),
            PAYMENTS_TEST,
        )
        tagged = role(snapshot, PAYMENTS_TEST, "Tagged", FULL_ACCESS, tags={"team": "red"})
        found = answer(tagged.arn, "iam:CreateUser")
        assert found.decision.decision is DecisionOutcome.EXPLICIT_DENY
        (key,) = [key for key in found.keys if key.name == "aws:PrincipalTag/team"]
        assert key.source is KeySource.INVENTORY

    def test_knows_nothing_of_who_is_outside(self, answer):
        found = answer("arn:aws:iam::999999999999:role/Other", "iam:CreateUser")
        assert {gap.code for gap in found.gaps} == {"scp_not_known", "identity_outside"}


class TestClaim:
    @pytest.mark.parametrize(
        ("claim", "agreement"),
        [
            (Claim(None, None), Agreement.AGREES),
            (Claim(Decider.SERVICE_CONTROL_POLICY, True), Agreement.AGREES),
            (Claim(Decider.SERVICE_CONTROL_POLICY, True, "arn:x/p-regio001"), Agreement.AGREES),
            (Claim(Decider.SERVICE_CONTROL_POLICY, True, "arn:x/p-other"), Agreement.CONTRADICTS),
            (Claim(Decider.IDENTITY_POLICY, False), Agreement.CONTRADICTS),
            (Claim(Decider.SESSION_POLICY, True), Agreement.POSSIBLE),
        ],
    )
    def test_is_held_against_the_trace(self, answer, deployer, claim, agreement):
        found = answer(deployer.arn, "ec2:RunInstances", claim=claim)
        assert found.claim is not None
        assert found.claim.agreement is agreement

    def test_is_contradicted_by_an_allowed_request(self, answer, deployer):
        found = answer(deployer.arn, "iam:CreateUser", claim=Claim(None, None))
        assert found.claim is not None
        assert found.claim.agreement is Agreement.CONTRADICTS


class TestBadQuestions:
    @pytest.mark.parametrize(
        ("field", "asked"),
        [
            ("principal", {"principal": "Bob", "action": "s3:GetObject"}),
            ("action", {"principal": "anonymous", "action": "GetObject"}),
            ("resource", {"principal": "anonymous", "action": "s3:GetObject", "resource": "b"}),
            (
                "account",
                {"principal": "anonymous", "action": "s3:GetObject", "resource_account_id": "12"},
            ),
            (
                "context",
                {
                    "principal": "anonymous",
                    "action": "s3:GetObject",
                    "context": (("a:b", ("1",)),),
                    "absent": ("A:B",),
                },
            ),
        ],
    )
    def test_say_which_part_is_wrong(self, viewer, snapshot, field, asked):
        with pytest.raises(CannotAnswer) as raised:
            explain(viewer, connection=snapshot.connection, question=Question(**asked))
        assert raised.value.field == field


class TestQueries:
    def test_do_not_grow_with_the_organization(self, answer, deployer, django_assert_num_queries):
        answer(deployer.arn, "ec2:RunInstances")
        with django_assert_num_queries(6):
            answer(deployer.arn, "ec2:RunInstances")
