"""Operations that SDKs and tools name → the IAM actions that they need.

Source: the error texts of boto3, the AWS SDKs for Go and Java, Terraform and the AWS CLI; service
ids are those of the SDKs.
"""

import re
from typing import Final

from governance.posture.requests.questions import DenialProblem, ParsedDenial
from inventory.cloudtrail.mapping import map_event
from policies import load_catalogue

_CALLED: Final = re.compile(r"when\s+calling\s+the\s+([A-Za-z0-9]{1,128})\s+operation", re.I)
_OPERATION_ERROR: Final = re.compile(
    r"operation\s+error\s+(?P<service>[A-Za-z0-9 ]{1,60}?):\s*(?P<operation>[A-Za-z0-9]{1,128})\b"
)
_SERVICE: Final = re.compile(r"\(Service:\s*(?:Amazon|AWS)?\s*([A-Za-z0-9 ]{1,60}?)\s*[;,]")
# How CloudFormation begins what services of its own resources say.
_API: Final = re.compile(r"\bAPI:\s+([a-z0-9-]{1,63}):([A-Za-z0-9]{1,128})\s")
# Services that say no in words of their own.
_WORDED: Final = (
    ("s3", "Amazon S3's", re.compile(r"\baccess\s+denied\b|operation:\s+forbidden\b", re.I)),
    (
        "organizations",
        "AWS Organizations'",
        re.compile(r"you\s+don't\s+have\s+permissions\s+to\s+access\s+this\s+resource", re.I),
    ),
)

# Service ids whose event source is not the id without its blanks.
_SOURCES: Final = {
    "application auto scaling": "autoscaling",
    "cloudwatch": "monitoring",
    "cloudwatch logs": "logs",
    "cognito identity": "cognito-identity",
    "cognito identity provider": "cognito-idp",
    "config service": "config",
    "cost explorer": "ce",
    "database migration service": "dms",
    "efs": "elasticfilesystem",
    "elastic load balancing": "elasticloadbalancing",
    "elastic load balancing v2": "elasticloadbalancing",
    "eventbridge": "events",
    "opensearch": "es",
    "s3 control": "s3",
    "sesv2": "ses",
    "sfn": "states",
    "sso admin": "sso",
}
FILL_IN: Final = "Fill it in below."


def read_operation(reading: ParsedDenial, message: str) -> None:
    """Take the operation that a message names for its action, or say why that cannot be done."""
    failed = _OPERATION_ERROR.search(message)
    called = _CALLED.search(message)
    api = _API.search(message)
    if failed is None and called is None and api is None:
        return
    operation = failed["operation"] if failed else called[1] if called else api[2] if api else ""
    service = failed["service"] if failed else _service(message) or (api[1] if api else "")
    action = _action(service, operation) if service else ""
    if action:
        reading.action = action
        reading.notes.append(f"The operation {operation} is used as the action {action}.")
        return
    named = actions_named(operation)
    worded = _by_wording(operation, message)
    if worded:
        reading.action, whose = worded
        reading.notes.append(
            f"The message names only the operation {operation}; its wording is {whose}, so "
            f"the action is taken to be {reading.action}."
        )
    elif len(named) == 1:
        reading.action = named[0]
        reading.notes.append(f"The operation {operation} is used as the action {named[0]}.")
    else:
        several = f"{len(named)} services have it" if named else "no service has an action so named"
        reading.problems.append(
            DenialProblem(
                "action",
                operation,
                f"The message names an operation but not its service, and {several}. {FILL_IN}",
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


def _by_wording(operation: str, message: str) -> tuple[str, str] | None:
    """Return the action and whose wording it is, None where no service words it so."""
    for service, whose, words in _WORDED:
        action = _action(service, operation)
        if words.search(message) and action.startswith(f"{service}:"):
            return action, whose
    return None


def _service(message: str) -> str:
    found = _SERVICE.search(message)
    return found[1] if found else ""


def _action(service: str, operation: str) -> str:
    """Return the main action of a service's operation, empty where there is none."""
    known = service.lower().strip()
    source = _SOURCES.get(known, known.replace(" ", ""))
    actions = map_event(f"{source}.amazonaws.com", operation).actions
    return actions[0] if actions else ""
