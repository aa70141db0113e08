"""AccessDenied messages → who was denied what, and which policy AWS names.

Source: IAM user guide, "Troubleshoot access denied error messages"; EC2 API reference, "Error
codes" (UnauthorizedOperation); S3's `Access Denied`, which names nothing.
"""

import re
from typing import Final

from governance.posture.requests.questions import Claim, DenialProblem, ParsedDenial
from policies import load_catalogue
from policies.evaluation.layers import Decider

LONGEST: Final = 100_000
_SHOWN: Final = 200

# AWS's words for the types of policy in these messages.
_DECIDERS: Final = {
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
_USER: Final = re.compile(r"\buser:?\s+(\"?)([^\s\"]{1,2048})\1\s+is\s+not\s+authorized", re.I)
_PERFORM: Final = re.compile(
    r"not\s+authorized\s+to\s+perform(?:\s+the)?:?\s*[\"'`]?([^\s\"'`]{1,256})", re.I
)
_ACTION: Final = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")
_RESOURCE: Final = re.compile(
    r"\bon\s+(?:the\s+)?resource:?\s+(?P<resource>.{1,4096}?)"
    r"(?=\s+(?:because|with\s+an\s+explicit|by\s+an?\b)|[.,;]?\s*$|[.;]\s)",
    re.I | re.S,
)
_EXPLICIT: Final = re.compile(
    r"with\s+an\s+explicit\s+deny(?:\s+in\s+(?:an?|the)\s+(?P<kind>[A-Za-z -]{1,60}?)"
    r"(?:\s*:\s*(?P<arn>arn:[^\s,;\"']{1,2048})|(?=[\s.,;:]*$)|(?=[.,;]\s)|(?=\s+Encoded\b)))?",
    re.I,
)
_IMPLICIT: Final = re.compile(
    r"because\s+no\s+(?P<kind>[A-Za-z -]{1,60}?)\s+allows?"
    r"(?:\s+the\s+(?P<action>\S{1,256})\s+action)?",
    re.I,
)
_ENDPOINT: Final = re.compile(r"denied\s+due\s+to\s+a\s+vpc\s+endpoint\s+policy", re.I)
_ENCODED: Final = re.compile(r"encoded\s+authorization\s+(?:failure\s+)?message:?\s*(\S+)?", re.I)
_OPERATION: Final = re.compile(r"when\s+calling\s+the\s+([A-Za-z0-9]{1,128})\s+operation", re.I)
_S3: Final = re.compile(r"\baccess\s+denied\b", re.I)

# S3 operations whose IAM action has another name. Source: S3 user guide, "Required permissions
# for Amazon S3 API operations".
_S3_ACTIONS: Final = {
    "headobject": "s3:GetObject",
    "headbucket": "s3:ListBucket",
    "listobjects": "s3:ListBucket",
    "listobjectsv2": "s3:ListBucket",
    "listbuckets": "s3:ListAllMyBuckets",
    "deleteobjects": "s3:DeleteObject",
    "copyobject": "s3:PutObject",
    "createmultipartupload": "s3:PutObject",
    "uploadpart": "s3:PutObject",
    "completemultipartupload": "s3:PutObject",
}
_REMEDY: Final = "Fill it in below."


def read_denial(text: str) -> ParsedDenial:
    """Read an AccessDenied message; whatever the text, what was not understood is told."""
    reading = ParsedDenial("message")
    message = " ".join(text[:LONGEST].split())
    reading.claim = read_claim(message)
    user = _USER.search(message)
    if user is not None:
        reading.principal = user[2].strip("'\",")
    _read_action(reading, message)
    resource = _RESOURCE.search(message)
    if resource is not None:
        reading.resource = resource["resource"].strip().strip("\"'`").rstrip(".,;")
    _check_resource(reading)
    if _ENCODED.search(message):
        _encoded(reading)
    _lacking(reading, message)
    return reading


def read_claim(message: str) -> Claim | None:
    """Return what a message says of the decision; None where it says nothing of a denial."""
    explicit = _EXPLICIT.search(message)
    if explicit is not None:
        kind = " ".join((explicit["kind"] or "").lower().split())
        return Claim(_DECIDERS.get(kind), True, (explicit["arn"] or "").rstrip("."))
    implicit = _IMPLICIT.search(message)
    if implicit is not None:
        return Claim(_DECIDERS.get(" ".join(implicit["kind"].lower().split())), False)
    if _ENDPOINT.search(message):
        return Claim(Decider.VPC_ENDPOINT_POLICY, None)
    denied = re.search(r"not authorized|access\s*denied|unauthorized", message, re.I)
    return Claim(None, None) if denied else None


def _read_action(reading: ParsedDenial, message: str) -> None:
    implicit = _IMPLICIT.search(message)
    written = [found[1].rstrip(".,;") for found in _PERFORM.finditer(message)]
    # EC2 begins with "You are not authorized to perform this operation."
    written = [action for action in written if action.lower() != "this"]
    if implicit is not None and implicit["action"]:
        written.append(implicit["action"])
    action = next((one for one in written if _ACTION.fullmatch(one)), None)
    operation = _OPERATION.search(message)
    if action is not None:
        reading.action = action
    elif written:
        remedy = "This is no action such as s3:GetObject. " + _REMEDY
        reading.problems.append(DenialProblem("action", written[0][:_SHOWN], remedy))
    elif operation is not None:
        _action_of_operation(reading, operation[1], of_s3=bool(_S3.search(message)))


def _action_of_operation(reading: ParsedDenial, operation: str, *, of_s3: bool) -> None:
    """Take the operation for an action where just one service has it, or S3 says so."""
    named = actions_named(operation)
    from_s3 = _S3_ACTIONS.get(operation.lower()) or next(
        (action for action in named if action.startswith("s3:")), None
    )
    if of_s3 and from_s3:
        reading.action = from_s3
        reading.notes.append(
            f"The message names only the operation {operation}; its wording is Amazon S3's, so "
            f"the action is taken to be {from_s3}."
        )
    elif len(named) == 1:
        reading.action = named[0]
        reading.notes.append(f"The operation {operation} is taken for the action {named[0]}.")
    else:
        several = f"{len(named)} services have it" if named else "no service has an action so named"
        reading.problems.append(
            DenialProblem(
                "action",
                operation,
                f"The message names an operation but not its service, and {several}. {_REMEDY}",
            )
        )


def actions_named(name: str) -> list[str]:
    """Return the actions of all services that have this name, in any case."""
    catalogue = load_catalogue()
    wanted = ":" + name.lower()
    return [
        catalogue.names[index]
        for lowered, index in catalogue.index_of.items()
        if lowered.endswith(wanted)
    ]


def _check_resource(reading: ParsedDenial) -> None:
    resource = reading.resource
    if resource and resource != "*" and resource.count(":") < 5:
        reading.problems.append(
            DenialProblem(
                "resource",
                resource[:_SHOWN],
                "This is neither an ARN nor *. Give the resource's ARN below.",
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
            "It cannot be decoded here: only AWS holds its key. Run `aws sts "
            "decode-authorization-message --encoded-message …` with a principal that may, or "
            "paste the CloudTrail event, or fill in the request below.",
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
                "This reads like no AccessDenied message and no CloudTrail event. Paste either "
                "whole, or fill in the request below.",
            )
        )
        return
    if not reading.principal:
        reading.lack([("principal", "", "The message does not say who was denied. " + _REMEDY)])
    if not reading.action and "action" not in parts_with_problems:
        reading.lack([("action", "", "The message does not say which action. " + _REMEDY)])
    if reading.is_whole and not reading.resource:
        reading.notes.append("The message names no resource; * is assumed.")
