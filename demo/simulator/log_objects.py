"""S3's answers about the objects of the trail's bucket: ListObjectsV2, GetObject and HeadObject."""

import base64
import binascii
from datetime import UTC
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qs

from demo.cloudtrail.log_bucket import LogBucket, etag, listing_xml
from demo.simulator.answering import Answer
from demo.simulator.calls import Call
from demo.simulator.errors import AwsError

_OPERATIONS: Final = frozenset({"ListObjectsV2", "GetObject", "HeadObject"})
_MOST_KEYS: Final = 1000


def answer_log_objects(
    call: Call, environ: dict[str, Any], bucket: LogBucket | None
) -> Answer | None:
    """Return the answer to a call on the trail's bucket; None for any other call.

    :raises AwsError: NoSuchKey, or InvalidArgument for a size or token that S3 does not take.
    """
    asks = call.service == "s3" and call.operation in _OPERATIONS
    if bucket is None or not asks or call.parameters.get("Bucket") != bucket.name:
        return None
    if call.operation == "ListObjectsV2":
        return _listed(environ, bucket)
    found = bucket.object(call.parameters.get("Key", ""))
    if found is None:
        raise AwsError("NoSuchKey", "The specified key does not exist.", status=404)
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Encoding", "gzip"),
        ("ETag", f'"{etag(found)}"'),
        ("Last-Modified", format_datetime(found.at.astimezone(UTC), usegmt=True)),
        ("x-amz-server-side-encryption", "aws:kms"),
    ]
    if found.signature:
        headers += [
            ("x-amz-meta-signature", found.signature),
            ("x-amz-meta-signature-algorithm", "SHA256withRSA"),
        ]
    return 200, headers, found.body


def _listed(environ: dict[str, Any], bucket: LogBucket) -> Answer:
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)

    def given(name: str) -> str:
        return str(query.get(name, [""])[0])

    after = given("start-after")
    try:
        if token := given("continuation-token"):
            after = base64.urlsafe_b64decode(token).decode()
        most = int(given("max-keys") or _MOST_KEYS)
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidArgument", "Invalid Argument") from error
    if most < 0:
        raise AwsError("InvalidArgument", "Argument maxKeys must be an integer from 0 on")
    prefix, delimiter = given("prefix"), given("delimiter")
    page = bucket.page(prefix=prefix, delimiter=delimiter, after=after, most=most)
    body = listing_xml(bucket.name, page, prefix=prefix, delimiter=delimiter, most=most)
    return 200, [("Content-Type", "application/xml")], body
