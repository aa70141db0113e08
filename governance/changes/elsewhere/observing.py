"""Inventory runs decide whether a change that another tool makes has been made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from governance.access.actors import system_actor
from governance.audit import actions
from governance.changes.elsewhere.approved import ApprovedResult, approved_result
from governance.changes.elsewhere.differences import (
    ApprovedDifference,
    collected_now,
    differences,
    is_untouched,
)
from governance.changes.life.transitions import change_record, locked_request, transition
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from inventory.collectors import registry
from inventory.models import Connection
from inventory.selectors.freshness import data_freshness
from inventory.viewing import Viewer

OPEN: Final = (ChangeState.HANDED_OUT, ChangeState.DIFFERS)
_WATCHER: Final = "inventory watch"
_SAID: Final = 10


@dataclass(frozen=True, slots=True)
class Observation:
    """What the newest inventory says of a plan that was handed out.

    `read_at`: when all that it rests on had been read; None: not read since it was handed out, or
    not completely, for `problem`. `differences`: against what was approved. `untouched`: all
    stands as before the plan.
    """

    read_at: datetime | None
    differences: tuple[ApprovedDifference, ...] = ()
    untouched: bool = False
    problem: str = ""


def observation_of(change_request: ChangeRequest, *, now: datetime) -> Observation:
    """Compare the newest complete inventory with what was approved.

    What was read before the plan was handed out says nothing of it.
    """
    result = approved_result(change_request)
    connection = change_request.connection
    freshness = data_freshness(
        Viewer(sees_inventory=True),
        connection=connection,
        sources=[each for each in registry.COLLECTORS if each.name in _needed(result)],
        now=now,
    )
    if freshness.unread or freshness.complete_at is None:
        problem = next((each.message for each in freshness.unread if each.message), "")
        words = "the last run did not read the organization's policies completely"
        return Observation(None, problem=f"{words}: {problem}" if problem else words)
    # What was read before it was found to differ was looked at then.
    if freshness.complete_at <= change_request.state_at:
        return Observation(None, problem="no inventory run has begun since it was handed out")
    stands = collected_now(connection, result)
    return Observation(
        freshness.complete_at, differences(stands, result), is_untouched(stands, result)
    )


def _needed(result: ApprovedResult) -> frozenset[str]:
    """Return the collectors whose rows decide."""
    types = {one.policy_type for one in result.policies}
    names = {f"organizations.policies.{each}" for each in types}
    names |= {"organizations.organizational_units", "organizations.organization"}
    if result.moves:
        names.add("organizations.accounts")
    if any(one.tags for one in result.policies):
        names.add("organizations.tags")
    return frozenset(names)


def observe(*, connection: Connection, now: datetime) -> int:
    """Bring every request of a connection that was handed out into the state that AWS is in.

    APPLIED where all is as approved, DIFFERS where something else stands than before and after;
    untouched it stays handed out. Safe to run at any time and twice.
    """
    waiting = ChangeRequest.objects.filter(
        connection=connection, state__in=OPEN, applied=ChangeRequest.Applied.ELSEWHERE
    )
    return sum(
        _observe(change_request_id, now)
        for change_request_id in waiting.values_list("pk", flat=True)
    )


def observe_all(*, now: datetime) -> int:
    """Do `observe` for every connection that has a request handed out."""
    waiting = ChangeRequest.objects.filter(
        state__in=OPEN, applied=ChangeRequest.Applied.ELSEWHERE
    ).values("connection_id")
    return sum(
        observe(connection=connection, now=now)
        for connection in Connection.objects.filter(pk__in=waiting)
    )


@transaction.atomic
def _observe(change_request_id: int, now: datetime) -> bool:
    change_request = locked_request(change_request_id)
    if change_request.state not in OPEN:
        return False
    found = observation_of(change_request, now=now)
    if found.read_at is None:
        return False
    actor = system_actor(_WATCHER)
    if not found.differences:
        change_request.applied_at = found.read_at
        transition(
            change_request,
            ChangeState.APPLIED,
            actor=actor,
            now=now,
            reason="the inventory shows it as approved",
        )
        return True
    reason = difference_words(found.differences)
    if change_request.state == ChangeState.DIFFERS:
        return _said_anew(change_request, reason, now)
    if found.untouched:
        return False
    transition(change_request, ChangeState.DIFFERS, actor=actor, now=now, reason=reason)
    return True


def _said_anew(change_request: ChangeRequest, reason: str, now: datetime) -> bool:
    before = change_request.state_reason
    if before == reason:
        return False
    change_request.state_reason = reason
    change_request.updated_at = now
    change_request.save(update_fields=["state_reason", "updated_at"])
    change_record(
        change_request,
        actor=system_actor(_WATCHER),
        action=actions.CHANGE_STATE,
        now=now,
        before={"reason": before},
        after={"reason": reason},
    )
    return True


def difference_words(found: Iterable[ApprovedDifference]) -> str:
    """Return differences as one text, the first ones in full."""
    messages = [each.message for each in found]
    if len(messages) > _SAID:
        messages = [*messages[:_SAID], f"{len(messages) - _SAID:,} more differences"]
    return "; ".join(messages)
