"""Buckets of member accounts, with their policies and what else opens them."""

import json
from typing import Any

import factory

from inventory.models import AccountSetting, Connection, ResourcePolicy
from inventory.resource_facts import BucketFacts, PublicAccessBlock
from tests.factories.principals import ACCOUNT_ID
from tests.factories.versions import VersionFactory

BLOCKED = PublicAccessBlock(True, True, True, True)


def bucket_policy(*statements: dict[str, Any]) -> str:
    """Return the text of a policy; each statement allows reading objects of `data` at least."""
    usual = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
    listed = [usual | statement for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": listed})


class BucketFactory(VersionFactory[ResourcePolicy]):
    """A bucket as S3 makes it today, without a policy."""

    class Meta:
        model = ResourcePolicy

    account_id = ACCOUNT_ID
    region = "eu-west-1"
    service = "s3"
    resource_type = "bucket"
    name = factory.Sequence(lambda n: f"bucket-{n:05d}")
    arn = factory.LazyAttribute(lambda row: f"arn:aws:s3:::{row.name}")
    content = None
    facts = factory.LazyFunction(
        lambda: BucketFacts("BucketOwnerEnforced", None, BLOCKED).as_json()
    )
    unknown = factory.LazyFunction(dict)


class AccountSettingFactory(VersionFactory[AccountSetting]):
    """A setting of an account."""

    class Meta:
        model = AccountSetting

    account_id = ACCOUNT_ID
    name = AccountSetting.Name.S3_PUBLIC_ACCESS_BLOCK
    value = factory.LazyFunction(PublicAccessBlock().as_json)


def account_block(
    connection: Connection, account_id: str, block: PublicAccessBlock | None
) -> AccountSetting:
    """Store an account's Block Public Access; None: it has none."""
    return AccountSettingFactory.create(
        connection=connection,
        account_id=account_id,
        value=None if block is None else block.as_json(),
    )
