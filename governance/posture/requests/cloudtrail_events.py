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

from governance.posture.requests.denial_messages import read_denial
from governance.posture.requests.pasted_text import JsonObject, members, one_line
from governance.posture.requests.questions import Claim, DenialProblem, ParsedDenial
from inventory.cloudtrail.mapping import map_event

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ACCOUNT: Final = re.compile(r"\d{12}")
_DENIED: Final = re.compile(r"accessdenied|unauthorized|notauthorized|forbidden", re.I)
_IP: Final = re.compile(r"[0-9a-fA-F:.]{3,45}")
# The members of a record that are read.
_MEMBERS: Final = frozenset(
    {
        "awsRegion",
        "errorCode",
        "errorMessage",
        "eventName",
        "eventSource",
        "eventTime",
        "requestParameters",
        "resources",
        "sourceIPAddress",
        "tlsDetails",
        "userAgent",
        "userIdentity",
        "vpcEndpointId",
    }
)


def records_of(value: object) -> list[JsonObject]:
    """Return what in a JSON value reads like records, in lists, envelopes and strings of JSON."""
    if isinstance(value, list):
        return [record for one in value for record in records_of(one)]
    if not isinstance(value, dict):
        return []
    if any(name in value for name in ("userIdentity", "eventSource", "eventName")):
        return [value]
    found: list[JsonObject] = []
    for inner in value.values():
        if isinstance(inner, str) and '"eventName"' in inner:
            try:
                inner = json.loads(inner)
            except (ValueError, RecursionError):
                continue
        if isinstance(inner, (dict, list)):
            found += records_of(inner)
    return found


def is_denied(event: JsonObject) -> bool:
    """Whether a record is of a call that was denied."""
    return bool(_DENIED.search(_text(event, "errorCode")))


def read_part(text: str) -> ParsedDenial | None:
    """Read what can be read of a record that was cut; None where it is none."""
    event = members(text, _MEMBERS)
    if not {"eventName", "eventSource"} & event.keys():
        return None
    reading = read_event(event)
    reading.notes.append("Only a part of a CloudTrail event was pasted; what is not in it is open.")
    return reading


def read_event(event: JsonObject) -> ParsedDenial:
    """Read one record."""
    reading = ParsedDenial("event")
    message = one_line(_text(event, "errorMessage"))
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


def _read_principal(event: JsonObject, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
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


def _read_action(event: JsonObject, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
    source, name = _text(event, "eventSource"), _text(event, "eventName")
    if message_denial.action:
        reading.action = message_denial.action
        return
    # The first action of a call that needs several is its main one.
    actions = map_event(source, name).actions
    if actions:
        reading.action = actions[0]
        return
    said = f"{name or 'no eventName'} of {source or 'no eventSource'}"
    remedy = "No action of IAM has that name. Fill in the action that the call needs below."
    reading.problems.append(DenialProblem("action", said, remedy))


def _read_resource(event: JsonObject, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
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
        reading.notes.append("The event names no resource by ARN; * is assumed.")


def _read_context(event: JsonObject, reading: ParsedDenial) -> None:
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


def _object(value: Mapping[str, object], name: str) -> JsonObject:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, object], *names: str) -> str:
    for name in names:
        found = value.get(name)
        if isinstance(found, str) and found.strip() and found != HIDDEN:
            return found.strip()
    return ""
