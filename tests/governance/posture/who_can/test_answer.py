"""What who-can says of an organization, and what it leaves open."""

import json

import pytest

from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.who_can.answer import who_can
from governance.posture.who_can.listing import Filters, filtered, ordered, shares
from governance.posture.who_can.question import read_question
from governance.posture.who_can.wording import described
from inventory.models import Principal, Root
from policies import PolicyType
from tests.factories.demo_organization import demo_organization
from tests.factories.policies import FULL_ACCESS, PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.principals import IamPolicyFactory, UserPrincipalFactory
from tests.factories.runs import CoverageFactory, forget_coverage
from tests.factories.times import SECOND_RUN_AT
from tests.governance.posture.who_can.asked import allowing, role, said_of
from tests.governance.posture.who_can.comparing import (
    VIEWER,
    ask,
    differences,
    standings,
)

SCP, RCP = PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY
TEST, LOGS, PAYMENTS = "222222222224", "333333333331", "222222222222"


class TestStanding:
    def test_needs_no_condition_where_everything_allows(self, snapshot):
        admin = role(snapshot, TEST, "Admin")
        standing, said = said_of(ask(snapshot.connection, "iam:CreateUser"), admin)
        assert (standing, said.conditions, said.unknown) == ("always", (), ())
        assert [one.name for one in said.granted_by] == ["own"]

    def test_names_the_scp_and_the_level_of_a_condition(self, snapshot):
        admin = role(snapshot, TEST, "Admin")
        deny = {
            "Effect": "Deny",
            "Action": "iam:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
        }
        PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-vpc000001",
            name="from-our-network",
            text=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection, policy_id="p-vpc000001", target_id="ou-ab12-test0001"
        )
        standing, said = said_of(ask(snapshot.connection, "iam:CreateUser"), admin)
        assert standing == "conditional"
        (condition,) = said.conditions
        assert condition.sentence == "unless `aws:SourceVpc` is not `vpc-1`"
        (source,) = condition.sources
        assert (source.name, source.target_name) == ("from-our-network", "Test")
        given = ask(
            snapshot.connection, "iam:CreateUser", assume=("aws:SourceVpc=vpc-1", "principal=role")
        )
        assert said_of(given, admin)[0] == "always"

    def test_decides_tags_and_names_of_each_principal(self, snapshot):
        text = allowing("s3:*", StringEquals={"aws:PrincipalTag/team": "red"})
        red = role(snapshot, LOGS, "Red", text, tags={"team": "red"})
        untagged = role(snapshot, LOGS, "Session", text)
        answer = ask(snapshot.connection, "s3:PutObject")
        assert said_of(answer, red)[0] == "always"
        # A session may bring the tag.
        assert said_of(answer, untagged)[0] == "conditional"
        blue = role(snapshot, LOGS, "Blue", text, tags={"team": "blue"})
        assert standings(ask(snapshot.connection, "s3:PutObject"))[blue.arn] == "denied"

    def test_is_not_known_where_a_policy_was_not_collected_or_cannot_be_read(self, snapshot):
        gone = role(
            snapshot,
            LOGS,
            "Gone",
            allowing("ec2:*"),
            attached_policy_arns=["arn:aws:iam::aws:policy/X"],
        )
        broken = role(snapshot, LOGS, "Broken", '{"Version')
        answer = ask(snapshot.connection, "s3:GetObject")
        assert said_of(answer, gone)[1].unknown == ("The text of X was not collected.",)
        assert said_of(answer, broken)[1].unknown == ("The text of own cannot be read.",)

    def test_counts_accounts_that_were_never_read(self, snapshot):
        forget_coverage(snapshot.connection, account_id=TEST)
        assert TEST in ask(snapshot.connection, "s3:GetObject").not_collected

    def test_says_that_a_boundary_or_an_scp_ends_it(self, snapshot):
        arn = f"arn:aws:iam::{TEST}:policy/edge"
        IamPolicyFactory.create(
            connection=snapshot.connection, account_id=TEST, arn=arn, text=allowing("ec2:*")
        )
        edged = role(snapshot, TEST, "Edged", boundary_arn=arn)
        admin = role(snapshot, TEST, "Admin")
        said = standings(ask(snapshot.connection, "iam:CreateUser"))
        assert (said[edged.arn], said[admin.arn]) == ("denied", "always")
        assert standings(ask(snapshot.connection, "ec2:RunInstances"))[admin.arn] == "denied"

    def test_lists_root_users_only_where_they_are_not_assumed_away(self, snapshot):
        usual = ask(snapshot.connection, "iam:CreateUser")
        assert [usual.population.arn(int(row)) for row in usual.rows] == []
        every = ask(snapshot.connection, "iam:CreateUser", assume=("nothing",))
        roots = {every.population.account_id(int(row)) for row in every.rows}
        # Prod has no SCP that allows it.
        assert roots == {"111111111111", LOGS, TEST, "444444444441"}


