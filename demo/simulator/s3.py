"""S3: which bucket a call is about, who may make it, and the list of buckets with their regions."""

import base64
import binascii
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

from moto.s3.models import FakeBucket, s3_backends

from demo.simulator.answering import Answer
from demo.simulator.authorization import Question, decide
from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError

_CONTROL_PATH = "/v20180820/"
_MOST_BUCKETS = 10_000
# Operations whose action IAM names otherwise (service authorization reference).
_ACTIONS = {
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "PutPublicAccessBlock"): "s3:PutBucketPublicAccessBlock",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
    ("s3control", "PutPublicAccessBlock"): "s3:PutAccountPublicAccessBlock",
}


def read_parameters(call: Call, environ: dict[str, Any]) -> None:
    """Put what path and query of a call name into its parameters; s3control signs as s3 does."""
    path = environ.get("PATH_INFO", "/")
    if path.startswith(_CONTROL_PATH):
        call.service = "s3control"
        return
    bucket, _, key = path.lstrip("/").partition("/")
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    call.parameters = {
        name: value
        for name, value in {
            "Bucket": unquote(bucket),
            "Key": unquote(key),
            "MaxBuckets": query.get("max-buckets", ""),
            "ContinuationToken": query.get("continuation-token", ""),
            "MaxDirectoryBuckets": query.get("max-directory-buckets", ""),
        }.items()
        if value
    }


def asks_for_directory_buckets(call: Call) -> bool:
    """Whether a call to S3 is for directory buckets; at AWS they have an address of their own."""
    return call.service in {"s3", "s3express"} and "MaxDirectoryBuckets" in call.parameters


def list_directory_buckets() -> Answer:
    """Return the empty list: no account here has any."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyDirectoryBucketsResult '
        'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets></Buckets>'
        "</ListAllMyDirectoryBucketsResult>"
    )
    return 200, [("Content-Type", "application/xml")], body.encode()


def is_s3(call: Call) -> bool:
    """Whether a call is to S3, or to S3's control of a whole account."""
    return call.service in {"s3", "s3control"}


def action_of(call: Call) -> str:
    """Return the IAM action that a call needs."""
    return _ACTIONS.get((call.service, call.operation), f"s3:{call.operation}")


def resource_of(call: Call) -> str:
    """Return the ARN of the bucket or object, `*` for what is of the account."""
    bucket, key = call.parameters.get("Bucket"), call.parameters.get("Key")
    if not bucket:
        return "*"
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"


def check_bucket(call: Call, caller: Caller, question: Question) -> None:
    """Refuse a call that the bucket's own policy denies, or that comes to the wrong region.

    :raises AwsError: NoSuchBucket, PermanentRedirect or AccessDenied.
    """
    name = call.parameters.get("Bucket")
    if not name or call.operation == "CreateBucket":
        return
    bucket = _bucket(name)
    if call.region != bucket.region_name:
        raise AwsError(
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified "
            "endpoint. Please send all future requests to this endpoint.",
            status=301,
        )
    names = (
        caller.account_id,
        f"arn:aws:iam::{caller.account_id}:root",
        caller.principal_arn,
        caller.arn,
    )
    asked = Question(question.action, question.resource, question.context, names)
    policy = bucket.policy.decode() if bucket.policy else ""
    decision = decide([policy], asked) if policy else "none"
    why = "because no resource-based policy allows the {} action"
    if decision == "deny":
        why = "with an explicit deny in a resource-based policy"
    elif decision == "allow" or bucket.account_id == caller.account_id:
        return
    raise AwsError(
        "AccessDenied",
        f"User: {caller.arn} is not authorized to perform: {question.action} on resource: "
        f'"{question.resource}" {why.format(question.action)}',
        status=403,
    )


def _bucket(name: str) -> FakeBucket:
    account_id = s3_backends.bucket_accounts.get(name, ("", ""))[-1]
    bucket = s3_backends[account_id]["aws"].buckets.get(name) if account_id else None
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", status=404)
    return bucket


def list_buckets(call: Call, account_id: str) -> Answer:
    """Return a page of an account's buckets, by name; with MaxBuckets, as S3 does, their regions.

    :raises AwsError: InvalidArgument for a size or token that S3 does not take.
    """
    most, after = _page(call)
    found = sorted(s3_backends[account_id]["aws"].buckets.values(), key=lambda each: each.name)
    rest = [bucket for bucket in found if bucket.name > after]
    page = rest[:most]
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets>'
    ]
    for bucket in page:
        made_at = bucket.creation_date.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        region = ""
        if "MaxBuckets" in call.parameters:
            region = f"<BucketRegion>{bucket.region_name}</BucketRegion>"
        parts.append(
            f"<Bucket><Name>{escape(bucket.name)}</Name><CreationDate>{made_at}</CreationDate>"
            f"{region}</Bucket>"
        )
    parts.append("</Buckets>")
    if len(rest) > len(page):
        token = base64.urlsafe_b64encode(page[-1].name.encode()).decode()
        parts.append(f"<ContinuationToken>{token}</ContinuationToken>")
    parts.append("</ListAllMyBucketsResult>")
    return 200, [("Content-Type", "application/xml")], "".join(parts).encode()


def _page(call: Call) -> tuple[int, str]:
    """Return how many buckets are wanted, and the name after which they begin."""
    try:
        most = int(call.parameters.get("MaxBuckets", _MOST_BUCKETS))
        after = base64.urlsafe_b64decode(call.parameters.get("ContinuationToken", "")).decode()
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidArgument", "Invalid Argument") from error
    if not 1 <= most <= _MOST_BUCKETS:
        raise AwsError("InvalidArgument", "MaxBuckets must be between 1 and 10000")
    return most, after
