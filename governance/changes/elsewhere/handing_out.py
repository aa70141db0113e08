"""The approved plan handed out: as policy files, as Terraform and as CloudFormation."""

import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.access.actors import system_actor
from governance.audit.actors import Actor
from governance.changes.elsewhere.approved import ApprovedPolicy, ApprovedResult, approved_result
from governance.changes.elsewhere.cloudformation import cloudformation_text, resources_to_import
from governance.changes.elsewhere.resource_names import file_name, unique_names
from governance.changes.elsewhere.terraform import terraform_text
from governance.changes.life.signals import state_changed
from governance.changes.life.transitions import CannotChangeRequest, transition
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState

FORMAT: Final = "orgwarden-change/1"
HANDED_OUT_STATES: Final = frozenset(
    {
        *(ChangeState.APPROVED, ChangeState.HANDED_OUT, ChangeState.DIFFERS),
        *(ChangeState.APPLIED, ChangeState.REVERT_DUE),
    }
)
# Equal plans give equal bytes: files of a zip have no time of their own.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


class NotHandedOut(CannotChangeRequest):
    """The plan is not approved, or Orgwarden applies it itself."""


@dataclass(frozen=True, slots=True)
class HandedOutFile:
    """One file. `name`: its path in the zip. `media_type`: as HTTP names it."""

    name: str
    media_type: str
    text: str


def handed_out_files(change_request: ChangeRequest) -> tuple[HandedOutFile, ...]:
    """Return every file of an approved plan that is applied elsewhere.

    `change.json` says what the plan is; `policies/TYPE/NAME.json` are the texts exactly as
    approved; `terraform/main.tf`, `cloudformation/template.yaml` and
    `cloudformation/resources-to-import.json` hold the same for these tools.

    :raises NotHandedOut: see there.
    """
    if change_request.applied != ChangeRequest.Applied.ELSEWHERE:
        raise NotHandedOut("Orgwarden applies this change itself: nothing is handed out")
    if change_request.state not in HANDED_OUT_STATES:
        label = ChangeState(change_request.state).label.lower()
        raise NotHandedOut(f"the change request is {label}: only an approved plan is handed out")
    result = approved_result(change_request)
    texts = _policy_files(result)
    heading = _heading(change_request)
    return (
        HandedOutFile("change.json", "application/json", _change_json(change_request, result)),
        *(HandedOutFile(name, "application/json", policy.text) for policy, name in texts),
        HandedOutFile("terraform/main.tf", "text/plain", terraform_text(result, heading=heading)),
        HandedOutFile(
            "cloudformation/template.yaml",
            "application/yaml",
            cloudformation_text(result, heading=heading),
        ),
        HandedOutFile(
            "cloudformation/resources-to-import.json",
            "application/json",
            _json(resources_to_import(result)),
        ),
    )


def handed_out_zip(files: Iterable[HandedOutFile]) -> bytes:
    """Return files as one zip; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, date_time=_NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.text.encode("utf-8", "surrogatepass"))
    return buffer.getvalue()


def hand_out(change_request: ChangeRequest, *, actor: Actor, now: datetime) -> ChangeRequest:
    """Bring an approved request that is applied elsewhere to HANDED_OUT; its row is locked.

    :raises NotHandedOut: Orgwarden applies it itself.
    :raises WrongState: it is not approved.
    """
    if change_request.applied != ChangeRequest.Applied.ELSEWHERE:
        raise NotHandedOut("Orgwarden applies this change itself: nothing is handed out")
    return transition(
        change_request,
        ChangeState.HANDED_OUT,
        actor=actor,
        now=now,
        reason="approved; waits for an inventory run that shows it",
    )


def hand_out_approved(
    *, change_request: ChangeRequest, to: ChangeState, now: datetime, **_: Any
) -> None:
    """Hand out what was approved just now, if it is applied elsewhere."""
    if to is ChangeState.APPROVED and change_request.applied == ChangeRequest.Applied.ELSEWHERE:
        hand_out(change_request, actor=system_actor("hand-out"), now=now)


def register() -> None:
    """Hand out by itself what is approved."""
    state_changed.connect(hand_out_approved, dispatch_uid="changes.hand_out")


def _policy_files(result: ApprovedResult) -> list[tuple[ApprovedPolicy, str]]:
    held = [one for one in result.policies if not one.aws_managed and not one.is_deleted]
    names = unique_names(
        ((one.policy_id, f"policies/{file_name(one)}") for one in held), joined_by="-"
    )
    return [(one, names[one.policy_id]) for one in held]


def _heading(change_request: ChangeRequest) -> str:
    return (
        f"Change request {change_request.number}: {change_request.title}\n"
        f"Approved plan {change_request.plan_sha256}"
    )


def _change_json(change_request: ChangeRequest, result: ApprovedResult) -> str:
    files = {policy.policy_id: name for policy, name in _policy_files(result)}
    return _json(
        {
            "format": FORMAT,
            "number": change_request.number,
            "title": change_request.title,
            "reason": change_request.reason,
            "ticket_url": change_request.ticket_url,
            "plan_sha256": change_request.plan_sha256,
            "rings": change_request.rings,
            "policies": [_policy_json(one, files) for one in result.policies],
            "organizational_units": [
                {
                    "id": one.target_id,
                    "name": one.name,
                    "parent_id": one.parent_id,
                    "deleted": one.is_deleted,
                }
                for one in result.units
            ],
            "accounts": [
                {"id": one.account_id, "parent_id": one.parent_id} for one in result.moves
            ],
            "policy_types": dict(result.policy_types),
        }
    )


def _policy_json(policy: ApprovedPolicy, files: dict[str, str]) -> dict[str, Any]:
    return {
        "id": None if policy.is_new else policy.policy_id,
        "type": policy.policy_type,
        "name": policy.name,
        "name_before": policy.was_named or None,
        "file": files.get(policy.policy_id),
        "deleted": policy.is_deleted,
        "aws_managed": policy.aws_managed,
        "targets": list(policy.target_ids),
        "detached_from": sorted(
            {*policy.detached_ids, *policy.had_target_ids} - set(policy.target_ids)
        ),
        "tags": dict(policy.tags),
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
