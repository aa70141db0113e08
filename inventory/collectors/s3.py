"""S3 of one account: what stands on its buckets, and its own block of public access."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import AccountSettingRecord, ResourcePolicyRecord
from inventory.resource_facts import (
    ACL,
    BUCKET_OWNER_ENFORCED,
    OWNERSHIP,
    PUBLIC_ACCESS_BLOCK,
    AclGrant,
    BucketFacts,
    PublicAccessBlock,
)

# As in inventory.models.AccountSetting.Name.
_SETTING: Final = "s3_public_access_block"
# S3's most. Without it ListBuckets does not tell where buckets are.
_PAGE_SIZE: Final = 1000
_GONE: Final = "NoSuchBucket"


def collect_buckets(s3: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each bucket of the account with its policy, ownership, ACL and block of public access.

    One call a thousand buckets, then in the region of each bucket three, and a fourth where access
    control lists are on. What a bucket's own policy keeps from being read is `unknown` in its
    record.
    AWS: s3:ListBuckets, GetBucketPolicy, GetBucketOwnershipControls, GetPublicAccessBlock,
    GetBucketAcl.
    :raises AwsInconsistent: a bucket is listed and not found, and was not yielded.
    :raises AwsPartlyDenied: every bucket was yielded, and something of some could not be read.
    :raises AwsError: some buckets could not be read for another reason and were not yielded.
    """
    yield from read_resources(
        s3,
        "s3",
        lambda: s3.paginate("list_buckets", "Buckets", MaxBuckets=_PAGE_SIZE),
        _bucket,
        id_of=lambda listed: str(listed["Name"]),
        gone=(_GONE,),
    )


def _bucket(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["Name"]
    parts.client = parts.client.in_region(listed["BucketRegion"])
    content = parts.policy("get_bucket_policy", Bucket=name)
    ownership = parts.part(OWNERSHIP, "get_bucket_ownership_controls", _ownership, Bucket=name)
    block = parts.part(
        PUBLIC_ACCESS_BLOCK, "get_public_access_block", _public_access_block, Bucket=name
    )
    grants = None
    if ownership != BUCKET_OWNER_ENFORCED:
        grants = parts.part(ACL, "get_bucket_acl", _grants, Bucket=name)
    yield parts.record(
        "bucket",
        f"arn:{parts.client.partition}:s3:::{name}",
        name,
        content,
        facts=BucketFacts(ownership, grants, block).as_json(),
    )


def _ownership(answer: AwsAnswer) -> str:
    rules = answer["OwnershipControls"]["Rules"]
    if len(rules) != 1:
        raise answer.malformed("OwnershipControls.Rules", f"has {len(rules)} rules, not 1")
    return str(rules[0]["ObjectOwnership"])


def _public_access_block(answer: AwsAnswer) -> PublicAccessBlock:
    return public_access_block(answer["PublicAccessBlockConfiguration"])


def public_access_block(block: Mapping[str, Any]) -> PublicAccessBlock:
    """Return the four settings from S3's structure, which leaves out what is not set."""
    return PublicAccessBlock(
        block_public_acls=block.get("BlockPublicAcls", False),
        ignore_public_acls=block.get("IgnorePublicAcls", False),
        block_public_policy=block.get("BlockPublicPolicy", False),
        restrict_public_buckets=block.get("RestrictPublicBuckets", False),
    )


def _grants(answer: AwsAnswer) -> tuple[AclGrant, ...]:
    grants = []
    for grant in answer["Grants"]:
        grantee = grant["Grantee"]
        named = grantee.get("ID") or grantee.get("URI") or grantee.get("EmailAddress")
        if not named:
            raise answer.malformed("Grants[].Grantee", "names nobody")
        grants.append(AclGrant(named, grant["Permission"]))
    return tuple(sorted(grants, key=lambda each: (each.grantee, each.permission)))


def collect_account_public_access_block(s3control: AwsClient) -> Iterator[AccountSettingRecord]:
    """Yield the account's own block of public access; None as its value if it has none.

    AWS: s3control:GetPublicAccessBlock.
    """
    try:
        answer = s3control.call("get_public_access_block", AccountId=s3control.account_id)
    except AwsNotFound:
        yield AccountSettingRecord(_SETTING, None)
    else:
        yield AccountSettingRecord(_SETTING, _public_access_block(answer).as_json())


def _of_bucket(name: str, purpose: str, operation: str = "") -> Action:
    """Return an action that is tried on a bucket of the account: S3 finds others for anybody."""
    return Action(name, purpose, operation, {"Bucket": "{bucket}"}, region="{bucket_region}")


COLLECTORS = (
    Collector(
        name="s3.buckets",
        label="S3 buckets",
        scope=Scope.GLOBAL,
        service="s3",
        actions=(
            Action(
                "s3:ListAllMyBuckets",
                "buckets and their regions",
                operation="list_buckets",
                given={"MaxBuckets": 1},
                finds={
                    "bucket": ("Buckets", 0, "Name"),
                    "bucket_region": ("Buckets", 0, "BucketRegion"),
                },
            ),
            _of_bucket("s3:GetBucketPolicy", "each bucket's policy"),
            _of_bucket("s3:GetBucketOwnershipControls", "whether ACLs are on"),
            _of_bucket(
                "s3:GetBucketPublicAccessBlock",
                "each bucket's Block Public Access",
                operation="get_public_access_block",
            ),
            _of_bucket("s3:GetBucketAcl", "the ACL of buckets where ACLs are on"),
        ),
        read=alone(collect_buckets),
        covers=resources("s3", "bucket"),
    ),
    Collector(
        name="s3.account_public_access_block",
        label="S3 Block Public Access",
        scope=Scope.GLOBAL,
        service="s3control",
        actions=(
            Action(
                "s3:GetAccountPublicAccessBlock",
                "the account's Block Public Access",
                operation="get_public_access_block",
                given={"AccountId": "{account_id}"},
            ),
        ),
        read=alone(collect_account_public_access_block),
        covers=(Slice(AccountSettingRecord, {"name": _SETTING}),),
    ),
)
