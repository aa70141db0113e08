"""One CloudTrail event → the request that it records.

Source: CloudTrail user guide, "CloudTrail record contents" and "CloudTrail userIdentity element";
Amazon EventBridge user guide, "Events delivered via CloudTrail". Real events lack any of their
members or hold odd values in them, so nothing but their being JSON is relied on.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from governance.posture.requests.denial_messages import LONGEST, read_denial
from governance.posture.requests.questions import Claim, DenialProblem, ParsedDenial
from policies import load_catalogue

_Json = dict[str, object]

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ACCOUNT: Final = re.compile(r"\d{12}")
_API_VERSION: Final = re.compile(r"(?:_?v?\d+|\d{8}|\d{4}_\d{2}_\d{2})$")
_DENIED: Final = re.compile(r"accessdenied|unauthorized|notauthorized|forbidden", re.I)
_IP: Final = re.compile(r"[0-9a-fA-F:.]{3,45}")

# Event sources whose actions have another prefix than their first label.
_PREFIXES: Final = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "tagging": "tag",
    "streams": "dynamodb",
    "runtime.sagemaker": "sagemaker",
    "models.lex": "lex",
    "runtime.lex": "lex",
    "data.iot": "iot",
    "catalog.marketplace": "aws-marketplace",
    "entitlement.marketplace": "aws-marketplace",
    "metering.marketplace": "aws-marketplace",
}
# Events that are named after the operation where IAM's action has another name. Source: S3 user
# guide, "Required permissions for Amazon S3 API operations"; Lambda's dated event names are cut.
_ACTIONS: Final = {
    "s3:headobject": "s3:GetObject",
    "s3:headbucket": "s3:ListBucket",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:copyobject": "s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:uploadpart": "s3:PutObject",
    "s3:completemultipartupload": "s3:PutObject",
    "s3:getbucketencryption": "s3:GetEncryptionConfiguration",
    "s3:getbucketlifecycle": "s3:GetLifecycleConfiguration",
    "s3:getbucketreplication": "s3:GetReplicationConfiguration",
    "s3:putbucketencryption": "s3:PutEncryptionConfiguration",
    "s3:putbucketlifecycle": "s3:PutLifecycleConfiguration",
    "s3:putbucketreplication": "s3:PutReplicationConfiguration",
    "s3:getpublicaccessblock": "s3:GetBucketPublicAccessBlock",
    "s3:putpublicaccessblock": "s3:PutBucketPublicAccessBlock",
    "lambda:invoke": "lambda:InvokeFunction",
}


def looks_like_json(text: str) -> bool:
    """Whether a pasted text is meant as JSON."""
    return text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}


def read_event(text: str) -> ParsedDenial:
    """Read one event: a record, `{"Records": […]}` with one, or EventBridge's envelope."""
    reading = ParsedDenial("event")
    event = _event(text, reading)
    if event is None:
        return reading
    message = _text(event, "errorMessage")
    message_denial = read_denial(message) if message else ParsedDenial("message")
    code = _text(event, "errorCode")
    reading.claim = message_denial.claim or (Claim(None, None) if _DENIED.search(code) else None)
    if not code and not message:
        reading.notes.append("The event tells of no error: AWS allowed this request.")
    _read_principal(event, message_denial, reading)
    _read_action(event, message_denial, reading)
    _read_resource(event, message_denial, reading)
    _read_context(event, reading)
    return reading


def _event(text: str, reading: ParsedDenial) -> _Json | None:
    try:
        value: object = json.loads(text[:LONGEST].lstrip("\ufeff"))
        records = _records(value)
    except (ValueError, RecursionError) as error:
        where = (
            f"line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else "its nesting"
        )
        cut = " The text was longer than is read." if len(text) > LONGEST else ""
        reading.problems.append(
            DenialProblem(
                "message",
                where,
                f"This begins like JSON and cannot be read as such there.{cut} Paste one whole "
                "CloudTrail record.",
            )
        )
        return None
    if len(records) > 1:
        denied = [one for one in records if _DENIED.search(_text(one, "errorCode"))]
        if len(denied) != 1:
            reading.problems.append(
                DenialProblem(
                    "message",
                    f"{len(records)} records",
                    f"{len(denied)} of them tell of a denial. Paste the one that is meant.",
                )
            )
            return None
        reading.notes.append(f"Of {len(records)} records the one that was denied is taken.")
        records = denied
    if not records:
        reading.problems.append(
            DenialProblem(
                "message",
                "no CloudTrail record",
                "A record has members such as userIdentity, eventSource and eventName. Paste one "
                "whole record.",
            )
        )
        return None
    return records[0]


def _records(value: object) -> list[_Json]:
    """Return what in a JSON value reads like records."""
    if isinstance(value, list):
        return [record for one in value for record in _records(one)]
    if not isinstance(value, dict):
        return []
    if any(name in value for name in ("userIdentity", "eventSource", "eventName")):
        return [value]
    inner = value.get("Records", value.get("detail", value.get("CloudTrailEvent")))
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            return []
    return _records(inner) if isinstance(inner, (dict, list)) else []