class TestAwsRules:
    def test_lets_every_user_have_a_session_token_and_no_role(self, snapshot):
        powerful = role(snapshot, LOGS, "Admin", FULL_ACCESS)
        user = UserPrincipalFactory.create(connection=snapshot.connection, account_id=LOGS)
        answer = ask(snapshot.connection, "sts:GetSessionToken", assume=("nothing",))
        said = standings(answer)
        assert (said[user.arn], said[powerful.arn]) == ("always", "denied")
        assert said[f"arn:aws:iam::{LOGS}:root"] == "always"
        row = next(r for r in answer.rows if answer.population.arn(int(r)) == user.arn)
        (way,) = [way for _, way in answer.way(int(row)).parts]
        assert [one.kind for one in described(answer, int(row), way).granted_by] == ["aws"]

    def test_lets_nobody_but_aws_itself_change_a_reserved_role(self, snapshot):
        powerful = role(snapshot, LOGS, "Admin", FULL_ACCESS)
        linked = role(
            snapshot,
            LOGS,
            "AWSServiceRoleForSSO",
            FULL_ACCESS,
            path="/aws-service-role/sso.amazonaws.com/",
        )
        reserved = f"arn:aws:iam::{LOGS}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x"
        said = standings(
            ask(snapshot.connection, "iam:PutRolePolicy", reserved, assume=("nothing",))
        )
        assert (said[powerful.arn], said[linked.arn]) == ("denied", "always")
        assert said[f"arn:aws:iam::{LOGS}:root"] == "denied"
        own = f"arn:aws:iam::{LOGS}:role/Own"
        assert standings(ask(snapshot.connection, "iam:PutRolePolicy", own))[powerful.arn] == (
            "always"
        )

    def test_tells_actions_with_such_rules_from_those_without(self, snapshot):
        powerful = role(snapshot, LOGS, "Admin", FULL_ACCESS)
        answer = ask(snapshot.connection, "sts:*")
        row = next(r for r in answer.rows if answer.population.arn(int(r)) == powerful.arn)
        allowed = {action for actions, _ in answer.way(int(row)).parts for action in actions}
        assert "sts:GetCallerIdentity" in allowed
        assert allowed.isdisjoint({"sts:GetSessionToken", "sts:GetFederationToken"})


class TestResourceControl:
    def test_binds_callers_of_the_management_account_too(self, snapshot):
        admin = role(snapshot, "111111111111", "Admin")
        inside = role(snapshot, LOGS, "Admin")
        Root.objects.update(policy_types=dict.fromkeys((SCP, RCP), "ENABLED"))
        CoverageFactory.create(
            run=snapshot.run, account_id="", collector=f"organizations.policies.{RCP}"
        )
        denied = {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*"}
        PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-rcp000001",
            type=RCP,
            text=json.dumps({"Version": "2012-10-17", "Statement": [denied]}),
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection, policy_id="p-rcp000001", target_id="ou-ab12-sec00001"
        )
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        bound = role(snapshot, LOGS, "Target", trust_policy=content(text))
        free = role(snapshot, TEST, "Target", trust_policy=content(text))
        said = standings(ask(snapshot.connection, "sts:AssumeRole", bound.arn))
        assert (said[admin.arn], said[inside.arn]) == ("denied", "denied")
        said = standings(ask(snapshot.connection, "sts:AssumeRole", free.arn))
        assert (said[admin.arn], said[inside.arn]) == ("always", "always")


class TestTrust:
    def test_lets_in_across_accounts_whom_both_sides_allow(self, snapshot):
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {
                        "AWS": [f"arn:aws:iam::{TEST}:root", "999999999998"],
                        "Service": "ec2.amazonaws.com",
                    },
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        target = role(snapshot, LOGS, "Reader", trust_policy=content(json.dumps(trust)))
        inside = role(snapshot, TEST, "Deployer")
        powerless = role(snapshot, TEST, "Clerk", allowing("s3:*"))
        stranger = role(snapshot, LOGS, "Neighbour")
        answer = ask(snapshot.connection, "sts:AssumeRole", target.arn)
        said = standings(answer)
        assert said[inside.arn] == "always"
        assert said[powerless.arn] == said[stranger.arn] == "denied"
        assert answer.let_in == ("999999999998", "ec2.amazonaws.com")


class TestResource:
    def test_of_a_pattern_is_always_only_where_all_of_it_is_allowed(self, snapshot):
        wide = role(snapshot, LOGS, "Wide", allowing("s3:*", resource="arn:aws:s3:::reports/*"))
        part = role(snapshot, LOGS, "Part", allowing("s3:*", resource="arn:aws:s3:::reports/a/*"))
        other = role(snapshot, LOGS, "Other", allowing("s3:*", resource="arn:aws:s3:::logs/*"))
        said = standings(ask(snapshot.connection, "s3:GetObject", "arn:aws:s3:::reports/*"))
        assert (said[wide.arn], said[part.arn], said[other.arn]) == (
            "always",
            "conditional",
            "denied",
        )

    def test_is_of_the_kind_that_the_action_works_on(self, snapshot):
        bucket = role(snapshot, LOGS, "Bucket", allowing("s3:*", resource="arn:aws:s3:::reports"))
        said = standings(ask(snapshot.connection, "s3:GetObject"))
        assert said[bucket.arn] == "denied"
        assert standings(ask(snapshot.connection, "s3:ListBucket"))[bucket.arn] == "conditional"

    def test_of_a_key_needs_its_policy_which_is_not_collected(self, snapshot):
        admin = role(snapshot, LOGS, "Admin")
        key = f"arn:aws:kms:eu-west-1:{LOGS}:key/1"
        standing, said = said_of(ask(snapshot.connection, "kms:Decrypt", key), admin)
        assert standing == "unknown"
        assert said.unknown == ("Whether the resource has a policy of its own is not collected.",)


