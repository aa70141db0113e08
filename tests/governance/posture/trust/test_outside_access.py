"""Outsiders are counted by account, those of sign-in providers too, and unknown is not none."""

import json
from datetime import timedelta

import pytest

from governance.posture.trust.outside_access import LetInFromOutside, outside_access
from governance.posture.trust.refreshing import refresh_trust
from tests.factories.accounts import IdentityProviderFactory
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

PAYMENTS, WEBSITE, TEST, RETIRED = "222222222222", "222222222223", "222222222224", "444444444441"
GITHUB, COGNITO = "token.actions.githubusercontent.com", "cognito-identity.amazonaws.com"
BY_WEB = "sts:AssumeRoleWithWebIdentity"
NOW = FIRST_RUN_AT + timedelta(hours=1)


@pytest.fixture
def let_in(snapshot, viewer):
    """Return a function that says whether a trust policy lets in anybody, anyone, or nobody."""

    def ask(principal, action=BY_WEB, **conditions):
        statement = {"Effect": "Allow", "Principal": principal, "Action": action}
        if conditions:
            statement["Condition"] = conditions
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        for arn in (f"oidc-provider/{GITHUB}", "saml-provider/login"):
            IdentityProviderFactory.create(
                connection=snapshot.connection,
                account_id=TEST,
                arn=f"arn:aws:iam::{TEST}:{arn}",
            )
        RoleFactory.create(
            connection=snapshot.connection, account_id=TEST, trust_policy=content(text)
        )
        refresh_trust(snapshot.connection, now=NOW)
        found = outside_access(viewer, connection=snapshot.connection)
        return found.by_account.get(TEST)

    return ask


ANYONE, NAMED = LetInFromOutside(1, 1), LetInFromOutside(1, 0)
GITHUB_PROVIDER = {"Federated": f"arn:aws:iam::{TEST}:oidc-provider/{GITHUB}"}
AUDIENCE = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}


class TestOutsideAccess:
    def test_github_without_a_subject_lets_in_anyone(self, let_in):
        assert let_in(GITHUB_PROVIDER, **AUDIENCE) == ANYONE

    def test_a_subject_that_ends_before_the_slash_lets_in_anyone(self, let_in):
        subject = {"StringLike": {f"{GITHUB}:sub": "repo:my-org*/*:ref:refs/heads/main"}}
        assert let_in(GITHUB_PROVIDER, **AUDIENCE, **subject) == ANYONE

    def test_cognito_without_an_audience_lets_in_anyone(self, let_in):
        assert let_in({"Federated": COGNITO}) == ANYONE

    def test_a_subject_of_one_tenant_is_the_organizations_own_sign_in(self, let_in):
        subject = {"StringLike": {f"{GITHUB}:sub": "repo:my-org/*:ref:refs/heads/main"}}
        assert let_in(GITHUB_PROVIDER, **AUDIENCE, **subject) is None

    def test_saml_is_the_organizations_own_sign_in(self, let_in):
        provider = {"Federated": f"arn:aws:iam::{TEST}:saml-provider/login"}
        assert let_in(provider, "sts:AssumeRoleWithSAML") is None

    def test_an_account_outside_is_counted_and_not_called_anyone(self, let_in):
        assert let_in({"AWS": "999999999999"}, "sts:AssumeRole") == NAMED

    def test_everybody_is_anyone(self, let_in):
        assert let_in("*", "sts:AssumeRole") == ANYONE

    @pytest.mark.parametrize("principal", [{"AWS": WEBSITE}, {"Service": "ec2.amazonaws.com"}])
    def test_members_and_services_do_not_count(self, let_in, principal):
        assert let_in(principal, "sts:AssumeRole") is None


class TestKnowledge:
    def test_nothing_is_known_before_trust_was_worked_out(self, snapshot, viewer):
        found = outside_access(viewer, connection=snapshot.connection)
        assert {PAYMENTS, WEBSITE, TEST, RETIRED} <= found.unknown

    def test_accounts_whose_iam_was_never_read_are_not_known(self, snapshot, viewer):
        RoleFactory.create(connection=snapshot.connection, account_id=PAYMENTS)
        refresh_trust(snapshot.connection, now=NOW)
        found = outside_access(viewer, connection=snapshot.connection)
        assert found.unknown == {RETIRED}

    def test_blocked_edges_let_in_nobody(self, snapshot, viewer):
        RoleFactory.create(connection=snapshot.connection, account_id=PAYMENTS)
        refresh_trust(snapshot.connection, now=NOW)
        TrustEdgeFactory.create(connection=snapshot.connection, state="blocked")
        assert not outside_access(viewer, connection=snapshot.connection).by_account