def _read_principal(event: _Json, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
    identity = _object(event, "userIdentity")
    kind = _text(identity, "type")
    issuer = _object(_object(identity, "sessionContext"), "sessionIssuer")
    arn = _text(identity, "arn")
    role_arn = _text(issuer, "arn")
    service = _text(identity, "invokedBy")
    if arn.startswith("arn:"):
        reading.principal = arn
    elif message_denial.principal:
        reading.principal = message_denial.principal
    elif role_arn.startswith("arn:"):
        reading.principal = role_arn
        reading.notes.append("The event does not name the session; its role is taken for it.")
    elif service.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        reading.principal = service
    elif kind == "AWSAccount" and _text(identity, "principalId") == "ANONYMOUS_PRINCIPAL":
        reading.principal = "anonymous"
    else:
        said = f"userIdentity of type {kind or 'none'}"
        remedy = "It names no ARN. Fill in the principal below."
        reading.problems.append(DenialProblem("principal", said, remedy))
    if ":assumed-role/" in reading.principal and ":role/" in role_arn:
        reading.context["aws:PrincipalArn"] = (role_arn,)


def _read_action(event: _Json, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
    source, name = _text(event, "eventSource"), _text(event, "eventName")
    if message_denial.action:
        reading.action = message_denial.action
        return
    label = source.removesuffix(".cn").removesuffix(".amazonaws.com")
    prefix = _PREFIXES.get(label) or _PREFIXES.get(label.split(".")[0]) or label.split(".")[0]
    catalogue = load_catalogue()
    for written in (name, _API_VERSION.sub("", name)):
        wanted = f"{prefix}:{written}".lower()
        wanted = _ACTIONS.get(wanted, wanted).lower()
        index = catalogue.index_of.get(wanted)
        if index is not None:
            reading.action = catalogue.names[index]
            return
    said = f"{name or 'no eventName'} of {source or 'no eventSource'}"
    remedy = "No action of IAM has that name. Fill in the action that the call needs below."
    reading.problems.append(DenialProblem("action", said, remedy))


def _read_resource(event: _Json, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
    asked = _object(event, "requestParameters")
    listed = event.get("resources")
    resources = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    arns = [(arn, one) for one in resources if (arn := _text(one, "ARN", "arn")).startswith("arn:")]
    bucket, key = _text(asked, "bucketName"), _text(asked, "key")
    role = _text(asked, "roleArn")
    if message_denial.resource:
        reading.resource = message_denial.resource
    elif role.startswith("arn:") and reading.action.lower().startswith("sts:assumerole"):
        reading.resource = role
    elif arns:
        longest = max(arns, key=lambda found: len(found[0]))
        reading.resource = longest[0]
        owner = _text(longest[1], "accountId")
        if _ACCOUNT.fullmatch(owner) and f":{owner}:" not in longest[0]:
            reading.resource_account_id = owner
    elif bucket and reading.action.startswith("s3:"):
        reading.resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    else:
        reading.resource = "*"
        reading.notes.append("The event names no resource by ARN; * is assumed.")


def _read_context(event: _Json, reading: ParsedDenial) -> None:
    identity = _object(event, "userIdentity")
    attributes = _object(_object(identity, "sessionContext"), "attributes")
    address = _text(event, "sourceIPAddress")
    by_service = address.endswith(".amazonaws.com") or bool(_text(identity, "invokedBy"))
    found = {
        "aws:RequestedRegion": _text(event, "awsRegion"),
        "aws:SourceIp": address if _IP.fullmatch(address) and not by_service else "",
        "aws:UserAgent": _text(event, "userAgent"),
        "aws:SourceVpce": _text(event, "vpcEndpointId"),
        "aws:MultiFactorAuthPresent": _text(attributes, "mfaAuthenticated"),
        "aws:SourceIdentity": _text(_object(identity, "sessionContext"), "sourceIdentity"),
        "aws:CurrentTime": _moment(_text(event, "eventTime")),
        "aws:TokenIssueTime": _moment(_text(attributes, "creationDate")),
    }
    principal_id = _text(identity, "principalId")
    if ":" in principal_id or principal_id.startswith("AIDA"):
        found["aws:userid"] = principal_id
    if _object(event, "tlsDetails"):
        found["aws:SecureTransport"] = "true"
    if _text(identity, "invokedBy"):
        found["aws:ViaAWSService"] = "true"
    reading.context.update({key: (value,) for key, value in found.items() if value})


def _moment(text: str) -> str:
    """Return a time as IAM writes it, empty where it is none."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""


def _object(value: Mapping[str, object], name: str) -> _Json:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, object], *names: str) -> str:
    for name in names:
        found = value.get(name)
        if isinstance(found, str) and found.strip() and found != HIDDEN:
            return found.strip()
    return ""
