"""A guard that holds lets in nobody outside of what it names: checked by the evaluator."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from policies import DecisionOutcome, Evaluator, PolicySet, PolicyType, make_request, parse_policy
from policies.trust import (
    TrustedResource,
    TrustOrganization,
    TrustPrincipal,
    TrustPrincipalKind,
    TrustQuestion,
)
from policies.trust.guards import read_guards

GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
ROLE = TrustedResource("arn:aws:iam::111122223333:role/deploy", "111122223333")
QUEUE = TrustedResource("arn:aws:sqs:eu-west-1:111122223333:q", "111122223333")
ORGANIZATION = TrustOrganization("o-own1234567", "999988887777", {"111122223333": "o-own1234567/"})

OPERATORS = st.sampled_from(
    [
        "StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIfExists",
        "StringLikeIfExists", "ForAllValues:StringLike", "ForAnyValue:StringLike",
        "ForAllValues:StringEquals", "ForAnyValue:StringNotLike", "StringEqualsIgnoreCase", "Null",
    ]
)  # fmt: skip

OWNERS = ("org", "org-x", "o", "org@1", "org@12", "x@1")
SUBJECTS = tuple(
    f"repo:{owner}/{repository}:{rest}"
    for owner in OWNERS
    for repository in ("app", "app@2", "org")
    for rest in ("ref:refs/heads/main", "environment:org/x")
)
SUBJECT_PATTERNS = st.sampled_from(
    [
        *SUBJECTS[:3], "*", "repo:*", "repo:org/*", "repo:org*", "repo:org@1/*", "repo:org@*",
        "repo:org@1*", "repo:org/app*", "repo:*/app:*", "*org/*", "repo:or?/*", "repo:*@1/*",
        "repo:org?*", "repo:org-x/*", "?epo:org/*",
    ]
)  # fmt: skip

ACCOUNTS = ("111122223333", "111122223334", "222233334444", "111100000000")
ACCOUNT_PATTERNS = st.sampled_from(
    [*ACCOUNTS, "*", "1111*", "11112222333?", "*3333", "${aws:ResourceAccount}"]
)
ARNS = tuple(
    f"arn:aws:{service}:{region}:{account}:{name}"
    for service, region in (("sns", "eu-west-1"), ("s3", ""), ("events", "eu-west-1"))
    for account in (*ACCOUNTS[:2], "")
    for name in ("t", "rule/t", "t2")
)
ARN_PATTERNS = st.sampled_from(
    [
        *ARNS[:4], "*", "arn:aws:sns:*:*:t", "arn:aws:sns:*:111122223333:*", "arn:aws:s3:::t",
        "arn:aws:s3:::t*", "arn:*:111122223333:t", "arn:aws:*:*:111122223333:rule/*",
        "arn:aws:sns:eu-west-1:1111*", "arn:aws:sns:eu-west-1:11112222333?:t",
    ]
)  # fmt: skip


CALLERS = tuple(
    f"arn:aws:iam::{account}:{name}"
    for account in ACCOUNTS[:3]
    for name in ("role/ci", "role/ci-x", "role/team/ci", "user/ci", "root")
)
CALLER_PATTERNS = st.sampled_from(
    [
        *CALLERS[:3], "*", "arn:aws:iam::*:role/ci", "arn:aws:iam::111122223333:*",
        "arn:aws:iam::111122223333:role/*", "arn:aws:iam::1111*:role/ci", "arn:aws:iam::*",
        "arn:*:role/ci", "arn:aws:iam::11112222333?:role/ci*", "arn:aws:iam::111122223333:role/ci*",
    ]
)  # fmt: skip
ORGANIZATIONS = ("o-own1234567", "o-own12345678", "o-other123456")
ORGANIZATION_PATTERNS = st.sampled_from(
    [*ORGANIZATIONS, "o-*", "*", "o-own*", "o-own1234567*", "o-own123456?", "${aws:ResourceOrgID}"]
)


def conditions(key: str, patterns: st.SearchStrategy[str]) -> st.SearchStrategy[dict]:
    values = st.lists(patterns, min_size=1, max_size=3, unique=True)
    return st.dictionaries(OPERATORS, values, min_size=1, max_size=3).map(
        lambda written: {
            operator: {key: ["false"] if operator == "Null" else listed}
            for operator, listed in written.items()
        }
    )


def statement_of(condition: dict, principal: dict, action: str, resource: str | None) -> dict:
    made = {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}
    return made if resource is None else made | {"Resource": resource}


def names_where_all_holds(question: TrustQuestion, principal: TrustPrincipal) -> set[str] | None:
    """Return what the guards name, if one holds and lets somebody in; None if none does."""
    readings = read_guards(question, question.policy.statements[0], principal)
    holding = [reading for reading in readings if reading.guard.holds]
    if not holding:
        return None
    return (
        {name for r in holding if not r.is_empty for name in r.names}
        if all(not r.is_empty for r in holding)
        else set()
    )


def question_of(statement: dict, kind: PolicyType, resource: TrustedResource) -> TrustQuestion:
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    document = parse_policy(text, kind).document
    assert document is not None
    return TrustQuestion(document, kind, resource, ORGANIZATION)


class TestAgainstEvaluator:
    @settings(max_examples=60, deadline=None)
    @given(conditions(f"{GITHUB}:sub", SUBJECT_PATTERNS))
    def test_a_subject_that_holds_admits_the_named_organizations_only(self, condition):
        statement = statement_of(
            condition, {"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", None
        )
        question = question_of(statement, PolicyType.TRUST_POLICY, ROLE)
        principal = TrustPrincipal(TrustPrincipalKind.FEDERATED, PROVIDER, "111122223333", GITHUB)
        names = names_where_all_holds(question, principal)
        if names is None:
            return
        evaluator = Evaluator(PolicySet(resource_policy=question.policy))
        for subject in (*SUBJECTS, None):
            context = {} if subject is None else {f"{GITHUB}:sub": subject}
            request = make_request(
                PROVIDER, "sts:AssumeRoleWithWebIdentity", ROLE.arn, context=context
            )
            if evaluator.evaluate(request).decision is DecisionOutcome.ALLOWED:
                assert subject is not None
                owner = subject.removeprefix("repo:").partition("/")[0].partition("@")[0]
                assert owner in names

    @settings(max_examples=60, deadline=None)
    @given(conditions("aws:SourceAccount", ACCOUNT_PATTERNS))
    def test_a_source_account_that_holds_admits_the_named_accounts_only(self, condition):
        names, evaluator = self._for_service(condition)
        if names is None:
            return
        for account in (*ACCOUNTS, None):
            context = {} if account is None else {"aws:SourceAccount": account}
            if self._passes(evaluator, context):
                assert account in names

    @settings(max_examples=60, deadline=None)
    @given(conditions("aws:SourceArn", ARN_PATTERNS))
    def test_a_source_arn_that_holds_fixes_the_account(self, condition):
        names, evaluator = self._for_service(condition)
        if names is None:
            return
        accounts = {name.split(":", 5)[4] for name in names if name.count(":") >= 5}
        for arn in (*ARNS, None):
            context = {} if arn is None else {"aws:SourceArn": arn}
            if self._passes(evaluator, context):
                assert arn is not None
                _, _, service, _, account, _ = arn.split(":", 5)
                assert account in accounts
                assert account or service != "s3"

    @settings(max_examples=60, deadline=None)
    @given(conditions("aws:PrincipalArn", CALLER_PATTERNS))
    def test_a_principals_arn_that_holds_fixes_the_account(self, condition):
        names, evaluator = self._for_everybody(condition)
        if names is None:
            return
        accounts = {name.split(":", 5)[4] for name in names if name.count(":") >= 5}
        for arn in CALLERS:
            if self._may_assume(evaluator, arn, {}):
                assert arn.split(":", 5)[4] in accounts

    @settings(max_examples=60, deadline=None)
    @given(conditions("aws:PrincipalOrgID", ORGANIZATION_PATTERNS))
    def test_an_organization_that_holds_admits_the_named_ones_only(self, condition):
        names, evaluator = self._for_everybody(condition)
        if names is None:
            return
        for organization in (*ORGANIZATIONS, None):
            context = {} if organization is None else {"aws:PrincipalOrgID": organization}
            context["aws:ResourceOrgID"] = "o-own1234567"
            if self._may_assume(evaluator, CALLERS[-5], context):
                assert organization in names

    @staticmethod
    def _for_everybody(condition: dict) -> tuple[set[str] | None, Evaluator]:
        statement = statement_of(condition, {"AWS": "*"}, "sts:AssumeRole", None)
        question = question_of(statement, PolicyType.TRUST_POLICY, ROLE)
        names = names_where_all_holds(question, TrustPrincipal(TrustPrincipalKind.EVERYONE, "*"))
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        text = json.dumps({"Version": "2012-10-17", "Statement": allow})
        identity = parse_policy(text, PolicyType.IDENTITY_POLICY).document
        assert identity is not None
        policy_set = PolicySet(identity_policies=(identity,), resource_policy=question.policy)
        return names, Evaluator(policy_set)

    @staticmethod
    def _may_assume(evaluator: Evaluator, arn: str, context: dict) -> bool:
        request = make_request(arn, "sts:AssumeRole", ROLE.arn, context=context)
        return evaluator.evaluate(request).decision is DecisionOutcome.ALLOWED

    @staticmethod
    def _for_service(condition: dict) -> tuple[set[str] | None, Evaluator]:
        statement = statement_of(
            condition, {"Service": "sns.amazonaws.com"}, "sqs:SendMessage", QUEUE.arn
        )
        question = question_of(statement, PolicyType.RESOURCE_POLICY, QUEUE)
        principal = TrustPrincipal(TrustPrincipalKind.SERVICE, "sns.amazonaws.com")
        names = names_where_all_holds(question, principal)
        return names, Evaluator(PolicySet(resource_policy=question.policy))

    @staticmethod
    def _passes(evaluator: Evaluator, context: dict) -> bool:
        request = make_request(
            "sns.amazonaws.com",
            "sqs:SendMessage",
            QUEUE.arn,
            resource_account_id="111122223333",
            context=context,
        )
        return evaluator.evaluate(request).decision is DecisionOutcome.ALLOWED
