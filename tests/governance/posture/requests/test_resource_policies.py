"""Why denied decides by the policy of a bucket that is collected."""

import pytest

from governance.posture.requests.denial_answers import AssumptionKind
from governance.posture.requests.questions import AssumedPolicy, Question, UncollectedPolicy
from governance.posture.requests.why_denied import explain
from governance.presentation.decision_wording import summary
from inventory.resource_facts import (
    GRANTS,
    AccessGrant,
    AclGrant,
    BucketFacts,
    GranteeKind,
    PublicAccessBlock,
)
from inventory.viewing import Viewer
from policies.evaluation.layers import Decider
from policies.evaluation.verdict import DecisionOutcome
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.principals import RoleFactory
from tests.factories.resources import BLOCKED, BucketFactory, account_block, bucket_policy
from tests.factories.snapshots import organization_snapshot

OWNER, OTHER = "222222222224", "222222222222"
OBJECT = "arn:aws:s3:::data/report.csv"
NOBODY_ELSE = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/reader"}}
VIEWER = Viewer(sees_inventory=True)


@pytest.fixture
def made(db):
    made = organization_snapshot()
    for account_id in (OWNER, OTHER):
        RoleFactory.create(
            connection=made.connection,
            account_id=account_id,
            name="reader",
            inline_policies={"own": content(FULL_ACCESS).sha256},
        )
    return made


@pytest.fixture
def bucket(made):
    """Return a function that stores the bucket `data` of the owner's account."""

    def bucket(*statements, account=BLOCKED, **values):
        text = content(bucket_policy(*statements)) if statements else None
        given = {"account_id": OWNER, "name": "data", "content": text} | values
        if account != "unknown":
            account_block(made.connection, OWNER, account)
        return BucketFactory.create(connection=made.connection, **given)

    return bucket


@pytest.fixture
def ask(made):
    def ask(account_id, *, assumed=None, **more):
        parts = ((UncollectedPolicy.RESOURCE_POLICY, assumed),) if assumed else ()
        asked = {
            "principal": f"arn:aws:iam::{account_id}:role/reader",
            "action": "s3:GetObject",
            "resource": OBJECT,
            "parts": parts,
        }
        return explain(VIEWER, connection=made.connection, question=Question(**(asked | more)))

    return ask


def codes(answer):
    return {gap.code for gap in answer.gaps}


