"""Halt and rollback as commands of the AWS CLI, for the day on which Orgwarden is down."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.conf import settings

from governance.changes.models import Rollout
from governance.changes.planning.steps import Step
from governance.changes.planning.tables import is_placeholder
from governance.changes.rollout.services import way_back
from inventory.models import Connection

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")
_CREATED: Final[Mapping[str, str]] = {
    "CreatePolicy": "Policy.PolicySummary.Id",
    "CreateOrganizationalUnit": "OrganizationalUnit.Id",
}
_DENY_ALL: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}


def halt_commands(connection: Connection) -> list[str]:
    """Return what stops a worker from making another call, whatever it is about to do.

    A deny in the apply role binds the sessions that are open already.
    """
    name = connection.apply_role_arn.rpartition("/")[2]
    return [
        _line(
            connection,
            ["aws", "iam", "put-role-policy", "--role-name", name],
            ["--policy-name", "orgwarden-halt", "--policy-document", _json(_DENY_ALL)],
        )
    ]


def rollback_commands(rollout: Rollout) -> list[str]:
    """Return what takes back all that a rollout has written so far, in order."""
    return commands_of(way_back(rollout).steps, rollout.change_request.connection)


def commands_of(steps: Iterable[Step], connection: Connection) -> list[str]:
    """Return steps as commands for a POSIX shell; what one creates is in a variable."""
    lines = []
    for step in steps:
        lines.append(_command(step, connection))
        if step.waits and settings.CHANGES_PROPAGATION_SECONDS:
            lines.append(f"sleep {settings.CHANGES_PROPAGATION_SECONDS}")
    return lines


def _command(step: Step, connection: Connection) -> str:
    given: list[str] = []
    for name, value in step.parameters.items():
        given += [f"--{_kebab(name)}", *_values(name, value)]
    line = _line(connection, ["aws", "organizations", _kebab(step.call.value)], given)
    if step.creates:
        query = _CREATED[step.call.value]
        return f"{_variable(step.creates)}=$({line} --query {query} --output text)"
    return line


def _values(name: str, value: Any) -> list[str]:
    if name == "Tags":
        return [f"Key={_json(tag['Key'])},Value={_json(tag['Value'])}" for tag in value]
    if isinstance(value, list):
        return [str(each) for each in value]
    return [str(value)]


def _line(connection: Connection, words: list[str], given: list[str]) -> str:
    where = ["--endpoint-url", connection.endpoint_url] if connection.endpoint_url else []
    return " ".join(_quoted(word) for word in [*words, *given, *where])


def _quoted(word: str) -> str:
    return f'"${_variable(word)}"' if is_placeholder(word) else shlex.quote(word)


def _variable(placeholder: str) -> str:
    return re.sub(r"\W", "_", placeholder).upper()


def _kebab(name: str) -> str:
    return _WORD.sub("-", name).lower()


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
