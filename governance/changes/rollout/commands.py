"""Halt and rollback as commands of the AWS CLI, for the day on which Orgwarden is down."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings

from governance.changes.models import Rollout
from governance.changes.planning.rollback import steps_back
from governance.changes.planning.steps import Step
from governance.changes.planning.tables import after_steps, is_placeholder
from governance.changes.rollout.journal import record_of, skipped_steps
from governance.changes.rollout.plans import steps_of
from inventory.models import Connection

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")
_CREATED: Final[Mapping[str, str]] = {
    "CreatePolicy": "Policy.PolicySummary.Id",
    "CreateOrganizationalUnit": "OrganizationalUnit.Id",
}
# AWS CLI User Guide, "How to load a parameter from a file"; version 1 opens the web's as well.
_ADDRESSES: Final = ("file://", "fileb://", "http://", "https://")
_DENY_ALL: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}


def halt_commands(connection: Connection) -> list[str]:
    """Return what stops a worker from making another call, whatever it is about to do.

    A deny in the apply role binds the sessions that are open already.
    """
    return [
        _line(
            connection,
            ["aws", "iam", "put-role-policy", *_halting_policy(connection)],
            ["--policy-document", _json(_DENY_ALL)],
        )
    ]


def resume_commands(connection: Connection) -> list[str]:
    """Return what lets a worker go on again that `halt_commands` has stopped."""
    return [
        _line(
            connection,
            ["aws", "iam", "delete-role-policy", *_halting_policy(connection)],
            [],
        )
    ]


def _halting_policy(connection: Connection) -> list[str]:
    name = connection.apply_role_arn.rpartition("/")[2]
    return ["--role-name", name, "--policy-name", "orgwarden-halt"]


def rollback_commands(rollout: Rollout, back: Sequence[Step]) -> list[str]:
    """Return what takes back all that a rollout has written so far, in order.

    `back`: the steps of its `way_back`. A call whose answer is not known yet is named in comments
    before it.
    """
    return [*_of_unsettled(rollout), *commands_of(back, rollout.change_request.connection)]


def _of_unsettled(rollout: Rollout) -> list[str]:
    """Return comments on the call that was begun and not read back; none where there is none."""
    steps = steps_of(rollout)
    if rollout.position >= len(steps) or not record_of(rollout, steps[rollout.position]).unsettled:
        return []
    step = steps[rollout.position]
    done = steps[: rollout.position]
    skipped = frozenset(skipped_steps(rollout))
    table = after_steps(rollout.base or {}, done, rollout.created, skipped=skipped)
    said = f"# {step.call} of step {step.number} may have been made as well: look in AWS."
    if step.creates:
        name = shlex.quote(str(step.parameters["Name"]))
        return [f"{said} If so, delete {name} in the end."]
    undo = commands_of(
        steps_back(table, [step], rollout.created), rollout.change_request.connection
    )
    return [f"{said} If so, first:", *(f"# {line}" for line in undo)]


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
    apart = {name: value for name, value in step.parameters.items() if _would_be_opened(value)}
    for name, value in step.parameters.items():
        if name not in apart:
            given += [f"--{_kebab(name)}", *_values(name, value)]
    if apart:
        given += ["--cli-input-json", _json(apart)]
    line = _line(connection, ["aws", "organizations", _kebab(step.call.value)], given)
    if step.creates:
        query = _CREATED[step.call.value]
        return f"{_variable(step.creates)}=$({line} --query {query} --output text)"
    return line


def _values(name: str, value: Any) -> list[str]:
    if name == "Tags":
        return [_json(value)]
    if isinstance(value, list):
        return [str(each) for each in value]
    return [str(value)]


def _would_be_opened(value: Any) -> bool:
    """Whether the AWS CLI would take a text for the address of a file with the value in it."""
    return isinstance(value, str) and value.startswith(_ADDRESSES)


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
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
