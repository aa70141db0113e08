"""Making a change request and editing it, by its author or somebody else who may propose it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.audit.services import changed_fields
from governance.changes.life.content import ChangeContent, ContentInvalid, checked_content
from governance.changes.life.dispatch import send_check
from governance.changes.life.reviews import void_reviews
from governance.changes.life.touched import require_proposing, touched_by
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    change_record,
    locked_request,
    transition,
)
from governance.changes.life.waiting import waiting_people
from governance.changes.models import ChangeContribution, ChangeRequest
from governance.changes.states import EDITABLE, ChangeState
from inventory.models import Connection

# Where an edited request goes, to be checked again at once or when it is submitted; others stay.
_AFTER_EDIT: Final = {
    ChangeState.CHECKS_FAILED: ChangeState.DRAFT,
    ChangeState.CHANGES_REQUESTED: ChangeState.DRAFT,
    ChangeState.IN_REVIEW: ChangeState.CHECKING,
    ChangeState.APPROVED: ChangeState.STALE,
    ChangeState.SCHEDULED: ChangeState.STALE,
}


class RevisionPassed(CannotChangeRequest):
    """Somebody else edited the request in between."""


@transaction.atomic
def change_create(
    *,
    by: ActingPerson,
    connection: Connection,
    content: ChangeContent,
    now: datetime,
    undoes: ChangeRequest | None = None,
) -> ChangeRequest:
    """Make a draft that belongs to whoever acts.

    :raises ContentInvalid: it does not have its form, or ends in the past.
    :raises MayNot: they may not propose changes at one of the places that it touches.
    """
    checked = checked_content(content)
    _check_end(checked, now)
    touched = touched_by(connection, checked.operations)
    require_proposing(by, connection, touched)
    # One request at a time takes the next number.
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    highest = ChangeRequest.objects.filter(connection=connection).aggregate(last=Max("number"))
    made = ChangeRequest(
        connection=connection,
        number=(highest["last"] or 0) + 1,
        author=by.user,
        state=ChangeState.DRAFT,
        state_at=now,
        undoes=undoes,
        created_at=now,
        object_ids=list(touched.object_ids),
        reaching_ids=list(touched.reaching_ids),
    )
    _fill(made, checked, now)
    made.waiting_for = waiting_people(made)
    made.save()
    change_record(
        made,
        actor=by.actor,
        action=actions.CHANGE_CREATE,
        now=now,
        after={**_recorded(checked), **({"undoes": undoes.number} if undoes else {})},
    )
    return made


@transaction.atomic
def change_edit(
    *,
    by: ActingPerson,
    change_request_id: int,
    revision: int | None,
    changes: Mapping[str, Any],
    now: datetime,
) -> ChangeRequest:
    """Change what a request asks for; every edit voids its reviews and overrides.

    `revision`: of the request that was read, None: whatever it is now. `changes`: members of
    `ChangeContent` → what they become; those that are left out stay. What changes nothing is no
    edit. A request in review is checked again at once; one that was approved becomes stale.

    :raises ContentInvalid: see there.
    :raises RevisionPassed: see there.
    :raises WrongState: it is checked right now, it is being applied, or it is closed.
    :raises MayNot: whoever acts may not propose changes where it touches something.
    """
    request = locked_request(change_request_id)
    return apply_edit(
        request,
        by=by,
        revision=revision,
        content=ChangeContent.of(request).changed(**changes),
        contributor_id=by.user.pk,
        kind=ChangeContribution.Kind.EDIT,
        now=now,
    )


def apply_edit(
    request: ChangeRequest,
    *,
    by: ActingPerson,
    revision: int | None,
    content: ChangeContent,
    contributor_id: int,
    kind: ChangeContribution.Kind,
    now: datetime,
) -> ChangeRequest:
    """Give a request that `locked_request` returned other content; `change_edit` tells the rest.

    `contributor_id`: whose work it is, who cannot approve it from now on.
    """
    if request.state not in EDITABLE:
        label = ChangeState(request.state).label.lower()
        raise WrongState(f"the change request is {label}: it cannot be edited now")
    if revision is not None and revision != request.revision:
        raise RevisionPassed(
            f"the change request was edited after you opened it (revision {request.revision} "
            f"instead of {revision}): read it again"
        )
    was = ChangeContent.of(request)
    touched = touched_by(request.connection, content.operations)
    require_proposing(by, request.connection, touched)
    if content == was:
        return request
    _check_end(content, now, was=was)
    before, after = changed_fields(_recorded(was), _recorded(content))
    if request.overrides:
        before["overrides"], after["overrides"] = request.overrides, []
    request.overrides = []
    request.object_ids = list(touched.object_ids)
    request.reaching_ids = list(touched.reaching_ids)
    request.revision += 1
    after["revision"] = request.revision
    _fill(request, content, now)
    request.plan_sha256 = ""
    if content.plan_part() != was.plan_part():
        ChangeContribution.objects.create(
            change_request=request,
            person_id=contributor_id,
            kind=kind,
            revision=request.revision,
            created_at=now,
        )
    change_record(
        request, actor=by.actor, action=actions.CHANGE_EDIT, now=now, before=before, after=after
    )
    void_reviews(request, reason="the change request was edited", now=now)
    following = _AFTER_EDIT.get(ChangeState(request.state))
    if following is None:
        request.waiting_for = waiting_people(request)
        request.save()
        return request
    request.scheduled_for = None
    transition(request, following, actor=by.actor, now=now, reason="edited")
    if following is ChangeState.CHECKING:
        send_check(request.pk)
    return request


def _fill(request: ChangeRequest, content: ChangeContent, now: datetime) -> None:
    request.title = content.title
    request.reason = content.reason
    request.operations = list(content.operations)
    request.rings = list(content.rings)
    request.applied = content.applied
    request.policy_ids = content.policy_ids
    request.ticket_url = content.ticket_url
    request.revert_at = content.revert_at
    request.updated_at = now


def _check_end(content: ChangeContent, now: datetime, *, was: ChangeContent | None = None) -> None:
    moved = was is None or was.revert_at != content.revert_at
    if moved and content.revert_at is not None and content.revert_at <= now:
        raise ContentInvalid([(("revert_at",), "give a time to come")])


def _recorded(content: ChangeContent) -> dict[str, Any]:
    """Return the content as the audit log compares it."""
    return {
        "title": content.title,
        "reason": content.reason,
        "ticket_url": content.ticket_url,
        **content.plan_part(),
    }
