"""One CloudTrail event → the request that it records.

Source: CloudTrail user guide, "CloudTrail record contents" and "CloudTrail userIdentity element";
Amazon EventBridge user guide, "Events delivered via CloudTrail". Real events lack any of their
members or hold odd values in them, so nothing but their being JSON is relied on.
"""

import json
import re
from datetime import UTC, datetime
from typing import Final

from governance.posture.requests.denial_messages import read_denial
from governance.posture.requests.pasted_text import (
    JsonObject,
    lines_of,
    members,
    object_at,
    one_line,
    text_at,
)
from governance.posture.requests.questions import Claim, DenialProblem, ParsedDenial
from inventory.cloudtrail.mapping import map_event

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

# Members of a record as YAML and CloudTrail's console write them, one per line.
_LINES: Final = {
    **{name.lower(): name for name in ("awsRegion", "errorCode", "errorMessage", "eventTime")},
    **{name.lower(): name for name in ("eventName", "eventSource", "sourceIPAddress")},
    "arn": "arn",
    "event name": "eventName",
    "event source": "eventSource",
    "aws region": "awsRegion",
    "error code": "errorCode",
    "error message": "errorMessage",
    "source ip address": "sourceIPAddress",
}


def records_of(value: object) -> list[JsonObject]:
    """Return what in a JSON value reads like records, in lists, envelopes and strings of JSON."""
    found: list[JsonObject] = []
    # Without recursion: JSON may be nested deeper than functions may call.
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and '"eventName"' in one:
            try:
                one = json.loads(one)
            except (ValueError, RecursionError):
                continue
        if isinstance(one, list):
            waiting.extend(reversed([each for each in one if not isinstance(each, str)]))
        elif isinstance(one, dict):
            if any(name in one for name in ("userIdentity", "eventSource", "eventName")):
                found.append(one)
            else:
                waiting.extend(reversed(one.values()))
    return found


def is_denied(event: JsonObject) -> bool:
    """Whether a record is of a call that was denied."""
    return bool(_DENIED.search(text_at(event, "errorCode")))


def read_part(text: str) -> ParsedDenial | None:
    """Read what can be read of a record that was cut; None where it is none."""
    event = members(text, _MEMBERS)
    if not {"eventName", "eventSource"} & event.keys():
        event = _of_lines(text)
    if not {"eventName", "eventSource"} & event.keys():
        return None
    reading = read_event(event)
    reading.notes.append("Only a part of a CloudTrail event was pasted; the rest is not known.")
    return reading


def _of_lines(text: str) -> JsonObject:
    """Return the record that lines of YAML, or of the console's table, tell of; empty: none."""
    lines = lines_of(text, _LINES)
    if not {"eventName", "eventSource"} <= lines.keys():
        return {}
    arn = lines.pop("arn", "")
    return {**lines, **({"userIdentity": {"arn": arn}} if arn.startswith("arn:") else {})}


def read_event(event: JsonObject) -> ParsedDenial:
    """Read one record."""
    reading = ParsedDenial("event")
    message = one_line(text_at(event, "errorMessage"))
    message_denial = read_denial(message) if message else ParsedDenial("message")
    code = text_at(event, "errorCode")
    reading.claim = message_denial.claim or (Claim(None, None) if _DENIED.search(code) else None)
    if not code and not message:
        reading.notes.append("The event has no error: AWS allowed this request.")
    _read_principal(event, message_denial, reading)
    _read_action(event, message_denial, reading)
    _read_resource(event, message_denial, reading)
    _read_context(event, reading)
    return reading


def _read_principal(event: JsonObject, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
    identity = object_at(event, "userIdentity")
    kind = text_at(identity, "type")
    issuer = object_at(object_at(identity, "sessionContext"), "sessionIssuer")
    arn = text_at(identity, "arn")
    role_arn = text_at(issuer, "arn")
    service = text_at(identity, "invokedBy")
    if arn.startswith("arn:"):
        reading.principal = arn
    elif message_denial.principal:
        reading.principal = message_denial.principal
    elif role_arn.startswith("arn:"):
        reading.principal = role_arn
        reading.notes.append("The event does not name the session; its role is used instead.")
    elif service.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        reading.principal = service
    elif kind == "AWSAccount" and text_at(identity, "principalId") == "ANONYMOUS_PRINCIPAL":
        reading.principal = "anonymous"
    else:
        said = f"userIdentity of type {kind or 'none'}"
        remedy = "It names no ARN. Fill in the principal below."
        reading.problems.append(DenialProblem("principal", said, remedy))
    if ":assumed-role/" in reading.principal and ":role/" in role_arn:
        reading.context["aws:PrincipalArn"] = (role_arn,)


def _read_action(event: JsonObject, message_denial: ParsedDenial, reading: ParsedDenial) -> None:
    source, name = text_at(event, "eventSource"), text_at(event, "eventName")
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
    asked = object_at(event, "requestParameters")
    listed = event.get("resources")
    resources = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    arns = [
        (arn, one) for one in resources if (arn := text_at(one, "ARN", "arn")).startswith("arn:")
    ]
    bucket, key = text_at(asked, "bucketName"), text_at(asked, "key")
    role = text_at(asked, "roleArn")
    if message_denial.resource:
        reading.resource = message_denial.resource
    elif role.startswith("arn:") and reading.action.lower().startswith("sts:assumerole"):
        reading.resource = role
    elif arns:
        longest = max(arns, key=lambda found: len(found[0]))
        reading.resource = longest[0]
        owner = text_at(longest[1], "accountId")
        if _ACCOUNT.fullmatch(owner) and f":{owner}:" not in longest[0]:
            reading.resource_account_id = owner
    elif bucket and reading.action.startswith("s3:"):
        reading.resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    else:
        reading.notes.append("The event names no resource by ARN; * is assumed.")


def _read_context(event: JsonObject, reading: ParsedDenial) -> None:
    identity = object_at(event, "userIdentity")
    attributes = object_at(object_at(identity, "sessionContext"), "attributes")
    address = text_at(event, "sourceIPAddress")
    by_service = address.endswith(".amazonaws.com") or bool(text_at(identity, "invokedBy"))
    found = {
        "aws:RequestedRegion": text_at(event, "awsRegion"),
        "aws:SourceIp": address if _IP.fullmatch(address) and not by_service else "",
        "aws:UserAgent": text_at(event, "userAgent"),
        "aws:SourceVpce": text_at(event, "vpcEndpointId"),
        "aws:MultiFactorAuthPresent": text_at(attributes, "mfaAuthenticated"),
        "aws:SourceIdentity": text_at(object_at(identity, "sessionContext"), "sourceIdentity"),
        "aws:CurrentTime": _moment(text_at(event, "eventTime")),
        "aws:TokenIssueTime": _moment(text_at(attributes, "creationDate")),
    }
    principal_id = text_at(identity, "principalId")
    if ":" in principal_id or principal_id.startswith("AIDA"):
        found["aws:userid"] = principal_id
    if object_at(event, "tlsDetails"):
        found["aws:SecureTransport"] = "true"
    if text_at(identity, "invokedBy"):
        found["aws:ViaAWSService"] = "true"
    reading.context.update({key: (value,) for key, value in found.items() if value})


def _moment(text: str) -> str:
    """Return a time as IAM writes it, empty where it is none."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""
