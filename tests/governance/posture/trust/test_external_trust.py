"""Roles that let outsiders in are counted by account, and what was not read is not none."""

import json

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from governance.posture.trust.external_trust import NO_OUTSIDE_ROLES, OutsideRoles, external_trust
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.factories.times import FIRST_RUN_AT

PAYMENTS, WEBSITE, RETIRED = "222222222222", "222222222223", "444444444441"


def role(snapshot, account_id, principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return RoleFactory.create(
        connection=snapshot.connection,
        account_id=account_id,
        trust_policy=content(json.dumps({"Version": "2012-10-17", "Statement": statement})),
        seen_from=FIRST_RUN_AT,
        **more,
    )


class TestExternalTrust:
    def test_counts_roles_by_account_and_tells_those_open_to_anyone(self, viewer, snapshot):
        for principal in ({"AWS": "999999999999"}, {"AWS": "*"}, {"AWS": WEBSITE}):
            role(snapshot, PAYMENTS, principal)
        role(snapshot, WEBSITE, {"Service": "ec2.amazonaws.com"})

        found = external_trust(viewer, connection=snapshot.connection)

        assert found.by_account == {PAYMENTS: OutsideRoles(roles=2, open_to_anyone=1)}

    def test_does_not_count_the_management_account_as_outside(self, viewer, snapshot):
        role(snapshot, PAYMENTS, {"AWS": "arn:aws:iam::111111111111:root"})
        assert not external_trust(viewer, connection=snapshot.connection).by_account

    def test_does_not_know_accounts_whose_iam_was_never_read(self, viewer, snapshot):
        found = external_trust(viewer, connection=snapshot.connection)
        assert found.unknown == {RETIRED}

    def test_does_not_know_an_account_with_a_trust_policy_nobody_can_read(self, viewer, snapshot):
        role(snapshot, PAYMENTS, "*", name="first")
        broken = role(snapshot, WEBSITE, "*")
        broken.trust_policy = content('{"Statement": "*"')
        broken.save()

        found = external_trust(viewer, connection=snapshot.connection)

        assert WEBSITE in found.unknown
        assert WEBSITE not in found.by_account

    def test_tells_of_a_past_time_what_was_true_then(self, viewer, snapshot):
        role(snapshot, PAYMENTS, "*", seen_until=FIRST_RUN_AT.replace(hour=FIRST_RUN_AT.hour + 1))
        now = external_trust(viewer, connection=snapshot.connection)
        then = external_trust(viewer, connection=snapshot.connection, as_of=FIRST_RUN_AT)
        assert now.by_account.get(PAYMENTS, NO_OUTSIDE_ROLES) == NO_OUTSIDE_ROLES
        assert then.by_account[PAYMENTS].roles == 1

    def test_is_counted_once_while_nothing_changes(self, viewer, snapshot):
        role(snapshot, PAYMENTS, "*")
        first = external_trust(viewer, connection=snapshot.connection)
        with CaptureQueriesContext(database) as queries:
            again = external_trust(viewer, connection=snapshot.connection)
        assert again is first
        assert not any("trust_policy_id" in query["sql"] for query in queries)

    def test_reads_as_often_however_many_roles_there_are(self, viewer, snapshot):
        role(snapshot, PAYMENTS, "*")
        with CaptureQueriesContext(database) as few:
            external_trust(viewer, connection=snapshot.connection)
        for number in range(20):
            role(snapshot, WEBSITE, {"AWS": f"{888888888800 + number}"})
        with CaptureQueriesContext(database) as many:
            found = external_trust(viewer, connection=snapshot.connection)
        assert found.by_account[WEBSITE].roles == 20
        assert len(many) == len(few)


@pytest.mark.parametrize("sees", [True, False])
def test_shows_nothing_to_somebody_who_may_not_see_the_organization(snapshot, viewer, sees):
    role(snapshot, PAYMENTS, "*")
    found = external_trust(type(viewer)(sees_inventory=sees), connection=snapshot.connection)
    assert bool(found.by_account) is sees
