"""What people do with findings: assign, snooze, mute, comment, send to tickets. All may be bulk."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.viewers import viewer_of
from governance.audit import actions
from governance.audit.services import audit_record
from governance.inbox.acting_rules import (
    ActingPlaces,
    CannotActOnFinding,
    DoneWithFindings,
    findings_to_act_on,
    may_work,
    why_not_act,
)
from governance.inbox.models import InboxEvent, InboxItem
from governance.inbox.refreshing import reopen
from governance.inbox.tickets import publish_mail, publish_tickets
from inventory.models import Connection
from inventory.viewing import Viewer, visible

State, What = InboxItem.State, InboxEvent.What

LONGEST_SNOOZE_DAYS: Final = 180
LONGEST_MUTE_DAYS: Final = 366
LONGEST_COMMENT: Final = 4000
_LONGEST_REASON: Final = 500
_WRITTEN: Final = ("state", "assignee", "snoozed_until", "excepted_until", "set_aside_for")


@transaction.atomic
def findings_assign(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    assignee: User | None,
    now: datetime,
) -> DoneWithFindings:
    """Give findings to somebody who may see them; None: to nobody.

    :raises CannotActOnFinding: the person may not work here.
    """
    if assignee is not None and not may_work(assignee, connection):
        raise CannotActOnFinding(
            f"{assignee.get_username()} may not see findings of this organization"
        )
    sees = None if assignee is None else viewer_of(assignee)

    def assign(item: InboxItem) -> tuple[str, dict[str, Any], str]:
        if sees is not None and not visible(InboxItem.objects.filter(pk=item.pk), sees).exists():
            raise _PassOver("they may not see it")
        item.assignee = assignee
        if item.state in (State.OPEN, State.ASSIGNED):
            item.state = State.OPEN if assignee is None else State.ASSIGNED
        return What.ASSIGNED, {"to": assignee.get_username() if assignee else None}, ""

    return _act(by, viewer, connection, item_ids, "assign", actions.FINDING_ASSIGN, assign, now)


@transaction.atomic
def findings_snooze(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    until: date,
    reason: str,
    now: datetime,
) -> DoneWithFindings:
    """Let findings rest until a day, on which they are open again.

    :raises CannotActOnFinding: the day is not within half a year from tomorrow on.
    """
    _require_day(until, now, LONGEST_SNOOZE_DAYS)
    reason = reason.strip()[:_LONGEST_REASON]

    def snooze(item: InboxItem) -> tuple[str, dict[str, Any], str]:
        if item.state == State.EXCEPTED:
            raise _PassOver("it is excepted")
        item.state, item.snoozed_until, item.set_aside_for = State.SNOOZED, until, reason
        return What.SNOOZED, {"until": until.isoformat()}, reason

    return _act(by, viewer, connection, item_ids, "snooze", actions.FINDING_SNOOZE, snooze, now)


@transaction.atomic
def findings_mute(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    until: date,
    reason: str,
    now: datetime,
) -> DoneWithFindings:
    """Accept findings of structure or trust until a day, for a reason.

    Guardrails and drift have exceptions of their own.

    :raises CannotActOnFinding: no reason, or the day is not within a year from tomorrow on.
    """
    _require_day(until, now, LONGEST_MUTE_DAYS)
    reason = reason.strip()
    if not reason:
        raise CannotActOnFinding("say why these findings are acceptable")
    reason = reason[:_LONGEST_REASON]

    def mute(item: InboxItem) -> tuple[str, dict[str, Any], str]:
        item.state, item.excepted_until, item.set_aside_for = State.EXCEPTED, until, reason
        item.snoozed_until = None
        return What.MUTED, {"until": until.isoformat()}, reason

    return _act(by, viewer, connection, item_ids, "mute", actions.FINDING_MUTE, mute, now)


@transaction.atomic
def findings_return(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    now: datetime,
) -> DoneWithFindings:
    """Open findings again that were snoozed or muted, before their day."""

    def back(item: InboxItem) -> tuple[str, dict[str, Any], str]:
        reopen(item)
        return What.RETURNED, {}, ""

    return _act(by, viewer, connection, item_ids, "return", actions.FINDING_RETURN, back, now)


@transaction.atomic
def finding_comment(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    text: str,
    now: datetime,
) -> DoneWithFindings:
    """Say something about findings.

    :raises CannotActOnFinding: nothing is said, or too much.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise CannotActOnFinding("write a comment")
    if len(text) > LONGEST_COMMENT:
        raise CannotActOnFinding(f"a comment has at most {LONGEST_COMMENT:,} characters")

    def comment(item: InboxItem) -> tuple[str, dict[str, Any], str]:
        return What.COMMENT, {}, text

    return _act(by, viewer, connection, item_ids, "comment", actions.FINDING_COMMENT, comment, now)


