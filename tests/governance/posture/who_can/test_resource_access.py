"""What who-can says of resources whose own policy, grants or settings count too."""

import pytest

from inventory.models import AccountSetting
from inventory.resource_facts import AccessGrant, AclGrant, BucketFacts, GranteeKind
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.principals import IamPolicyFactory, UserPrincipalFactory
from tests.factories.resources import BLOCKED, BucketFactory, account_block, bucket_policy
from tests.governance.posture.who_can.asked import allowing, role, said_of
from tests.governance.posture.who_can.comparing import ask, differences, standings

TEST, LOGS = "222222222224", "333333333331"


class TestCollectedBucket:
    @pytest.fixture
    def readers(self, snapshot):
        """A reader in the bucket's account and one in another, both of whom may do all."""
        return role(snapshot, TEST, "own-reader"), role(snapshot, LOGS, "other-reader")

    def bucket(self, snapshot, *statements, block=BLOCKED, **values):
        text = content(bucket_policy(*statements)) if statements else None
        BucketFactory.create(
            connection=snapshot.connection, account_id=TEST, name="data", content=text, **values
        )
        account_block(snapshot.connection, TEST, block)

    def standings(self, snapshot, **asked):
        answer = ask(snapshot.connection, "s3:GetObject", resource="arn:aws:s3:::data/*", **asked)
        return {
            answer.population.arn(int(row)).rpartition("/")[2]: answer.way(int(row)).standing.value
            for row in answer.rows
            if answer.population.arn(int(row)).endswith("-reader")
        }

    def test_lets_in_across_accounts_only_whom_its_policy_names(self, snapshot, readers):
        self.bucket(snapshot, {"Principal": {"AWS": readers[1].arn}})
        assert self.standings(snapshot) == {"own-reader": "always", "other-reader": "always"}

    def test_is_closed_to_other_accounts_without_a_policy(self, snapshot, readers):
        self.bucket(snapshot)
        assert self.standings(snapshot) == {"own-reader": "always"}

    def test_denies_whom_its_policy_denies(self, snapshot, readers):
        self.bucket(snapshot, {"Effect": "Deny", "Principal": "*"})
        assert self.standings(snapshot) == {}

    def test_is_public_only_where_nothing_blocks_it(self, snapshot, readers):
        open_facts = BucketFacts("BucketOwnerEnforced").as_json()
        self.bucket(snapshot, {"Principal": "*"}, facts=open_facts)
        assert self.standings(snapshot) == {"own-reader": "always"}
        AccountSetting.objects.update(value=None)
        assert self.standings(snapshot) == {"own-reader": "always", "other-reader": "always"}

    def test_leaves_all_open_whose_policy_could_not_be_read(self, snapshot, readers):
        self.bucket(snapshot, unknown={"policy": "AccessDenied"})
        assert self.standings(snapshot)["own-reader"] == "unknown"

    def test_counts_as_assumed_where_the_question_says_so(self, snapshot, readers):
        self.bucket(snapshot, {"Effect": "Deny", "Principal": "*"})
        assert self.standings(snapshot, resource_policy="none") == {"own-reader": "always"}

    def test_a_deny_with_not_principal_hits_whoever_has_a_boundary(self, snapshot, readers):
        own = readers[0]
        session = f"arn:aws:sts::{TEST}:assumed-role/own-reader/session"
        edge = f"arn:aws:iam::{TEST}:policy/edge"
        IamPolicyFactory.create(
            connection=snapshot.connection, account_id=TEST, arn=edge, text=FULL_ACCESS
        )
        bounded = role(snapshot, TEST, "bounded-reader", boundary_arn=edge)
        gone = role(snapshot, TEST, "gone-reader", boundary_arn=f"arn:aws:iam::{TEST}:policy/gone")
        user = UserPrincipalFactory.create(
            connection=snapshot.connection,
            account_id=TEST,
            name="some-reader",
            inline_policies={"own": content(FULL_ACCESS).sha256},
        )
        listed = [own.arn, bounded.arn, gone.arn, user.arn, session, f"arn:aws:iam::{TEST}:root"]
        self.bucket(snapshot, {"Effect": "Deny", "NotPrincipal": {"AWS": listed}})
        assert self.standings(snapshot) == {"some-reader": "always"}
        answer = ask(snapshot.connection, "s3:GetObject", resource="arn:aws:s3:::data/a")
        assert differences(snapshot.connection, answer) == []

    def test_a_grant_to_everybody_reaches_beyond_a_boundary(self, snapshot, readers):
        edge = f"arn:aws:iam::{TEST}:policy/edge"
        IamPolicyFactory.create(
            connection=snapshot.connection, account_id=TEST, arn=edge, text=allowing("ec2:*")
        )
        bounded = role(snapshot, TEST, "bounded-reader", boundary_arn=edge)
        arn = {"ArnEquals": {"aws:PrincipalArn": bounded.arn}}
        self.bucket(snapshot, {"Principal": "*", "Condition": arn})
        assert self.standings(snapshot) == {"own-reader": "always", "bounded-reader": "always"}
        answer = ask(snapshot.connection, "s3:GetObject", resource="arn:aws:s3:::data/a")
        assert differences(snapshot.connection, answer) == []

    def test_leaves_the_policy_itself_to_the_owners_root_user(self, snapshot, readers):
        everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
        self.bucket(snapshot, everything)
        answer = ask(
            snapshot.connection,
            "s3:DeleteBucketPolicy",
            resource="arn:aws:s3:::data",
            assume=("nothing",),
        )
        allowed = {arn for arn, said in standings(answer).items() if said != "denied"}
        assert allowed == {f"arn:aws:iam::{TEST}:root"}
        assert differences(snapshot.connection, answer) == []

    def test_names_the_buckets_policy_as_what_lets_in(self, snapshot, readers):
        self.bucket(snapshot, {"Principal": {"AWS": readers[1].arn}})
        answer = ask(snapshot.connection, "s3:GetObject", resource="arn:aws:s3:::data/*")
        said = said_of(answer, readers[1])[1]
        assert "The policy of data" in [source.name for source in said.granted_by]

    def test_an_access_control_list_that_may_let_in_leaves_others_open(self, snapshot, readers):
        everybody = AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ")
        facts = BucketFacts(None, (everybody,)).as_json()
        self.bucket(snapshot, block=None, facts=facts)
        assert self.standings(snapshot) == {"own-reader": "always", "other-reader": "unknown"}


