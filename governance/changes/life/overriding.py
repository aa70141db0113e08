"""Soft findings that security lets pass, each with a reason."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.audit import actions
from governance.changes.evidence.findings import CheckFinding, CheckLevel, blocking
from governance.changes.life.dispatch import send_check
from governance.changes.life.reviews import excluded_people
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    change_record,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState

LONGEST_OVERRIDE_REASON: Final = 2000


class CannotOverride(CannotChangeRequest):
    """There is no such soft finding against the request, or no reason is given."""


@transaction.atomic
def change_override(
    *, by: ActingPerson, change_request_id: int, finding_key: str, reason: str, now: datetime
) -> ChangeRequest:
    """Let a soft finding pass; once none stands against the request it is checked again.

    An override holds until the request is edited.

    :raises CannotOverride: see there.
    :raises WrongState: its checks have not failed.
    :raises MayNot: whoever acts is not security for the organization, or has work in the request.
    """
    request = locked_request(change_request_id)
    if by.token is not None:
        raise MayNot("a person overrides findings in a session of their own")
    by.require(rights.OVERRIDE_CHANGE, request.connection)
    if by.user.pk in excluded_people(request):
        raise MayNot("someone else overrides: your work is in this change request")
    if request.state != ChangeState.CHECKS_FAILED:
        label = ChangeState(request.state).label.lower()
        raise WrongState(f"the change request is {label}: no finding stands against it")
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_OVERRIDE_REASON:
        raise CannotOverride(f"give a reason of 1 to {LONGEST_OVERRIDE_REASON:,} characters")
    findings = findings_of(request)
    found = next((one for one in findings if one.key == finding_key), None)
    if found is None:
        raise CannotOverride("there is no such finding: open the page again")
    if found.level is not CheckLevel.SOFT:
        raise CannotOverride(f"a finding that is {found.level} cannot be overridden")
    if any(one["finding"] == finding_key for one in request.overrides):
        raise CannotOverride("this finding was overridden already")
    made: dict[str, Any] = {
        "finding": found.key,
        "code": found.code,
        "message": found.message,
        "reason": said,
        "by": by.user.pk,
        "by_name": by.user.get_username(),
        "at": now.isoformat(),
        "revision": request.revision,
    }
    request.overrides = [*request.overrides, made]
    request.updated_at = now
    request.save()
    change_record(request, actor=by.actor, action=actions.CHANGE_OVERRIDE, now=now, after=made)
    if not blocking(findings, [one["finding"] for one in request.overrides]):
        reason = "every finding against it was overridden"
        transition(request, ChangeState.DRAFT, actor=by.actor, now=now, reason=reason)
        transition(request, ChangeState.CHECKING, actor=by.actor, now=now, reason=reason)
        send_check(request.pk)
    return request


def findings_of(request: ChangeRequest) -> tuple[CheckFinding, ...]:
    """Return what the checks of a request's present revision found; none before they are done."""
    evidence = request.evidence
    if evidence is None or evidence.revision != request.revision:
        return ()
    return tuple(map(CheckFinding.from_json, evidence.content["findings"]))
