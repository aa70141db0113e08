"""Applying a change in an emergency, ratifying it, and reverting what nobody ratified.

An emergency skips reviews, windows and soaks. It never skips lint, limits, the comparison with the
live base or the self-lockout proof: those are hard findings of the check, or the rollout's own.
"""

import hmac
import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from governance.access import rights
from governance.access.actors import system_actor, user_actor
from governance.access.models import Profile
from governance.access.owners.acting import ActingPerson, MayNot
from governance.approvals.settings import active_setting
from governance.audit import actions
from governance.changes.life.dispatch import send_check
from governance.changes.life.reviews import excluded_people
from governance.changes.life.signals import emergency_checked, state_changed
from governance.changes.life.touched import touched_by
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest
from governance.changes.notices import RATIFICATION_OVERDUE, notice_publish
from governance.changes.rollout.services import rollout_roll_back, rollout_start
from governance.changes.states import ChangeState
from governance.changes.windows.form import CHANGE_WINDOWS
from inventory.models import Connection

log = logging.getLogger(__name__)

_S = ChangeState
_WATCHER: Final = system_actor("ratification watch")
_FROM: Final = frozenset({_S.DRAFT, _S.CHECKS_FAILED, _S.CHANGES_REQUESTED})
# Stopped on the way: a part of it may stand in AWS, which nobody has agreed to.
_STOPPED: Final = (_S.HALTED, _S.PARTIALLY_APPLIED)
# What is taken back where nobody ratifies it in time.
_REVERTED_UNRATIFIED: Final = (_S.APPLIED_PENDING_REVIEW, *_STOPPED)
# Where an emergency change that nobody ratified may still stand.
_UNRATIFIED: Final = (*_REVERTED_UNRATIFIED, _S.ROLLING_BACK, _S.ROLLBACK_FAILED)


class EmergencyRefused(CannotChangeRequest):
    """An emergency cannot be begun or ratified so; the message says why."""


class RatificationOverdue(EmergencyRefused):
    """An earlier emergency of the same person was not ratified in time."""


class OtherPlanShown(EmergencyRefused):
    """The plan is not the one that the ratifier was shown."""


@transaction.atomic
def emergency_begin(
    *,
    by: ActingPerson,
    change_request_id: int,
    reason: str,
    stepped_up_at: datetime | None,
    now: datetime,
) -> ChangeRequest:
    """Have a draft checked for hard findings alone and, without any, applied at once.

    `reason`: why it cannot wait; security reads it. `stepped_up_at`: when the person confirmed who
    they are, if that is fresh.

    :raises MayNot: no session, no fresh proof, or the break-glass right is missing.
    :raises RatificationOverdue: see there.
    :raises EmergencyRefused: no reason, nothing to apply, or it is applied elsewhere.
    :raises WrongState: it is no draft any more.
    """
    request = locked_request(change_request_id)
    _require_person(by, request.connection, stepped_up_at)
    if not reason.strip():
        raise EmergencyRefused("say why this cannot wait for a review")
    if request.applied != ChangeRequest.Applied.HERE:
        raise EmergencyRefused("it is applied elsewhere: Orgwarden cannot apply it at once")
    if not request.operations:
        raise EmergencyRefused("add at least one operation first")
    if request.state not in _FROM:
        label = _S(request.state).label.lower()
        raise WrongState(f"the change request is {label}: an emergency begins with a draft")
    overdue = overdue_emergency(request.connection, by.user.pk, now=now)
    if overdue is not None:
        raise RatificationOverdue(
            f"your emergency change #{overdue.number} was not ratified in time: someone has to "
            "ratify it, or its revert has to end, before you begin another"
        )
    if request.state != _S.DRAFT:
        transition(request, _S.DRAFT, actor=by.actor, now=now, reason="an emergency")
    touched = touched_by(request.connection, request.operations)
    request.object_ids = list(touched.object_ids)
    request.reaching_ids = list(touched.reaching_ids)
    request.emergency = True
    request.emergency_by = by.user
    request.emergency_reason = reason.strip()
    request.submitted_at = now
    request.plan_sha256 = ""
    transition(
        request,
        _S.CHECKING,
        actor=by.actor,
        now=now,
        reason=f"emergency: {reason.strip()}",
        action=actions.CHANGE_EMERGENCY,
    )
    send_check(request.pk)
    return request


@transaction.atomic
def emergency_ratify(
    *,
    by: ActingPerson,
    change_request_id: int,
    plan_sha256: str,
    reason: str = "",
    stepped_up_at: datetime | None,
    now: datetime,
) -> ChangeRequest:
    """Agree afterwards to an emergency change that was applied.

    `plan_sha256`: from the ratifier's page.

    :raises MayNot: no session, no fresh proof, the right is missing, or they took part in it.
    :raises OtherPlanShown: see there.
    :raises WrongState: it does not wait for that.
    """
    request = locked_request(change_request_id)
    _require_person(by, request.connection, stepped_up_at)
    if request.state != _S.APPLIED_PENDING_REVIEW:
        label = _S(request.state).label.lower()
        raise WrongState(f"the change request is {label}: there is nothing to ratify")
    if by.user.pk in took_part(request):
        raise MayNot("someone other than its author and whoever applied it has to ratify it")
    shown, stands = plan_sha256.strip().lower().encode(), request.plan_sha256.encode()
    if not hmac.compare_digest(shown, stands):
        raise OtherPlanShown("this is not the plan that was applied: open the page again")
    request.ratify_by = None
    return transition(
        request,
        _S.RATIFIED,
        actor=by.actor,
        now=now,
        reason=reason.strip(),
        action=actions.CHANGE_RATIFY,
    )


