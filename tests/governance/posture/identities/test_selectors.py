"""The classes of stored principals, and an account beside its OU."""

import json

import pytest

from governance.posture.identities.classing import IdentityKind
from governance.posture.identities.selectors import compared_identities, identities_of
from inventory.models import Principal
from tests.factories.organization import AccountFactory, OrganizationalUnitFactory, RootFactory
from tests.factories.policies import content
from tests.factories.principals import RoleFactory, UserPrincipalFactory
from tests.governance.posture.who_can.comparing import VIEWER

pytestmark = pytest.mark.django_db
ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"


def trusting(principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return content(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@pytest.fixture
def connection():
    root = RootFactory.create()
    unit = OrganizationalUnitFactory.create(
        connection=root.connection, target_id="ou-ab12-unit0001", parent=None
    )
    for account_id in (ONE, TWO, THREE):
        AccountFactory.create(connection=root.connection, account_id=account_id, parent=unit)
    return root.connection


def test_compares_an_account_with_the_others_of_its_ou(connection):
    ec2 = trusting({"Service": "ec2.amazonaws.com"})
    for account_id in (ONE, TWO, THREE):
        RoleFactory.create(
            connection=connection, account_id=account_id, name="web", trust_policy=ec2
        )
    for account_id in (TWO, THREE):
        RoleFactory.create(
            connection=connection, account_id=account_id, name="Audit", trust_policy=trusting(ONE)
        )
    RoleFactory.create(connection=connection, account_id=ONE, name="own", trust_policy=ec2)
    found = compared_identities(
        VIEWER, connection=connection, account_id=ONE, parent_id="ou-ab12-unit0001"
    )
    counts = {one.kind: (one.here, one.usual) for one in found.counts}
    assert counts[IdentityKind.WORKLOAD] == (2, 1)
    assert counts[IdentityKind.UNKNOWN] == (0, 1)
    assert (found.others, found.only_here, found.missing) == (2, ("own",), ("Audit",))


def test_knows_nothing_of_a_user_without_a_credential_report(connection):
    user = UserPrincipalFactory.create(connection=connection, account_id=ONE)
    rows = Principal.objects.filter(pk=user.pk)
    found = identities_of(VIEWER, connection=connection, rows=rows)
    assert found[user.arn].kind is IdentityKind.UNKNOWN
