"""What people do with findings: assign, snooze, mute, comment, send to tickets. All may be bulk."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot, RightPlaces
from governance.access.owners.targets import target_tree
from governance.access.viewers import holds_within, viewer_of
from governance.audit import actions
from governance.audit.services import audit_record
from governance.inbox.models import InboxEvent, InboxItem
from governance.inbox.refreshing import reopen
from governance.inbox.shown import FindingsShown
from governance.inbox.sources.registry import OWN_EXCEPTIONS
from governance.inbox.tickets import publish_mail, publish_tickets
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen, visible

State, What = InboxItem.State, InboxEvent.What

MOST_AT_ONCE: Final = 1000
LONGEST_SNOOZE_DAYS: Final = 180
LONGEST_MUTE_DAYS: Final = 366
LONGEST_COMMENT: Final = 4000
DRIFT_ACTS: Final = frozenset({"adopt", "ignore", "revert"})
"""What only drift can be resolved by, in `governance.drift` and `governance.changes`."""

_LONGEST_REASON: Final = 500
_IN_TREE: Final = frozenset({"ROOT", "ORGANIZATIONAL_UNIT", "ACCOUNT"})
_WRITTEN: Final = ("state", "assignee", "snoozed_until", "excepted_until", "set_aside_for")


class CannotActOnFinding(Exception):
    """This cannot be done with a finding; the message says why."""


class NoSuchFinding(CannotActOnFinding):
    """There is no such finding for this person."""


@dataclass(slots=True)
class DoneWithFindings:
    """What came of an act. `passed_over`: why some were left as they are → how many."""

    done: list[int] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)

    def pass_over(self, reason: str) -> None:
        """Count one that is left as it is."""
        self.passed_over[reason] = self.passed_over.get(reason, 0) + 1


@dataclass(frozen=True, slots=True)
class ActPreview:
    """What an act would do: how many findings, of which severities, in how many accounts."""

    findings: int
    accounts: int
    by_severity: Mapping[str, int]
    by_source: Mapping[str, int]
    passed_over: Mapping[str, int]


def act_preview(
    *,
    by: ActingPerson,
    viewer: Viewer,
    connection: Connection,
    item_ids: Collection[int],
    act: str,
) -> ActPreview:
    """Say what an act would do, and change nothing. `act`: assign, snooze, mute or export."""
    places = _Places(by, connection)
    passed = DoneWithFindings()
    rows = _rows(viewer, connection, item_ids)
    by_severity: dict[str, int] = {}
    by_source: dict[str, int] = {}
    accounts: set[str] = set()
    unnamed = 0
    seen = targets_seen(viewer, connection)
    shown = FindingsShown(viewer, connection)
    for item in rows:
        why_not = places.why_not(item) or why_not_act(item, act)
        if why_not:
            passed.pass_over(why_not)
            continue
        passed.done.append(item.pk)
        by_severity[item.severity] = by_severity.get(item.severity, 0) + 1
        by_source[item.source] = by_source.get(item.source, 0) + 1
        named = [item.account_id] if item.account_id else item.account_ids
        accounts.update(filter(seen.holds_account, named))
        unnamed = max(unnamed, 0 if named else shown.of(item).accounts)
    return ActPreview(
        findings=len(passed.done),
        accounts=max(len(accounts), unnamed),
        by_severity=by_severity,
        by_source=by_source,
        passed_over=passed.passed_over,
    )


def why_not_act(item: InboxItem, act: str) -> str:
    """Return why an act is not possible with a finding in its state; empty: it is."""
    if act in ("comment", "export"):
        return ""
    if item.state == State.RESOLVED:
        return "it is resolved"
    if act in DRIFT_ACTS:
        return "" if item.source == InboxItem.Source.DRIFT else "it is not drift"
    if act == "mute" and item.source in OWN_EXCEPTIONS:
        return (
            "ask for an exception from the guardrail"
            if item.source == InboxItem.Source.GUARDRAIL
            else "except the drift instead"
        )
    if act == "return" and item.state not in (State.SNOOZED, State.EXCEPTED):
        return "it is open"
    if act == "return" and item.source in OWN_EXCEPTIONS:
        return "its exception ends where it was made" if item.state == State.EXCEPTED else ""
    return ""


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
    if assignee is not None and not _may_work(assignee, connection):
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


class _Places:
    """Where somebody may work on findings."""

    def __init__(self, by: ActingPerson, connection: Connection) -> None:
        self._places: RightPlaces = by.places(rights.WORK_ON_FINDINGS, connection)
        self._tree = target_tree(connection)

    def why_not(self, item: InboxItem) -> str:
        """Return why not on a finding; empty: they may."""
        if self._places.whole:
            return ""
        own = item.target_id if item.target_kind in _IN_TREE else ""
        place = item.account_id or item.place_id or own
        if place and self._places.covers(self._tree, place):
            return ""
        return "you may not work on findings there"


def _may_work(user: User, connection: Connection) -> bool:
    return user.is_active and holds_within(user, rights.VIEW_FINDINGS, connection=connection)


def _rows(
    viewer: Viewer, connection: Connection, item_ids: Collection[int], *, lock: bool = False
) -> Sequence[InboxItem]:
    """Return findings by their numbers.

    :raises CannotActOnFinding: too many at once.
    :raises NoSuchFinding: this person sees none of them.
    """
    if len(item_ids) > MOST_AT_ONCE:
        raise CannotActOnFinding(f"at most {MOST_AT_ONCE:,} findings at once")
    rows = visible(InboxItem.objects.all(), viewer).filter(
        connection=connection, pk__in=list(item_ids)
    )
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = list(rows.order_by("pk"))
    if not found:
        raise NoSuchFinding("choose a finding that you may see")
    return found


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
    places = _Places(by, connection)
    done = DoneWithFindings()
    events: list[InboxEvent] = []
    changed: list[InboxItem] = []
    for item in _rows(viewer, connection, item_ids, lock=True):
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


def assignable_people(connection: Connection, people: Iterable[User]) -> list[User]:
    """Return those of some people to whom findings of an organization can be given."""
    return [one for one in people if _may_work(one, connection)]