class TestCollectedPolicy:
    def test_lets_another_account_in_that_it_names(self, ask, bucket):
        bucket(NOBODY_ELSE)
        answer = ask(OTHER)
        assert answer.decision.decision is DecisionOutcome.ALLOWED
        assert answer.resource_account.target_id == OWNER
        assert AssumptionKind.RESOURCE_ACCOUNT not in {each.kind for each in answer.assumptions}

    def test_denies_another_account_that_it_does_not_name(self, ask, bucket):
        bucket({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/writer"}})
        assert ask(OTHER).decision.decision is DecisionOutcome.IMPLICIT_DENY

    def test_denies_what_its_deny_says(self, ask, bucket):
        bucket({"Effect": "Deny", "Principal": "*"})
        answer = ask(OWNER)
        assert answer.decision.decision is DecisionOutcome.EXPLICIT_DENY
        assert answer.decision.decided_by == (Decider.RESOURCE_POLICY,)
        [level] = answer.deciding_levels
        assert [policy.policy.name for policy in level.policies] == ["data"]

    def test_is_known_to_be_none_where_the_bucket_has_none(self, ask, bucket):
        bucket()
        assert ask(OWNER).decision.decision is DecisionOutcome.ALLOWED
        assert ask(OTHER).decision.decision is DecisionOutcome.IMPLICIT_DENY

    def test_is_unknown_where_the_bucket_denied_its_reading(self, ask, bucket):
        bucket(unknown={"policy": "AccessDenied"})
        answer = ask(OWNER)
        assert answer.decision.decision is DecisionOutcome.UNKNOWN
        assert codes(answer) == {"resource_policy"}
        assert "could not be read: AccessDenied" in answer.gaps[0].text

    def test_is_unknown_where_no_bucket_of_that_name_is_collected(self, ask, made):
        answer = ask(OWNER)
        assert answer.decision.decision is DecisionOutcome.UNKNOWN
        assert "is not collected" in answer.gaps[0].text

    def test_is_the_one_of_the_time_looked_at(self, ask, bucket):
        row = bucket({"Effect": "Deny", "Principal": "*"})
        type(row).objects.filter(pk=row.pk).update(seen_until=row.seen_from.replace(year=2027))
        assert ask(OWNER).decision.decision is DecisionOutcome.UNKNOWN

    def test_gives_way_to_what_is_assumed(self, ask, bucket):
        bucket({"Effect": "Deny", "Principal": "*"})
        assert ask(OWNER, assumed=AssumedPolicy.NONE).decision.decision is DecisionOutcome.ALLOWED
        assert (
            ask(OWNER, assumed=AssumedPolicy.UNKNOWN).decision.decision is DecisionOutcome.UNKNOWN
        )


class TestBlockPublicAccess:
    def test_of_the_account_keeps_a_public_policy_from_letting_others_in(self, ask, bucket):
        bucket({"Principal": "*"}, facts=BucketFacts("BucketOwnerEnforced").as_json())
        answer = ask(OTHER)
        assert answer.decision.decision is DecisionOutcome.IMPLICIT_DENY
        assert "RestrictPublicBuckets" in answer.notes[0]
        assert ask(OWNER).decision.decision is DecisionOutcome.ALLOWED

    def test_lets_others_in_where_neither_bucket_nor_account_blocks(self, ask, bucket):
        bucket({"Principal": "*"}, account=None, facts=BucketFacts("BucketOwnerEnforced").as_json())
        assert ask(OTHER).decision.decision is DecisionOutcome.ALLOWED

    def test_leaves_a_public_policy_open_where_the_accounts_is_not_known(self, ask, bucket):
        facts = BucketFacts("BucketOwnerEnforced", None, PublicAccessBlock()).as_json()
        bucket({"Principal": "*"}, account="unknown", facts=facts)
        answer = ask(OTHER)
        assert answer.decision.decision is DecisionOutcome.UNKNOWN
        assert codes(answer) == {"public_access_block"}

    def test_leaves_a_policy_that_names_its_callers_alone(self, ask, bucket):
        bucket(NOBODY_ELSE)
        assert ask(OTHER).decision.decision is DecisionOutcome.ALLOWED


class TestAccessControlList:
    def test_that_is_public_may_let_others_in(self, ask, bucket):
        grants = (
            AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ"),
            AclGrant("0" * 64, "FULL_CONTROL"),
        )
        bucket(account=None, facts=BucketFacts(None, grants).as_json())
        answer = ask(OTHER)
        assert answer.decision.decision is DecisionOutcome.UNKNOWN
        assert codes(answer) == {"access_control_list"}

    def test_that_is_ignored_lets_nobody_in(self, ask, bucket):
        grants = (AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ"),)
        bucket(facts=BucketFacts(None, grants).as_json())
        assert ask(OTHER).decision.decision is DecisionOutcome.IMPLICIT_DENY


LOGS = "333333333331"
SUBNET = f"arn:aws:ec2:eu-west-1:{OWNER}:subnet/subnet-1"
SHARE = f"arn:aws:ram:eu-west-1:{OWNER}:resource-share/s"
KEY = f"arn:aws:kms:eu-west-1:{OWNER}:key/k"
TABLE = f"arn:aws:dynamodb:eu-west-1:{OWNER}:table/orders"


class TestOtherServices:
    @pytest.fixture
    def holder(self, made):
        """Return a function that stores a resource of the owner's account with a policy."""
        RoleFactory.create(
            connection=made.connection,
            account_id=LOGS,
            name="reader",
            inline_policies={"own": content(FULL_ACCESS).sha256},
        )

        def holder(arn, action, principal=f"arn:aws:iam::{LOGS}:role/reader", **values):
            statement = {"Principal": {"AWS": principal}, "Action": action, "Resource": "*"}
            given = {"service": arn.split(":")[2], "resource_type": "any", "facts": {}} | values
            return BucketFactory.create(
                connection=made.connection,
                account_id=OWNER,
                arn=arn,
                name=arn.rpartition("/")[2],
                content=content(bucket_policy(statement)),
                **given,
            )

        return holder

    def test_a_key_lets_in_whom_its_policy_names_and_not_its_own_account_besides(self, ask, holder):
        holder(KEY, "kms:Decrypt")
        asked = {"action": "kms:Decrypt", "resource": KEY}
        assert ask(LOGS, **asked).decision.decision is DecisionOutcome.ALLOWED
        assert ask(OWNER, **asked).decision.decision is DecisionOutcome.IMPLICIT_DENY

    def test_a_grant_lets_in_whom_it_names_to_do_its_operations(self, ask, holder):
        grant = AccessGrant(GranteeKind.ACCOUNT, LOGS, "kms grant", ("kms:Decrypt",))
        holder(KEY, "kms:Encrypt", facts={GRANTS: [grant.as_json()]})
        answer = ask(LOGS, action="kms:Decrypt", resource=KEY)
        assert answer.decision.decision is DecisionOutcome.ALLOWED
        assert "a grant on the resource" in summary(answer)
        kinds = [one.policy.kind for level in answer.deciding_levels for one in level.policies]
        assert kinds[:2] == ["resource", "grants"]
        for account_id, action in ((OWNER, "kms:Decrypt"), (LOGS, "kms:ReEncryptFrom")):
            refused = ask(account_id, action=action, resource=KEY)
            assert refused.decision.decision is DecisionOutcome.IMPLICIT_DENY
            assert not codes(refused)

    @pytest.mark.parametrize(
        ("context", "outcome"),
        [
            ({}, DecisionOutcome.UNKNOWN),
            ({"Department": "IT"}, DecisionOutcome.ALLOWED),
            ({"Department": "IT", "Team": "a"}, DecisionOutcome.IMPLICIT_DENY),
            ({"Department": "HR"}, DecisionOutcome.IMPLICIT_DENY),
        ],
    )
    def test_a_grant_asks_for_the_encryption_context_of_its_constraint(
        self, ask, holder, context, outcome
    ):
        grant = AccessGrant(
            GranteeKind.ACCOUNT,
            LOGS,
            "kms grant",
            ("kms:Decrypt", "kms:DescribeKey"),
            conditions={"EncryptionContextEquals": {"Department": "IT"}},
        )
        holder(KEY, "kms:Encrypt", facts={GRANTS: [grant.as_json()]})
        asked = tuple((f"kms:EncryptionContext:{key}", (value,)) for key, value in context.items())
        if context:
            asked += (("kms:EncryptionContextKeys", tuple(context)),)
        answer = ask(LOGS, action="kms:Decrypt", resource=KEY, context=asked)
        assert answer.decision.decision is outcome
        described = ask(LOGS, action="kms:DescribeKey", resource=KEY)
        assert described.decision.decision is DecisionOutcome.ALLOWED

    def test_grants_that_could_not_be_read_leave_it_open(self, ask, holder):
        holder(KEY, "kms:Encrypt", facts={}, unknown={GRANTS: "AccessDeniedException"})
        answer = ask(LOGS, action="kms:Decrypt", resource=KEY)
        assert codes(answer) == {"grants"}
        assert answer.decision.decision is DecisionOutcome.UNKNOWN

    @pytest.mark.parametrize(
        ("actions", "outcome"),
        [
            (("ec2:RunInstances",), DecisionOutcome.ALLOWED),
            (("ec2:DescribeSubnets",), DecisionOutcome.IMPLICIT_DENY),
            ((), DecisionOutcome.UNKNOWN),
        ],
    )
    def test_a_share_lets_do_what_its_permission_says(self, ask, holder, actions, outcome):
        grant = AccessGrant(
            GranteeKind.ACCOUNT, LOGS, "ram share", actions, resource_type="ec2:Subnet"
        )
        facts = {GRANTS: [grant.as_json()], "resources": [SUBNET]}
        holder(SHARE, "ram:GetResourceShares", service="ram", facts=facts)
        asked = {"action": "ec2:RunInstances", "resource": SUBNET}
        answer = ask(LOGS, **asked)
        assert answer.decision.decision is outcome
        assert codes(answer) == ({"share_permissions"} if not actions else set())
        elsewhere = ask(LOGS, **asked | {"resource": f"{SUBNET}0"})
        assert elsewhere.decision.decision is DecisionOutcome.IMPLICIT_DENY

    def test_an_index_is_decided_by_the_policy_of_its_table(self, ask, holder):
        holder(TABLE, "dynamodb:Query")
        answer = ask(LOGS, action="dynamodb:Query", resource=f"{TABLE}/index/by-day")
        assert answer.decision.decision is DecisionOutcome.ALLOWED


GROUP = f"arn:aws:logs:eu-west-1:{OWNER}:log-group:app"


class TestLogGroups:
    """AWS enforces their policies for calls by its services alone."""

    @pytest.fixture(autouse=True)
    def everybody(self, made):
        statement = {"Principal": "*", "Action": "logs:PutLogEvents", "Resource": "*"}
        BucketFactory.create(
            connection=made.connection,
            account_id=OWNER,
            service="logs",
            resource_type="log-group",
            arn=f"arn:aws:logs:eu-west-1:{OWNER}:log-group:*",
            content=content(bucket_policy(statement)),
            facts={},
        )

    def test_let_in_no_principal_of_another_account(self, ask):
        answer = ask(OTHER, action="logs:PutLogEvents", resource=f"{GROUP}:log-stream:a")
        assert answer.decision.decision is DecisionOutcome.IMPLICIT_DENY
        assert not codes(answer)

    def test_let_in_a_service(self, ask):
        principal = "delivery.logs.amazonaws.com"
        stream = f"{GROUP}:log-stream:a"
        answer = ask(OTHER, principal=principal, action="logs:PutLogEvents", resource=stream)
        assert answer.decision.decision is DecisionOutcome.ALLOWED

    def test_of_unread_policies_leave_nothing_open_for_a_principal(self, ask):
        assumed = AssumedPolicy.UNKNOWN
        answer = ask(OTHER, action="logs:PutLogEvents", resource=GROUP, assumed=assumed)
        assert answer.decision.decision is DecisionOutcome.IMPLICIT_DENY
