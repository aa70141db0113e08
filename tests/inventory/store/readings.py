"""Readings of made-up collectors, stored as a run stores them."""

from django.db import transaction

from inventory.collectors.collector import Collector, Scope, Slice, alone
from inventory.models import Principal
from inventory.records import (
    AccountRecord,
    PolicyAttachmentRecord,
    PolicyRecord,
    PrincipalActivityRecord,
    PrincipalRecord,
)
from inventory.store.scopes import CollectorReading, lock_scope, store_readings
from tests.factories.times import FIRST_RUN_AT

ACCOUNT_ID = "222222222222"
ARN = f"arn:aws:iam::{ACCOUNT_ID}"


def role(name, **values):
    given = {
        "kind": "role",
        "arn": f"{ARN}:role/{name}",
        "name": name,
        "path": "/",
        "unique_id": "AROA",
        "created_at": FIRST_RUN_AT,
        "trust_policy": '{"Version": "2012-10-17"}',
        "boundary_arn": "",
        "attached_policy_arns": (),
        "inline_policies": {},
    }
    return PrincipalRecord(**(given | values))


def account(account_id, **values):
    given = {
        "account_id": account_id,
        "name": "payments",
        "email": "a@example.org",
        "arn": "arn",
        "state": "ACTIVE",
        "parent_id": "r-ab12",
        "path": "r-ab12/",
        "joined_method": "CREATED",
        "joined_at": FIRST_RUN_AT,
    }
    return AccountRecord(**(given | values))


def policy(policy_id, *, kind="SERVICE_CONTROL_POLICY", content="{}"):
    return PolicyRecord(policy_id, "arn", policy_id, "", kind, False, content)


def collector(*covers, name="tests"):
    return Collector(name, "Tests", Scope.GLOBAL, "iam", (), alone(lambda client: iter(())), covers)


ROLES = collector(Slice(PrincipalRecord), Slice(PrincipalActivityRecord, {"kind": "role"}))
ACCOUNTS = collector(Slice(AccountRecord))
TAGS = collector(name="organizations.tags")


def policies(kind):
    return collector(
        Slice(PolicyAttachmentRecord, {"type": kind}), Slice(PolicyRecord, {"type": kind})
    )


def store(connection, *readings, at, account_id=ACCOUNT_ID, **more):
    with transaction.atomic():
        lock_scope(connection, account_id, "iam")
        return store_readings(
            readings, connection=connection, account_id=account_id, moment=at, **more
        )


def store_roles(connection, *records, at, complete=True, account_id=ACCOUNT_ID):
    reading = CollectorReading(ROLES, records, complete)
    return store(connection, reading, at=at, account_id=account_id)


def names(at=None, **where):
    return set(Principal.objects.as_of(at).filter(**where).values_list("name", flat=True))
