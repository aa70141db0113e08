"""AccessDenied messages → who was denied what, and which policy AWS names.

Messages are searched for in whatever was pasted: log lines, JSON of a controller, XML of a
service, a traceback, a terminal's frame.

Source: IAM user guide, "Troubleshoot access denied error messages"; EC2 API reference, "Error
codes" (UnauthorizedOperation); S3's `Access Denied`, which names nothing.
"""

import re
from difflib import SequenceMatcher
from typing import Final

from governance.posture.requests.denied_operations import FILL_IN, read_operation
from governance.posture.requests.questions import Claim, DenialProblem, ParsedDenial
from inventory.cloudtrail.denials import cause_of
from policies import load_catalogue
from policies.evaluation.layers import Decider

_SHOWN: Final = 200

DECIDERS: Final = {
    "service control policy": Decider.SERVICE_CONTROL_POLICY,
    "resource control policy": Decider.RESOURCE_CONTROL_POLICY,
    "identity-based policy": Decider.IDENTITY_POLICY,
    "resource-based policy": Decider.RESOURCE_POLICY,
    "role trust policy": Decider.RESOURCE_POLICY,
    "trust policy": Decider.RESOURCE_POLICY,
    "permissions boundary": Decider.PERMISSION_BOUNDARY,
    "session policy": Decider.SESSION_POLICY,
    "vpc endpoint policy": Decider.VPC_ENDPOINT_POLICY,
}
# Each message about a caller begins here. Callers are taken whole, never tried shorter.
_USER: Final = re.compile(
    r"(?:(?<![\w/:.-])(?:user|principal|role)\s*:?\s+[\"'`]?(?P<named>[^\s\"'`]{1,2048}+)"
    r"|(?P<arn>arn:[^\s\"'`]{1,2048}+))[\"'`)]*\s+is\s+not\s+authorized",
    re.I,
)
_PERFORM: Final = re.compile(
    r"not\s+authorized\s+to\s+perform(?:\s+(?:the|action|operation))?:?\s*"
    r"[\"'`]?([^\s\"'`<]{1,256})",
    re.I,
)
_ACTION: Final = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")
_RESOURCE: Final = re.compile(
    r"\bon\s+(?:the\s+)?resource(?::\s*|\s+(?=[\"'`*]|arn:))(?:"
    r"\"(?P<double>[^\"]{1,4096})\"|'(?P<single>[^']{1,4096})'|`(?P<tick>[^`]{1,4096})`"
    # Keys of objects may hold blanks; AWS's next words end them.
    r"|(?P<whole>[^\"<]{1,4096}?)(?=\s+(?:because\s+(?:no|the\s+resource)\b|with\s+an\s+explicit\s+deny))"
    r"|(?P<word>[^\s\"<]{1,4096}))",
    re.I,
)
_OF_S3: Final = re.compile(r"arn:[a-z-]+:s3[a-z-]*:")
_AFTER_RESOURCE: Final = re.compile(r":?\s+\(|:\s|\s+status\s+code\b", re.I)
_REFUSED: Final = re.compile(
    r"because\s+no\s+[A-Za-z -]{1,60}?\s+allows?\s+the\s+[\"'`]?([^\s\"'`]{1,256})[\"'`]?\s+action",
    re.I,
)
_ENDPOINT: Final = re.compile(r"denied\s+due\s+to\s+a\s+vpc\s+endpoint\s+policy", re.I)
_ENCODED: Final = re.compile(r"encoded\s+authorization\s+(?:failure\s+)?message", re.I)
_DENIED: Final = re.compile(r"not\s+authorized|access\s*denied|unauthorized|\bforbidden\b", re.I)
# A misspelled action in AWS's reason differs from the one called by a letter or two.
_ALIKE: Final = 0.9


def read_denials(message: str) -> list[ParsedDenial]:
    """Read every message about a caller in a text of one line, each once; at least one reading.

    Whatever the text, what was not understood is a problem of a reading.
    """
    begins = [found.start() for found in _USER.finditer(message)]
    if len(begins) < 2:
        return [read_denial(message)]
    # What an SDK says of the operation precedes the message.
    ends = [*begins[1:], len(message)]
    parts = [message[start:end] for start, end in zip([0, *begins[1:]], ends, strict=True)]
    return distinct([read_denial(part) for part in parts])


def distinct(readings: list[ParsedDenial]) -> list[ParsedDenial]:
    """Return the first of those that say the same."""
    known: dict[object, ParsedDenial] = {}
    for one in readings:
        known.setdefault((one.principal, one.action, one.resource, one.claim), one)
    return list(known.values())


def read_denial(message: str) -> ParsedDenial:
    """Read one AccessDenied message of one line."""
    reading = ParsedDenial("message")
    reading.claim = read_claim(message)
    user = _USER.search(message)
    if user is not None:
        reading.principal = (user["arn"] or user["named"]).strip("'\",()")
        _check_principal(reading)
    _read_action(reading, message)
    reading.resource = _resource(message)
    _check_resource(reading)
    if _ENCODED.search(message):
        _encoded(reading)
    _lacking(reading, message)
    return reading


