"""The evaluator: statements, wildcards, conditions."""

import json

import pytest

from demo.simulator.authorization import Question, decide

ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
CONTEXT: dict[str, str | list[str]] = {
    "aws:principalarn": "arn:aws:iam::111111111111:role/path/Deploy",
    "aws:principalorgid": "o-one",
    "aws:requestedregion": "eu-central-1",
    "aws:sourceip": "203.0.113.10",
    "aws:securetransport": "true",
    "aws:currenttime": "2026-11-23T12:00:00Z",
    "aws:principalorgpaths": ["o-one/r-a/ou-a-1/"],
}


def ask(*statements, action="s3:GetObject", resource="arn:aws:s3:::b/key", principals=()):
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return decide([text], Question(action, resource, CONTEXT, principals))


class TestStatements:
    def test_denies_over_any_allow_and_allows_nothing_unsaid(self):
        assert ask(ALLOW) == "allow"
        assert ask(ALLOW, ALLOW | {"Effect": "Deny"}) == "deny"
        assert ask(ALLOW, action="sqs:SendMessage") == "none"

    @pytest.mark.parametrize(
        ("statement", "decision"),
        [
            ({"Action": "S3:getobject"}, "allow"),
            ({"Action": "s3:Get*ct"}, "allow"),
            ({"Action": "s3:GetObjec?"}, "allow"),
            ({"Action": "s3:GetObject?"}, "none"),
            ({"Resource": "arn:aws:s3:::B/*"}, "none"),
            ({"Resource": ["arn:aws:s3:::x", "arn:aws:s3:::b/*"]}, "allow"),
        ],
    )
    def test_ignores_case_in_actions_but_not_in_resources(self, statement, decision):
        assert ask(ALLOW | statement) == decision

    def test_turns_not_action_and_not_resource_round(self):
        assert ask({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}) == "allow"
        assert ask({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}) == "none"
        other = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b/*"}
        assert ask(other) == "none"

    def test_knows_principals(self):
        trust = {"Effect": "Allow", "Action": "s3:*", "Principal": {"AWS": ["222222222222"]}}
        assert ask(trust, principals=("222222222222",)) == "allow"
        assert ask(trust, principals=("111111111111",)) == "none"
        assert ask(trust | {"Principal": "*"}, principals=("x",)) == "allow"
        assert ask(trust | {"Principal": {"Service": "x"}}, principals=("x",)) == "none"


class TestConditions:
    @pytest.mark.parametrize(
        ("condition", "met"),
        [
            ({"StringEquals": {"aws:PrincipalOrgID": "o-one"}}, True),
            ({"StringEquals": {"aws:PrincipalOrgID": ["o-two", "o-one"]}}, True),
            ({"StringEquals": {"aws:PrincipalOrgID": "O-ONE"}}, False),
            ({"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": "O-ONE"}}, True),
            ({"StringNotEquals": {"aws:PrincipalOrgID": ["o-two", "o-one"]}}, False),
            ({"StringNotEquals": {"aws:PrincipalOrgID": "o-two"}}, True),
            ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, False),
            ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, True),
            ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, True),
            ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-two"}}, False),
            ({"Null": {"aws:SourceVpc": "true"}}, True),
            ({"Null": {"aws:PrincipalOrgID": True}}, False),
            ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/path/*"}}, True),
            ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/path/*"}}, False),
            ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*:role/path/*"}}, False),
            ({"Bool": {"aws:SecureTransport": "false"}}, False),
            ({"Bool": {"aws:SecureTransport": True}}, True),
            ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}}, True),
            ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
            ({"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}, False),
            ({"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}, True),
            ({"DateGreaterThan": {"aws:CurrentTime": "1795000000"}}, True),
            ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-one/*"}}, True),
            ({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, True),
            ({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, False),
            ({"StringLike": {"aws:PrincipalArn": "*:role/${aws:PrincipalOrgID}"}}, False),
            (
                {
                    "StringEquals": {"aws:PrincipalOrgID": "o-one"},
                    "Bool": {"aws:SecureTransport": "false"},
                },
                False,
            ),
        ],
    )
    def test_meets_or_misses(self, condition, met):
        assert ask(ALLOW | {"Condition": condition}) == ("allow" if met else "none")

    def test_opens_nothing_by_an_operator_it_does_not_know(self):
        unknown = {"Condition": {"StringEquais": {"aws:PrincipalOrgID": "o-one"}}}
        assert ask(ALLOW | unknown) == "none"
        assert ask(ALLOW, ALLOW | unknown | {"Effect": "Deny"}) == "deny"

    def test_decides_anew_for_another_context(self):
        conditions = {
            "StringEquals": {"aws:RequestedRegion": "eu-central-1"},
            "DateLessThan": {"aws:CurrentTime": "2026-11-24T00:00:00Z"},
            "StringLike": {"aws:PrincipalArn": "*/${aws:username}"},
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-one/*"},
        }
        text = json.dumps({"Statement": ALLOW | {"Condition": conditions}})
        met = CONTEXT | {"aws:username": "Deploy"}
        others: list[dict[str, str | list[str]]] = [
            {"aws:requestedregion": "us-east-1"},
            {"aws:currenttime": "2026-11-24T00:00:00Z"},
            {"aws:username": "Other"},
            {"aws:principalorgpaths": ["o-two/r-a/"]},
            {"aws:principalorgpaths": []},
        ]
        for context in ({}, *others, {}):
            question = Question("s3:GetObject", "*", met | context)
            assert decide([text], question) == ("none" if context else "allow")
        assert decide([text], Question("s3:GetObject", "*", CONTEXT)) == "none"