class TestService:
    def test_puts_actions_together_and_tells_each_standing(self, snapshot):
        reader = role(snapshot, LOGS, "Reader", allowing(["s3:GetObject", "s3:PutObject"]))
        answer = ask(snapshot.connection, "s3")
        (row,) = [int(r) for r in answer.rows if answer.population.arn(int(r)) == reader.arn]
        ways = answer.way(row)
        assert sorted(action for actions, _ in ways.parts for action in actions) == [
            "s3:GetObject",
            "s3:PutObject",
        ]
        kept = filtered(answer, Filters(action="s3:GetObject"))
        assert list(kept) == [row]
        assert list(filtered(answer, Filters(action="s3:DeleteObject"))) == []

    @pytest.mark.parametrize("action", ["s3:*", "kms:*", "sts:*", "iam:*"])
    def test_says_of_each_action_what_asking_for_it_alone_says(self, snapshot, action):
        for name, text in (
            ("Admin", FULL_ACCESS),
            ("Some", allowing(["s3:Get*", "kms:Decrypt", "sts:*", "iam:List*"])),
            ("Narrow", allowing("*", resource="arn:aws:s3:::a/*")),
            ("Tagged", allowing("*", StringEquals={"aws:PrincipalTag/a": "b"})),
        ):
            role(snapshot, LOGS, name, text)
            role(snapshot, PAYMENTS, name, text)
        together = ask(snapshot.connection, action)
        for one in together.question.actions[::7]:
            alone = standings(ask(snapshot.connection, one))
            for row in range(len(together.population)):
                arn = together.population.arn(row)
                parts = together.way(row).parts if together.way_of[row] >= 0 else ()
                said = [way.standing.value for actions, way in parts if one in actions]
                assert said == ([alone[arn]] if alone[arn] != "denied" else []), (one, arn)


class TestList:
    def test_filters_orders_and_counts_below_an_ou(self, snapshot):
        for account_id, name in ((TEST, "b"), (LOGS, "a"), (PAYMENTS, "c")):
            role(snapshot, account_id, name)
        answer = ask(snapshot.connection, "s3:GetObject")
        kept = filtered(answer, Filters(under="ou-ab12-work0001"))
        names = [
            answer.population.arn(int(row))[-1]
            for row in ordered(answer, kept, "name", descending=True)
        ]
        assert names == ["c", "b"]
        counted = {one.target.name: one.always for one in shares(answer, kept, "ou-ab12-work0001")}
        assert counted == {"Prod": 1, "Test": 1}

    def test_answers_for_a_time_in_the_past(self, snapshot):
        admin = role(snapshot, LOGS, "Admin")
        Principal.objects.filter(pk=admin.pk).update(seen_until=SECOND_RUN_AT)
        question = read_question(action="s3:GetObject", region="eu-west-2")
        now = who_can(VIEWER, connection=snapshot.connection, question=question)
        then = who_can(
            VIEWER,
            connection=snapshot.connection,
            question=question,
            as_of=snapshot.run.started_at,
        )
        assert (len(now.rows), len(then.rows)) == (0, 1)


class TestQuestion:
    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({"action": ""}, "action"),
            ({"action": "GetObject"}, "action"),
            ({"action": "*"}, "action"),
            ({"action": "s3:GetObject", "resource": "reports"}, "resource"),
            ({"action": "s3:GetObject", "account": "1"}, "account"),
            ({"action": "s3:GetObject", "assume": ["x"]}, "assume"),
            ({"action": "s3:GetObject", "resource_policy": "some"}, "resource_policy"),
        ],
    )
    def test_names_the_part_that_says_nothing(self, asked, field):
        with pytest.raises(CannotAnswer) as raised:
            read_question(**asked, region="eu-west-2")
        assert raised.value.field == field

    def test_spells_actions_as_aws_does(self):
        asked = read_question(action="S3:getobject", region="eu-west-2")
        assert asked.action == "s3:GetObject"
        asked = read_question(action="dynamodb", region="eu-west-2")
        assert (asked.action, "dynamodb:Query" in asked.actions) == ("dynamodb:*", True)


class TestDemoOrganization:
    def test_none_is_decided_differently(self, db):
        made = demo_organization()
        answer = ask(made.connection, "s3:GetObject", "arn:aws:s3:::reports/a.csv")
        assert len(answer.population) > 100
        assert set(standings(answer).values()) > {"denied"}
        assert differences(made.connection, answer, every=7) == []