def read_claim(message: str) -> Claim | None:
    """Return what a message says of the decision; None where it says nothing of a denial."""
    cause = cause_of(message)
    if cause is not None:
        return Claim(DECIDERS.get(cause.policy_type), cause.is_explicit, cause.policy_arn)
    if _ENDPOINT.search(message):
        return Claim(Decider.VPC_ENDPOINT_POLICY, None)
    return Claim(None, None) if _DENIED.search(message) else None


def _read_action(reading: ParsedDenial, message: str) -> None:
    written = [found[1].rstrip(".,;)") for found in _PERFORM.finditer(message)]
    # EC2 begins with "You are not authorized to perform this operation."
    written = [action for action in written if action.lower() != "this"]
    called = next((one for one in written if _ACTION.fullmatch(one)), "")
    refusal = _REFUSED.search(message)
    refused = refusal[1] if refusal else ""
    if _ACTION.fullmatch(refused) and _is_another(refused, called):
        reading.action = refused
        if called:
            reading.notes.append(
                f"The call was {called}; what AWS refused in it, and is asked here, is {refused}."
            )
    elif called:
        reading.action = called
    elif written:
        remedy = "This is not an action such as s3:GetObject. " + FILL_IN
        reading.problems.append(DenialProblem("action", written[0][:_SHOWN], remedy))
    else:
        read_operation(reading, message)
    # Some services write their actions in another case than the guide does.
    catalogue = load_catalogue()
    index = catalogue.index_of.get(reading.action.lower())
    if index is not None:
        reading.action = catalogue.names[index]


def _is_another(refused: str, called: str) -> bool:
    """Whether AWS refused another action than the one called, rather than misspelled it."""
    one, other = refused.lower(), called.lower()
    if one == other:
        return False
    if not called or one in load_catalogue().index_of:
        return True
    return SequenceMatcher(None, one, other).ratio() < _ALIKE


def _resource(message: str) -> str:
    found = _RESOURCE.search(message)
    if found is None:
        return ""
    quoted = found["double"] or found["single"] or found["tick"]
    if quoted:
        return str(quoted).strip()
    text = str(found["whole"] or found["word"]).strip()
    cut = _AFTER_RESOURCE.search(text)
    if cut is not None:
        text = text[: cut.start()]
    if text.startswith("arn:") and not _OF_S3.match(text):
        text = text.split()[0]
    # CloudWatch Logs names all streams of a group by an ARN that ends so.
    text = text.rstrip(".,;`" if text.endswith(":log-stream:") else ".,;:`")
    return text[:-1] if text.endswith(")") and "(" not in text else text


def _check_principal(reading: ParsedDenial) -> None:
    principal = reading.principal
    is_read = principal.startswith("arn:") or principal.lower() == "anonymous"
    if not is_read and not principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        remedy = "This is not an ARN of a principal. Give it below."
        reading.problems.append(DenialProblem("principal", principal[:_SHOWN], remedy))
        reading.principal = ""


def _check_resource(reading: ParsedDenial) -> None:
    resource = reading.resource
    if resource and resource != "*" and resource.count(":") < 5:
        reading.problems.append(
            DenialProblem(
                "resource",
                resource[:_SHOWN],
                "This is neither an ARN nor *. Give the resource's ARN under Request.",
            )
        )
        reading.resource = ""


def _encoded(reading: ParsedDenial) -> None:
    if reading.principal and reading.action:
        reading.notes.append(
            "The encoded part of the message was left aside: only AWS can decode it "
            "(sts:DecodeAuthorizationMessage)."
        )
        return
    reading.problems.append(
        DenialProblem(
            "message",
            "Encoded authorization failure message",
            "Who was denied is in the encoded part, which only AWS can decode. Run `aws sts "
            "decode-authorization-message --encoded-message …` with a principal that may and "
            "paste what it answers, or paste the CloudTrail event, or fill in Principal and Action "
            "under Request.",
        )
    )


def _lacking(reading: ParsedDenial, message: str) -> None:
    parts_with_problems = {problem.part for problem in reading.problems}
    if "message" in parts_with_problems:
        return
    if reading.claim is None and not reading.action:
        reading.problems.append(
            DenialProblem(
                "message",
                message[:_SHOWN],
                "This holds no AccessDenied message and no CloudTrail event. Paste either "
                "whole, or fill in Principal and Action under Request.",
            )
        )
        return
    if not reading.principal and "principal" not in parts_with_problems:
        reading.lack([("principal", "", "The message does not say who was denied. " + FILL_IN)])
    if not reading.action and "action" not in parts_with_problems:
        reading.lack([("action", "", "The message does not say which action. " + FILL_IN)])
    if reading.is_whole and not reading.resource:
        reading.notes.append("The message names no resource; * is assumed.")