def took_part(change_request: ChangeRequest) -> frozenset[int]:
    """Return who cannot ratify: author, whose work is in it, who began and who applied it."""
    started = change_request.rollouts.exclude(started_by=None).values_list(
        "started_by_id", flat=True
    )
    began = () if change_request.emergency_by_id is None else (change_request.emergency_by_id,)
    return frozenset({*excluded_people(change_request), *started, *began})


def overdue_emergency(
    connection: Connection, person_id: int, *, now: datetime
) -> ChangeRequest | None:
    """Return a person's emergency change that should have been ratified by now, if there is one."""
    return (
        ChangeRequest.objects.filter(
            connection=connection,
            emergency=True,
            emergency_by_id=person_id,
            state__in=_UNRATIFIED,
            ratify_by__lte=now,
        )
        .order_by("ratify_by")
        .first()
    )


def ratify_hours(connection: Connection) -> int:
    """Return within how many hours an emergency change has to be ratified."""
    _, content = active_setting(connection, CHANGE_WINDOWS.kind)
    return int(content["ratify_hours"])


def emergencies_revert_unratified(*, now: datetime) -> int:
    """Begin to take back each emergency change whose deadline is over; return how many.

    Applied or stopped on the way; a temporary one at its own end, if that comes first. Security is
    told once of each deadline missed. What cannot be taken back stays, and is tried again.
    """
    due = ChangeRequest.objects.filter(_due(now), emergency=True)
    begun = 0
    for key in due.order_by("ratify_by").values_list("pk", flat=True):
        with transaction.atomic():
            begun += _revert_unratified(key, now)
    return begun


def _due(now: datetime) -> Q:
    over = Q(state__in=_REVERTED_UNRATIFIED, ratify_by__lte=now)
    return over | Q(state=_S.APPLIED_PENDING_REVIEW, revert_at__lte=now)


def _revert_unratified(change_request_id: int, now: datetime) -> bool:
    request = locked_request(change_request_id)
    if not ChangeRequest.objects.filter(_due(now), pk=request.pk).exists():
        return False
    reason = "its end has come before anyone ratified it"
    if request.ratify_by is not None and request.ratify_by <= now:
        reason = f"nobody ratified it by {request.ratify_by:%Y-%m-%d %H:%M} UTC"
        once = f"{request.pk}:{now.date()}"
        notice_publish(RATIFICATION_OVERDUE, request, now=now, reason=reason, once=once)
    try:
        with transaction.atomic():
            rollout_roll_back(actor=_WATCHER, change_request_id=request.pk, reason=reason, now=now)
    except CannotChangeRequest:
        log.exception("emergency change %s was not ratified and cannot be reverted", request.pk)
        return False
    return True


def apply_checked(*, change_request: ChangeRequest, now: datetime, **_: Any) -> None:
    """Start the rollout of an emergency that no hard finding stands against.

    Where it cannot be started, its checks have failed, for that reason.
    """
    person = change_request.emergency_by
    if person is None:
        raise RuntimeError(f"nobody began the emergency of change request {change_request.pk}")
    try:
        with transaction.atomic():
            rollout_start(actor=user_actor(person), change_request_id=change_request.pk, now=now)
    except CannotChangeRequest as refused:
        transition(
            locked_request(change_request.pk),
            _S.CHECKS_FAILED,
            actor=system_actor("checks of change requests"),
            now=now,
            reason=str(refused),
        )


def follow_state(
    *, change_request: ChangeRequest, to: ChangeState, now: datetime, **_: Any
) -> None:
    """Set the deadline of an emergency that is applied or stopped, and end one that cannot be.

    One that stopped keeps its first deadline, however often it is resumed. One whose checks failed
    is an ordinary draft from then on: submitting it asks for a review.
    """
    if not change_request.emergency:
        return
    stopped_first = to in _STOPPED and change_request.ratify_by is None
    if to is _S.APPLIED_PENDING_REVIEW or stopped_first:
        hours = ratify_hours(change_request.connection)
        change_request.ratify_by = now + timedelta(hours=hours)
        change_request.save(update_fields=["ratify_by"])
    elif to is _S.CHECKS_FAILED:
        change_request.emergency = False
        change_request.emergency_by = None
        change_request.emergency_reason = ""
        change_request.save(update_fields=["emergency", "emergency_by", "emergency_reason"])


def register() -> None:
    """Follow emergencies from their checks on."""
    emergency_checked.connect(apply_checked, dispatch_uid="changes.emergency_checked")
    state_changed.connect(follow_state, dispatch_uid="changes.emergency_state")


def _require_person(
    by: ActingPerson, connection: Connection, stepped_up_at: datetime | None
) -> None:
    profile = getattr(by.user, "profile", None)
    if (
        by.token is not None
        or by.actor.token_id is not None
        or (profile is not None and profile.kind == Profile.Kind.SERVICE_ACCOUNT)
    ):
        raise MayNot("people do this in their own session, never a token")
    by.require(rights.EMERGENCY_CHANGE, connection)
    if stepped_up_at is None:
        raise MayNot("confirm first that it is you")
