"""Roles and buckets that let somebody in, and edges worked out of them."""

import json
from datetime import timedelta

import pytest

from governance.posture.trust.models import TrustEdge
from governance.posture.trust.refreshing import find_trust, refresh_trust
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.factories.resources import BucketFactory, bucket_policy
from tests.factories.times import FIRST_RUN_AT

PAYMENTS, WEBSITE, TEST, LOGS = "222222222222", "222222222223", "222222222224", "333333333331"
STRANGER, MANAGEMENT = "999999999999", "111111111111"
NOW = FIRST_RUN_AT + timedelta(hours=1)


def trusting(principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return content(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@pytest.fixture
def role(snapshot):
    def make(principal, *, account_id=PAYMENTS, **more):
        fields = {name: more.pop(name) for name in ("name", "path") if name in more}
        return RoleFactory.create(
            connection=snapshot.connection,
            account_id=account_id,
            trust_policy=trusting(principal, **more),
            **fields,
        )

    return make


@pytest.fixture
def bucket(snapshot):
    def make(*statements, account_id=PAYMENTS, **more):
        return BucketFactory.create(
            connection=snapshot.connection,
            account_id=account_id,
            content=content(bucket_policy(*statements)) if statements else None,
            **more,
        )

    return make


@pytest.fixture
def refresh(snapshot):
    """Refresh edges, then what is found in all of them, as the task does."""

    def refreshed(now=NOW, **more):
        done = refresh_trust(snapshot.connection, now=now, **more)
        done.findings += find_trust(snapshot.connection, now=now, moment=done.moment)
        return done

    return refreshed


def edges(**having):
    rows = TrustEdge.objects.as_of(None).filter(**having)
    return {row.principal_id: row for row in rows.order_by("key")}
