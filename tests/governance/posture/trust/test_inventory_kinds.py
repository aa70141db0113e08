"""Findings that need what accounts hold: keys, users, last use, who left. Unknown is no finding."""

from datetime import timedelta

import pytest

from governance.posture.state.organization import load_organization
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kinds import (
    access_key_old,
    access_key_unused,
    external_id_shared,
    human_user_beside_federation,
    trust_differs_by_account,
    trust_unused,
    trusts_departed_account,
)
from tests.factories.accounts import IdentityProviderFactory
from tests.factories.organization import AccountFactory
from tests.factories.policies import content
from tests.factories.principals import (
    PrincipalActivityFactory,
    RoleFactory,
    UserCredentialFactory,
    UserPrincipalFactory,
)
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

PAYMENTS, WEBSITE, TEST = "222222222222", "222222222223", "222222222224"
NOW = FIRST_RUN_AT + timedelta(hours=1)
LONG_AGO, LATELY = NOW - timedelta(days=300), NOW - timedelta(days=3)


@pytest.fixture
def found(snapshot, viewer):
    def ask(kind):
        organization = load_organization(viewer, connection=snapshot.connection)
        return list(kind.KIND.check(TrustFacts(snapshot.connection, organization, NOW)))

    return ask


@pytest.fixture
def user(snapshot):
    """Return a function that stores a user's row of the credential report."""

    def stored(name, **values):
        return UserCredentialFactory.create(
            connection=snapshot.connection,
            account_id=PAYMENTS,
            user_name=name,
            arn=f"arn:aws:iam::{PAYMENTS}:user/{name}",
            seen_from=FIRST_RUN_AT,
            **{
                **{"access_key_1_active": False, "access_key_2_active": False},
                **{"password_enabled": False},
                **values,
            },
        )

    return stored


class TestAccessKeyOld:
    def test_finds_active_keys_that_were_not_rotated_and_roots_as_critical(self, user, found):
        user("old", access_key_1_active=True, access_key_1_rotated_at=LONG_AGO)
        user("fresh", access_key_1_active=True, access_key_1_rotated_at=LATELY)
        user("off", access_key_1_rotated_at=LONG_AGO)
        user("<root_account>", access_key_2_active=True, access_key_2_rotated_at=LONG_AGO)
        told = {one.message: one.severity for one in found(access_key_old)}
        assert told == {
            "Access key 1 of old is 300 days old.": None,
            "Access key 2 of the root user is 300 days old.": "critical",
        }


class TestAccessKeyUnused:
    def test_finds_keys_without_use_and_says_nothing_where_use_is_not_known(
        self, snapshot, user, found
    ):
        active = {"access_key_1_active": True, "access_key_1_rotated_at": LONG_AGO}
        for name, used in (("idle", LONG_AGO), ("never", None), ("busy", LATELY)):
            row = user(name, **active)
            PrincipalActivityFactory.create(
                connection=snapshot.connection,
                account_id=PAYMENTS,
                arn=row.arn,
                access_key_1_last_used_at=used,
            )
        user("unread", **active)
        assert sorted(one.message for one in found(access_key_unused)) == [
            "Access key 1 of idle was not used for 300 days.",
            "Access key 1 of never was never used in 300 days.",
        ]


class TestHumanUserBesideFederation:
    def test_finds_people_with_a_password_where_a_provider_is_there(self, snapshot, user, found):
        common = {"connection": snapshot.connection, "account_id": PAYMENTS}
        for name in ("ada", "robot"):
            UserPrincipalFactory.create(
                **common,
                name=name,
                arn=f"arn:aws:iam::{PAYMENTS}:user/{name}",
                seen_from=FIRST_RUN_AT,
            )
        user("ada", password_enabled=True, mfa_active=False)
        user("robot", access_key_1_active=True)
        assert found(human_user_beside_federation) == []
        IdentityProviderFactory.create(**common, kind="saml", seen_from=FIRST_RUN_AT)
        (one,) = found(human_user_beside_federation)
        assert one.subject_arn.endswith("user/ada")
        assert (str(one.severity), "SAML" in one.message) == ("high", True)


class TestTrustsDepartedAccount:
    def test_finds_edges_from_accounts_that_left(self, snapshot, found):
        AccountFactory.create(
            connection=snapshot.connection,
            account_id="555555555555",
            seen_from=FIRST_RUN_AT - timedelta(days=9),
            seen_until=FIRST_RUN_AT,
        )
        common = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
        left = TrustEdgeFactory.create(principal_account_id="555555555555", **common)
        TrustEdgeFactory.create(principal_account_id="999999999999", **common)
        TrustEdgeFactory.create(principal_account_id="555555555555", state="blocked", **common)
        (one,) = found(trusts_departed_account)
        assert one.edge_key == left.key
        assert one.evidence["left_at"] == FIRST_RUN_AT.isoformat()


class TestTrustUnused:
    def test_finds_roles_without_use_and_says_nothing_where_use_is_not_known(self, snapshot, found):
        common = {"connection": snapshot.connection, "account_id": PAYMENTS}
        for name, used in (("idle", LONG_AGO), ("busy", LATELY), ("unread", False)):
            role = RoleFactory.create(**common, name=name, created_at=LONG_AGO)
            TrustEdgeFactory.create(
                **common, resource_arn=role.arn, resource_name=name, seen_from=FIRST_RUN_AT
            )
            if used is not False:
                PrincipalActivityFactory.create(**common, arn=role.arn, last_used_at=used)
        (one,) = found(trust_unused)
        assert (
            one.message
            == "Role idle was not used for 300 days and has 1 trust edge from elsewhere."
        )


class TestTrustDiffersByAccount:
    def test_finds_the_role_whose_edges_differ_from_most(self, snapshot, found):
        trusted = {PAYMENTS: "111111111111", WEBSITE: "111111111111", TEST: "999999999999"}
        for account_id, principal in trusted.items():
            role = RoleFactory.create(
                connection=snapshot.connection,
                account_id=account_id,
                name="audit",
                trust_policy=content("{}"),
            )
            TrustEdgeFactory.create(
                connection=snapshot.connection,
                account_id=account_id,
                resource_arn=role.arn,
                principal_account_id=principal,
                seen_from=FIRST_RUN_AT,
            )
        (one,) = found(trust_differs_by_account)
        assert one.account_id == TEST
        assert one.message == (
            "Trust policy of audit differs from that in 2 of 3 accounts: it trusts 999999999999."
        )


class TestExternalIdShared:
    def test_finds_one_that_two_outsiders_know_and_not_one_vendors_own(self, snapshot, found):
        def edge(account_id, value, **values):
            guard = {
                **{"kind": "external_id", "key": "sts:ExternalId", "operator": "StringEquals"},
                **{"values": [value], "holds": True, "leaves_open": ""},
            }
            return TrustEdgeFactory.create(
                connection=snapshot.connection,
                principal_account_id=account_id,
                guards=[guard],
                seen_from=FIRST_RUN_AT,
                **values,
            )

        one, two = edge("999999999991", "shared"), edge("999999999992", "shared")
        edge("999999999993", "own", vendor="Acme")
        edge("999999999994", "own", vendor="Acme")
        assert {each.edge_key for each in found(external_id_shared)} == {one.key, two.key}
