"""Whom a trust policy lets in from outside the organization."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.posture.trust.trusted_outsiders import Inside, LetsIn, outsiders_let_in
from policies import PolicyType, parse_policy

OWN, OTHER_OWN, PARTNER = "111111111111", "222222222222", "333333333333"
INSIDE = Inside("o-own0000000", {OWN, OTHER_OWN})
ORG, PATHS, ARN = "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalArn"
UNLESS_OWN = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:*",
    "Condition": {"StringNotEquals": {ORG: "o-own0000000"}},
}


def trust(principal, condition=None, *more, key="Principal"):
    statement = {"Effect": "Allow", key: principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement, *more]})


def lets_in(text):
    return outsiders_let_in(text, text, INSIDE)


class TestWhoIsOutside:
    @pytest.mark.parametrize(
        ("principal", "answer"),
        [
            ("*", LetsIn.ANYONE),
            ({"AWS": "*"}, LetsIn.ANYONE),
            ({"AWS": PARTNER}, LetsIn.NAMED),
            ({"AWS": f"arn:aws:iam::{PARTNER}:root"}, LetsIn.NAMED),
            ({"AWS": f"arn:aws:iam::{PARTNER}:user/bob"}, LetsIn.NAMED),
            ({"AWS": f"arn:aws:sts::{PARTNER}:assumed-role/R/s"}, LetsIn.NAMED),
            ({"AWS": [OWN, PARTNER]}, LetsIn.NAMED),
            ({"AWS": OWN}, LetsIn.NOBODY),
            ({"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OTHER_OWN}:role/x"]}, "nobody"),
            # A principal that was deleted is left as its unique id: nobody can be it again.
            ({"AWS": "AROAEXAMPLEIDABCDEFGH"}, LetsIn.NOBODY),
        ],
    )
    def test_is_everybody_in_an_account_that_is_not_the_organizations(self, principal, answer):
        assert lets_in(trust(principal)) == answer

    @pytest.mark.parametrize(
        "principal",
        [
            {"Service": "ec2.amazonaws.com"},
            {"Federated": f"arn:aws:iam::{PARTNER}:saml-provider/directory"},
            {"Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.example.com"},
            {"Federated": "accounts.google.com"},
        ],
    )
    def test_is_no_service_and_no_sign_in_through_a_provider(self, principal):
        assert lets_in(trust(principal)) == LetsIn.NOBODY

    def test_is_everybody_whom_a_notprincipal_leaves(self):
        assert lets_in(trust({"AWS": OWN}, key="NotPrincipal")) == LetsIn.ANYONE

    def test_is_found_behind_escapes_too(self):
        text = trust("*").replace('"*"', '"\\u002a"', 1)
        assert lets_in(text) == LetsIn.ANYONE

    def test_is_not_known_of_a_text_that_cannot_be_read(self):
        assert lets_in('{"Statement": "*"') == LetsIn.UNKNOWN


class TestConditions:
    @pytest.mark.parametrize(
        "condition",
        [
            {"StringEquals": {ORG: "o-own0000000"}},
            {"ForAnyValue:StringLike": {PATHS: "o-own0000000/r-ab12/*"}},
            {"StringEquals": {"aws:PrincipalAccount": [OWN, OTHER_OWN]}},
            {"ArnLike": {ARN: f"arn:aws:iam::{OWN}:role/*"}},
            {"StringLike": {ARN: f"arn:aws:iam::{OWN}:role/deploy*"}},
        ],
    )
    def test_on_the_organization_or_its_accounts_keep_strangers_out(self, condition):
        assert lets_in(trust({"AWS": "*"}, condition)) == LetsIn.NOBODY

    @pytest.mark.parametrize(
        "condition",
        [
            {"StringEquals": {ORG: "o-partner000"}},
            {"ForAnyValue:StringLike": {PATHS: "o-partner000/r-ab12/*"}},
            {"StringEquals": {"aws:PrincipalAccount": [OWN, PARTNER]}},
            {"ArnLike": {ARN: f"arn:aws:iam::{PARTNER}:role/*"}},
        ],
    )
    def test_that_name_a_partner_let_the_partner_in(self, condition):
        assert lets_in(trust({"AWS": "*"}, condition)) == LetsIn.NAMED

    @pytest.mark.parametrize(
        "condition",
        [
            {"StringEquals": {"sts:ExternalId": "shared"}},
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {"StringEquals": {"aws:PrincipalTag/team": "red"}},
            {"ArnLike": {ARN: "arn:aws:iam::*:role/deploy"}},
            # Absent for callers of no organization, so it does not ask them anything.
            {"StringEqualsIfExists": {ORG: "o-own0000000"}},
            {"StringNotEquals": {ORG: "o-own0000000"}},
        ],
    )
    def test_that_a_stranger_may_meet_keep_nobody_out(self, condition):
        assert lets_in(trust({"AWS": "*"}, condition)) == LetsIn.ANYONE

    @pytest.mark.parametrize("principal", ["*", {"AWS": PARTNER}])
    def test_of_a_deny_count_as_well(self, principal):
        assert lets_in(trust(principal, None, UNLESS_OWN)) == LetsIn.NOBODY


NUMBERS = st.sampled_from([OWN, OTHER_OWN, PARTNER])
ELEMENTS = st.one_of(
    NUMBERS,
    NUMBERS.map(lambda number: f"arn:aws:iam::{number}:root"),
    NUMBERS.map(lambda number: f"arn:aws:iam::{number}:role/x"),
    st.just("*"),
)
CONDITIONS = st.sampled_from(
    [None, {"StringEquals": {ORG: "o-own0000000"}}, {"StringEquals": {"sts:ExternalId": "x"}}]
)


@given(st.lists(ELEMENTS, min_size=1, max_size=3), CONDITIONS)
def test_what_is_told_without_reading_agrees_with_what_the_engine_says(elements, condition):
    text = trust({"AWS": elements}, condition)
    if condition == {"StringEquals": {ORG: "o-own0000000"}}:
        expected = LetsIn.NOBODY
    elif "*" in elements:
        expected = LetsIn.ANYONE
    else:
        partner = any(PARTNER in element for element in elements)
        expected = LetsIn.NAMED if partner else LetsIn.NOBODY
    # With an escape in it the text is always read as a policy.
    escaped = text.replace("Allow", "\\u0041llow")
    assert parse_policy(escaped, PolicyType.TRUST_POLICY).document is not None
    assert (lets_in(text), lets_in(escaped)) == (expected, expected)
