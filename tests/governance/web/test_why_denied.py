"""The page that says why a request is denied."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.posture.requests.questions import AssumedPolicy, Claim, Question, UncollectedPolicy
from governance.presentation.why_denied_address import query_of, question_of
from policies.evaluation.layers import Decider
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, person
from tests.factories.policies import FULL_ACCESS, PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.principals import RoleFactory
from tests.factories.snapshots import organization_snapshot

ACCOUNT = "222222222224"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Deployer"
MESSAGE = (
    f"User: {ROLE} is not authorized to perform: ec2:RunInstances on resource: * with an explicit "
    "deny in a service control policy"
)
# Session, person, organization, frame, and the answer's own six.
MOST_QUERIES = 21


@pytest.fixture
def made(db):
    made = organization_snapshot()
    RoleFactory.create(
        connection=made.connection,
        account_id=ACCOUNT,
        name="Deployer",
        inline_policies={"own": content(FULL_ACCESS).sha256},
    )
    return made


@pytest.fixture
def address(made):
    return reverse("why-denied", kwargs={"slug": made.connection.slug})


@pytest.fixture
def reader(client, made):
    client.force_login(person("viewer"))
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


class TestPage:
    def test_turns_a_message_into_an_address_that_holds_the_request_alone(self, reader, address):
        answer = reader.post(address, {"text": "secret words. " + MESSAGE})
        assert answer.status_code == 302
        query = parse_qs(urlsplit(answer.url).query)
        assert query == {
            "principal": [ROLE],
            "action": ["ec2:RunInstances"],
            "claim": ["service_control_policy"],
            "effect": ["explicit"],
        }
        shown = text_of(reader.get(answer.url))
        assert "Denied by an explicit deny" in shown
        assert "Explicit deny by SCP deny-regions on OU Workloads" in shown
        assert "The trace finds such a deny." in shown
        assert '<tr class="deciding"><td class="line-number">' in shown

    def test_keeps_a_text_that_was_not_understood_and_says_which_part(self, reader, address):
        said = "User is not authorized to perform: rds:ModifyDBInstance <b>"
        answer = reader.post(address, {"text": said})
        assert answer.status_code == 422
        shown = text_of(answer)
        assert "The message does not say who was denied." in shown
        assert 'value="rds:ModifyDBInstance"' in shown
        assert "rds:ModifyDBInstance &lt;b&gt;</textarea>" in shown

    def test_offers_each_of_several_denials_to_choose_from(self, reader, address):
        said = "User: arn:aws:iam::111111111111:user/{} is not authorized to perform: {}"
        text = "\n".join(said.format(*one) for one in [("a", "s3:GetObject"), ("b", "ec2:Wait")])
        page = reader.post(address, {"text": text})
        assert page.status_code == 422
        chosen = [one for one in page.context["pasted_denials"] if one.action == "s3:GetObject"]
        assert [one.principal for one in chosen] == ["arn:aws:iam::111111111111:user/a"]
        assert chosen[0].href in page.content.decode().replace("&amp;", "&")

    def test_says_which_field_cannot_be_read(self, reader, address):
        shown = text_of(reader.get(address, {"principal": "Bob", "action": "s3:GetObject"}))
        assert "&#x27;Bob&#x27; is not a principal" in shown
        assert 'aria-describedby="wd-principal-error"' in shown

    def test_says_denied_where_only_the_kind_of_deny_is_unknown(self, reader, address, made):
        RoleFactory.create(connection=made.connection, account_id=ACCOUNT, name="Idle")
        locked = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}},
            },
        }
        common = {"connection": made.connection, "policy_id": "p-plain001"}
        PolicyFactory.create(text=json.dumps(locked), name="plain", **common)
        PolicyAttachmentFactory.create(target_id=ACCOUNT, **common)
        asked = {"principal": f"arn:aws:iam::{ACCOUNT}:role/Idle", "action": "s3:ListAllMyBuckets"}
        found = reader.get(address, {**asked, "unknown": "aws:SecureTransport"})
        assert (found.context["head"], found.context["outcome"]) == ("Denied", "implicit_deny")
        assert "Denied, explicitly or because nothing allows it" in text_of(found)

    def test_shows_what_would_decide_and_takes_it(self, reader, address, made):
        locked = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Action": "iam:*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-2"}},
            },
        }
        common = {"connection": made.connection, "policy_id": "p-locked01"}
        PolicyFactory.create(text=json.dumps(locked), name="locked", **common)
        PolicyAttachmentFactory.create(target_id=ACCOUNT, **common)
        asked = {"principal": ROLE, "action": "iam:CreateUser"}
        shown = text_of(reader.get(address, asked))
        assert "Depends on the value of aws:RequestedRegion." in shown
        assert '<input type="hidden" name="key" value="aws:RequestedRegion">' in shown
        given = {"key": "aws:RequestedRegion", "is": "value", "value": "eu-west-2"}
        assert "Granted by the identity-based policies." in text_of(
            reader.get(address, {**asked, **given})
        )
        absent = {"key": "aws:RequestedRegion", "is": "absent", "value": ""}
        assert "Explicit deny by SCP locked on account payments-test" in text_of(
            reader.get(address, {**asked, **absent})
        )

    def test_shows_a_policy_that_does_not_parse_as_unknown(self, reader, address, made):
        common = {"connection": made.connection, "policy_id": "p-broken01"}
        PolicyFactory.create(text='{"Version', name="broken", **common)
        PolicyAttachmentFactory.create(target_id=ACCOUNT, **common)
        shown = text_of(reader.get(address, {"principal": ROLE, "action": "iam:CreateUser"}))
        assert "Cannot be read" in shown
        assert "Line 1" in shown
        assert "Granted by" not in shown

    def test_says_when_the_first_run_was(self, reader, address):
        asked = {"principal": ROLE, "action": "iam:CreateUser", "as_of": "2020-01-01"}
        shown = text_of(reader.get(address, asked))
        assert "the first run started at 2026-11-01" in shown

    def test_says_of_an_organization_that_was_never_read_that_nothing_is_known(self, client, db):
        connection = ConnectionFactory.create()
        client.force_login(person("viewer"))
        where = reverse("why-denied", kwargs={"slug": connection.slug})
        shown = text_of(client.get(where, {"principal": ROLE, "action": "iam:CreateUser"}))
        assert "Not known" in shown
        assert "Granted by" not in shown

    @pytest.mark.parametrize(
        "wrong",
        [
            {"claim": "nonsense"},
            {"claim": "said", "effect": "maybe"},
            {"resource_policy": "some"},
            {"key": "a:b", "is": "perhaps", "value": "1"},
            {"principal": "x" * 9000},
        ],
    )
    def test_refuses_an_address_that_it_never_made(self, reader, address, wrong):
        assert reader.get(address, wrong).status_code == 400

    def test_is_closed_to_who_may_not_see_the_inventory(self, client, address):
        client.force_login(UserFactory.create())
        assert client.get(address).status_code == 403
        assert client.post(address, {"text": MESSAGE}).status_code == 403

    def test_asks_the_database_as_much_for_many_policies_as_for_few(
        self, reader, address, made, django_assert_max_num_queries
    ):
        asked = {"principal": ROLE, "action": "ec2:RunInstances"}
        reader.get(address, asked)
        with django_assert_max_num_queries(MOST_QUERIES):
            reader.get(address, asked)


class TestReasons:
    @pytest.fixture
    def guarded(self, made):
        """Deny by region at the root, too, with a condition that exempts many roles."""
        exempt = [f"arn:aws:iam::*:role/R{number:02}" for number in range(10)]
        statement = {
            "Sid": "OnlyDeployers",
            "Effect": "Deny",
            "NotAction": [f"{service}:*" for service in ("iam", "sts", "support", "s3")],
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:principalARN": exempt}},
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        policy = PolicyFactory.create(connection=made.connection, name="roles", text=text)
        PolicyAttachmentFactory.create(
            connection=made.connection, policy_id=policy.policy_id, target_id="r-ab12"
        )
        return made

    @pytest.fixture
    def page(self, guarded, reader, address):
        return reader.get(address, {"principal": ROLE, "action": "ec2:RunInstances"})

    def test_are_all_named_first_what_decides_before_the_others(self, page):
        named = [(one.title, one.text) for one in page.context["reasons"]]
        assert sorted(named) == [
            ("SCP deny-regions", "statement 1 denies it at Workloads"),
            ("SCP roles", "OnlyDeployers denies it at Root"),
        ]
        text = text_of(page)
        assert "<b>2 reasons.</b>" in text
        assert text.index("2 reasons") < text.index("Trace")

    def test_mark_the_condition_that_decides_alone(self, page):
        (policy,) = [
            policy
            for level in page.context["levels"]
            for policy in level.policies
            if policy.name == "roles"
        ]
        marked = [str(line.text) for run in policy.excerpt for line in run if line.deciding]
        assert "Condition" in marked[0]
        assert not any("NotAction" in line for line in marked)

    def test_write_keys_as_aws_does_and_lists_as_lists(self, page):
        text = text_of(page)
        assert f"aws:PrincipalArn is {ROLE}: ArnNotLike" in text
        assert '<code class="code-word">arn:aws:iam::*:role/R00</code>' in text
        assert "and 2 more" in text
        assert "[&#x27;" not in text

    @pytest.mark.parametrize(
        ("asked", "titles"),
        [
            pytest.param(
                {"principal": f"arn:aws:iam::{ACCOUNT}:root", "action": "ec2:RunInstances"},
                ["SCP deny-regions"],
                id="the root user, who needs no policy",
            ),
            pytest.param(
                {
                    "principal": ROLE,
                    "action": "iam:PutRolePolicy",
                    "resource": f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/"
                    "AWSReservedSSO_Admin_0123456789abcdef",
                },
                ["AWS"],
                id="what AWS never permits",
            ),
            pytest.param(
                {
                    "principal": ROLE,
                    "action": "kms:Decrypt",
                    "resource": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0123",
                },
                [],
                id="a resource whose policy is not known",
            ),
        ],
    )
    def test_are_named_where_levels_have_no_policy_of_their_own(
        self, reader, address, asked, titles
    ):
        page = reader.get(address, asked)

        assert page.status_code == 200
        named = [one.title for one in page.context["reasons"] if one.state == "explicit_deny"]
        assert named == titles

    def test_of_a_request_that_is_allowed_are_none(self, reader, address):
        page = reader.get(address, {"principal": ROLE, "action": "s3:ListAllMyBuckets"})
        assert page.context["reasons"] == ()


class TestSuggestions:
    @pytest.mark.parametrize(
        ("query", "value"),
        [
            ({"of": "action", "action": "s3:getobjecta"}, "s3:GetObjectAcl"),
            ({"of": "action", "action": "RunInst"}, "ec2:RunInstances"),
            ({"of": "key", "key": "requestedr"}, "aws:RequestedRegion"),
            ({"of": "key", "key": "x-amz-acl", "action": "s3:PutObject"}, "s3:x-amz-acl"),
            ({"of": "account", "account": "pay"}, "222222222222"),
            ({"of": "principal", "principal": "Dep"}, ROLE),
            ({"of": "principal", "principal": f"arn:aws:iam::{ACCOUNT}:role/dep"}, ROLE),
        ],
    )
    def test_complete_what_is_typed(self, reader, made, query, value):
        address = reverse("why-denied-suggestions", kwargs={"slug": made.connection.slug})
        assert f'<option value="{value}"' in text_of(reader.get(address, query))

    def test_of_no_field_are_refused(self, reader, made):
        address = reverse("why-denied-suggestions", kwargs={"slug": made.connection.slug})
        assert reader.get(address, {"of": "password"}).status_code == 400


PLAIN = st.text("abcXYZ019:/=&*-_ é", min_size=1, max_size=20).map(str.strip).filter(bool)


class TestAddress:
    @given(
        st.builds(
            Question,
            principal=PLAIN,
            action=PLAIN,
            resource=PLAIN,
            resource_account_id=st.sampled_from(["", "111122223333"]),
            context=st.lists(
                st.tuples(PLAIN, st.lists(PLAIN, min_size=1, max_size=3).map(tuple)),
                max_size=3,
                unique_by=lambda pair: pair[0].lower(),
            ).map(tuple),
            absent=st.lists(PLAIN, max_size=2, unique=True).map(tuple),
            parts=st.sampled_from([(), ((UncollectedPolicy.RESOURCE_POLICY, AssumedPolicy.NONE),)]),
            claim=st.sampled_from(
                [None, Claim(None, None), Claim(Decider.IDENTITY_POLICY, False, "arn:x")]
            ),
        )
    )
    @settings(deadline=None)
    def test_holds_the_whole_question(self, question):
        assert question_of(QueryDict(query_of(question))) == question
