"""One account's S3 in moto: buckets, what stands on them, and the account's own block."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from moto.s3.models import FakeBucket, PublicAccessBlock, get_canned_acl, s3_backends
from moto.s3control.models import s3control_backends

from demo.seeding.plan import AccountPlan
from demo.seeding.principals import document
from demo.seeding.reading import Node, required
from demo.seeding.variables import substituted

_KEYS = ("name", "region", "created_days", "policy", "ownership", "acl", "block_public_access")
_ENFORCED = "BucketOwnerEnforced"
_ACLS = ("private", "public-read", "public-read-write", "authenticated-read")
_REGION = "eu-central-1"


def fill_buckets(plan: AccountPlan, variables: Mapping[str, str], seeded_at: datetime) -> None:
    """Make an account's buckets.

    Where the files say nothing more, a bucket is as S3 makes it since April 2023: access control
    lists off, all public access blocked, no policy.
    :raises BadOrganization: an entry is wrong; the text names file and key.
    """
    for node in plan.iam.get("buckets", {}).values():
        _add_bucket(plan, Node(node.where, substituted(node, variables)), seeded_at)
    setting = plan.settings.get("s3_public_access_block")
    if setting is not None and setting.flag():
        s3control_backends[plan.account_id]["aws"].public_access_block = PublicAccessBlock(
            True, True, True, True
        )


def _add_bucket(plan: AccountPlan, node: Node, seeded_at: datetime) -> None:
    entries = node.mapping(*_KEYS)
    name = required(entries, "name", node).text()
    if name in s3_backends.bucket_accounts:
        raise node.bad("another account has a bucket of this name")
    region = entries["region"].text() if "region" in entries else _REGION
    bucket = FakeBucket(  # type: ignore[abstract]
        name=name, account_id=plan.account_id, region_name=region
    )
    days = entries["created_days"].number() if "created_days" in entries else 400.0
    bucket.creation_date = seeded_at - timedelta(days=days)
    if "policy" in entries:
        bucket.policy = document(entries["policy"]).encode()
    ownership = entries["ownership"].text() if "ownership" in entries else _ENFORCED
    if ownership != "none":
        setattr(bucket, "ownership_rule", ownership)  # noqa: B010
    acl = entries["acl"].text() if "acl" in entries else "private"
    if acl not in _ACLS:
        raise entries["acl"].bad(f"no canned ACL; known are {', '.join(_ACLS)}")
    bucket.acl = get_canned_acl(acl)
    if "block_public_access" not in entries or entries["block_public_access"].flag():
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
    s3_backends[plan.account_id]["aws"].buckets[name] = bucket