@transaction.atomic
def findings_export(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    way: str,
    now: datetime,
) -> DoneWithFindings:
    """Send findings to the organization's webhooks, or to one's own mail. `way`: webhook or mail.

    :raises CannotActOnFinding: there is no such way.
    """
    if way not in ("webhook", "mail"):
        raise CannotActOnFinding(f"findings go by webhook or mail, not {way!r}")

    def export(item: InboxItem) -> tuple[str, dict[str, Any], str]:
        return What.EXPORTED, {"way": way}, ""

    done = _act(by, viewer, connection, item_ids, "export", actions.FINDING_EXPORT, export, now)
    if way == "webhook":
        publish_tickets(connection, done.done, actor=by.user, now=now)
    else:
        publish_mail(connection, done.done, to=by.user, now=now)
    return done


class _PassOver(Exception):
    """One finding is left as it is; the message says why."""


def _act(
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    act: str,
    action: str,
    change: Any,
    now: datetime,
) -> DoneWithFindings:
    """Do one thing with each finding that allows it; one entry in the audit log for each.

    :raises MayNot: none of them allows it, for want of a right.
    :raises CannotActOnFinding: none of them allows it.
    """
    places = ActingPlaces(by, connection)
    done = DoneWithFindings()
    events: list[InboxEvent] = []
    changed: list[InboxItem] = []
    for item in findings_to_act_on(viewer, connection, item_ids, lock=True):
        why_not = places.why_not(item) or why_not_act(item, act)
        if why_not:
            done.pass_over(why_not)
            continue
        before = _state(item)
        try:
            what, detail, text = change(item)
        except _PassOver as error:
            done.pass_over(str(error))
            continue
        changed.append(item)
        done.done.append(item.pk)
        events.append(
            InboxEvent(item=item, at=now, what=what, actor=by.user, text=text, detail=detail)
        )
        audit_record(
            actor=by.actor,
            action=action,
            object_kind="finding",
            object_id=str(item.pk),
            object_name=(item.part_title or item.title)[:200],
            connection_id=connection.pk,
            target_id=item.account_id or item.target_id[:140],
            before=before,
            after={**_state(item), **({"reason": text} if text else {}), **detail},
            now=now,
        )
    if not changed:
        _refuse(done)
    InboxItem.objects.bulk_update(changed, _WRITTEN)
    InboxEvent.objects.bulk_create(events)
    return done


def _refuse(done: DoneWithFindings) -> None:
    reasons = list(done.passed_over)
    if reasons == ["you may not work on findings there"]:
        raise MayNot(f"this needs the right {rights.WORK_ON_FINDINGS} where the finding is")
    raise CannotActOnFinding("; ".join(reasons))


def _state(item: InboxItem) -> dict[str, Any]:
    return {
        "state": item.state,
        "assignee": item.assignee.get_username() if item.assignee else None,
        "until": _day(item.snoozed_until or item.excepted_until),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _require_day(until: date, now: datetime, most: int) -> None:
    first, last = now.date() + timedelta(days=1), now.date() + timedelta(days=most)
    if not first <= until <= last:
        raise CannotActOnFinding(f"choose a day from {first} to {last}")