class TestKeyWithGrants:
    """A KMS grant lets in beside the key's policy, under SCPs like everything else."""

    KEY = f"arn:aws:kms:eu-west-1:{TEST}:key/1"

    def standings(self, snapshot, *grants, action="kms:Decrypt", **values):
        root = {"Principal": {"AWS": TEST}, "Action": "kms:*", "Resource": "*"}
        facts = {"grants": [one.as_json() for one in grants]}
        BucketFactory.create(
            connection=snapshot.connection,
            **{"service": "kms", "resource_type": "key", "account_id": TEST, "arn": self.KEY},
            **{"content": content(bucket_policy(root)), "facts": facts, **values},
        )
        self.answer = ask(snapshot.connection, action, self.KEY)
        return {
            self.answer.population.arn(int(row)).rpartition("/")[2]: (
                self.answer.way(int(row)).standing.value
            )
            for row in self.answer.rows
            if self.answer.population.arn(int(row)).endswith("-reader")
        }

    @pytest.fixture
    def readers(self, snapshot):
        nothing = allowing("ec2:DescribeInstances")
        return role(snapshot, TEST, "own-reader", nothing), role(snapshot, LOGS, "other-reader")

    def grant(self, grantee, *actions, kind=GranteeKind.PRINCIPAL, **more):
        return AccessGrant(kind, grantee, "kms grant", actions or ("kms:Decrypt",), **more)

    def test_nobody_may_without_one(self, snapshot, readers):
        assert self.standings(snapshot) == {}

    def test_let_in_whom_they_name(self, snapshot, readers):
        grants = [self.grant(one.arn) for one in readers]
        found = self.standings(snapshot, *grants)
        assert found == {"own-reader": "always", "other-reader": "always"}
        said = said_of(self.answer, readers[1])[1]
        assert "grant" in said.granted_by[-1].name

    def test_allow_their_operations_only(self, snapshot, readers):
        grant = self.grant(readers[1].arn, "kms:Encrypt")
        assert self.standings(snapshot, grant) == {}

    def test_to_a_service_let_no_principal_in(self, snapshot, readers):
        grant = self.grant("ec2.amazonaws.com", kind=GranteeKind.SERVICE)
        assert self.standings(snapshot, grant) == {}

    def test_with_an_encryption_context_let_in_on_that_condition(self, snapshot, readers):
        grant = self.grant(
            readers[1].arn, conditions={"EncryptionContextSubset": {"Department": "IT"}}
        )
        assert self.standings(snapshot, grant) == {"other-reader": "conditional"}
        words = " ".join(one.words for one in said_of(self.answer, readers[1])[1].conditions)
        assert words == "`kms:EncryptionContext:department` is `IT`"

    def test_to_an_account_outside_are_named_beside_the_principals(self, snapshot, readers):
        self.standings(snapshot, self.grant("999999999999", kind=GranteeKind.ACCOUNT))
        assert "999999999999" in " ".join(self.answer.let_in)

    def test_that_could_not_be_read_leave_everybody_open(self, snapshot, readers):
        found = self.standings(snapshot, unknown={"grants": "AccessDeniedException"})
        assert found["other-reader"] == "unknown"
        said = said_of(self.answer, readers[1])[1]
        assert any("grants" in text and "could not be read" in text for text in said.unknown)


class TestLogGroup:
    """AWS enforces a log group's policy for calls by its services alone."""

    def test_lets_in_no_principal_of_another_account_whatever_its_policy_says(self, snapshot):
        group = f"arn:aws:logs:eu-west-1:{TEST}:log-group:app"
        role(snapshot, LOGS, "writer")
        BucketFactory.create(
            connection=snapshot.connection,
            account_id=TEST,
            service="logs",
            resource_type="log-group",
            arn=f"arn:aws:logs:eu-west-1:{TEST}:log-group:*",
            content=content(
                bucket_policy({"Principal": "*", "Action": "logs:PutLogEvents", "Resource": "*"})
            ),
            facts={},
        )
        answer = ask(snapshot.connection, "logs:PutLogEvents", f"{group}:log-stream:a")
        arns = [answer.population.arn(int(row)) for row in answer.rows]
        assert not [arn for arn in arns if f"::{LOGS}:" in arn]
        assert answer.let_in == ("every AWS service",)
