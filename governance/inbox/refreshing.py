"""Brings the inbox up to what the sources find, and keeps what people did with each finding."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from governance.access.owners.labels import LabelMap, environment_marks, label_map
from governance.access.owners.severity import severity_of
from governance.inbox.limits import due_at, due_days, limits_mark
from governance.inbox.models import InboxEvent, InboxItem, InboxReading
from governance.inbox.signals import items_found
from governance.inbox.sources.registry import (
    OWN_EXCEPTIONS,
    FoundItem,
    InboxSource,
    SourceReading,
    inbox_sources,
)
from inventory.digests import sha256
from inventory.models import Connection, InventoryRun
from inventory.store.locks import hold_lock

log = logging.getLogger(__name__)

State, What = InboxItem.State, InboxEvent.What
_BATCH: Final = 1000
_LONGEST_PROBLEM: Final = 500
# What a source says of an item.
_SAID: Final = (
    *(
        "kind",
        "title",
        "target_kind",
        "target_id",
        "target_name",
        "account_id",
        "account_ids",
        "place_id",
    ),
    *("accounts", "reached_ids", "part_title", "whole_only", "detail"),
    *("environment", "severity"),
)
_WRITTEN: Final = (
    *_SAID,
    *("state", "verified", "snoozed_until", "excepted_until", "set_aside_for"),
    *("first_seen_at", "last_seen_at", "due_at", "resolved_at", "reopened"),
)


@dataclass(slots=True)
class RefreshedInbox:
    """What a refresh did, in items. `unread`: sources that could not be judged, with why."""

    found: int = 0
    reopened: int = 0
    resolved: int = 0
    changed: int = 0
    unread: dict[str, str] = field(default_factory=dict)


def refresh_inbox(
    connection: Connection, *, now: datetime, sources: Collection[str] | None = None
) -> RefreshedInbox:
    """Bring the inbox of an organization up to what its sources find now.

    A source of which nothing changed is not read. One transaction a source: where one fails the
    others are known. `sources`: only these; None: all. What ends today ends here too.
    """
    done = RefreshedInbox()
    for name, source in inbox_sources().items():
        if sources is not None and name not in sources:
            continue
        try:
            with transaction.atomic():
                hold_lock(f"inbox:{connection.pk}")
                _SourceRefresh(connection, source, now, done).refresh()
        except Exception as error:
            # One source must not keep the others from being known.
            log.exception("the %s of %s could not be brought into the inbox", name, connection)
            problem = f"{type(error).__name__}: {error}"[:_LONGEST_PROBLEM]
            _note_failure(connection, source, problem, now)
            done.unread[name] = problem
    with transaction.atomic():
        hold_lock(f"inbox:{connection.pk}")
        end_set_aside(connection, now=now)
    return done


def end_set_aside(connection: Connection, *, now: datetime) -> int:
    """Open again what was snoozed or muted until a day that has come; return how many."""
    rows = InboxItem.objects.select_for_update().filter(connection=connection)
    ended = list(
        rows.filter(
            Q(state=State.SNOOZED, snoozed_until__lte=now.date())
            | Q(state=State.EXCEPTED, excepted_until__lt=now.date())
        )
    )
    for item in ended:
        reopen(item)
    _write(ended, [_event(item, What.RETURNED, now) for item in ended])
    return len(ended)


def reopen(item: InboxItem) -> None:
    """Make an item open, or assigned where it is somebody's. The caller saves it."""
    item.state = State.ASSIGNED if item.assignee_id else State.OPEN
    item.snoozed_until = item.excepted_until = None
    item.set_aside_for = ""


def _note_failure(connection: Connection, source: InboxSource, problem: str, now: datetime) -> None:
    with transaction.atomic():
        InboxReading.objects.update_or_create(
            connection=connection,
            source=source.source,
            # No mark: it is read again next time.
            defaults={"mark": "", "read_at": now, "problem": problem},
        )
        InboxItem.objects.filter(connection=connection, source=source.source).exclude(
            state=State.RESOLVED
        ).update(verified=False)


class _SourceRefresh:
    """One refresh of what one source finds."""

    def __init__(
        self, connection: Connection, source: InboxSource, now: datetime, done: RefreshedInbox
    ) -> None:
        self._connection = connection
        self._source = source
        self._now = now
        self._done = done
        self._made: list[InboxItem] = []
        self._changed: dict[int, InboxItem] = {}
        self._events: list[InboxEvent] = []
        self._seen: list[int] = []
        self._reopened: list[InboxItem] = []

    def refresh(self) -> None:
        """Compare what is found with what is kept, and write what differs."""
        mark = self._mark()
        known = InboxReading.objects.filter(
            connection=self._connection, source=self._source.source
        ).first()
        if known is not None and known.mark == mark:
            if known.problem:
                self._done.unread[self._source.source] = known.problem
            return
        reading = self._source.read(self._connection)
        self._compare(reading)
        InboxItem.objects.bulk_create(self._made, batch_size=_BATCH)
        self._events += [_event(item, What.FOUND, self._now) for item in self._made]
        _write(self._changed.values(), self._events)
        # Those that are as they were: one statement.
        InboxItem.objects.filter(pk__in=self._seen).update(last_seen_at=self._now)
        InboxReading.objects.update_or_create(
            connection=self._connection,
            source=self._source.source,
            defaults={"mark": mark, "read_at": self._now, "problem": reading.problem},
        )
        if reading.problem:
            self._done.unread[self._source.source] = reading.problem
        appeared = [*self._made, *self._reopened]
        if appeared:
            items_found.send(
                sender=InboxItem,
                connection=self._connection,
                source=self._source.source,
                items=appeared,
                now=self._now,
            )

    def _mark(self) -> str:
        ended = InventoryRun.objects.filter(connection=self._connection).exclude(
            state__in=InventoryRun.ACTIVE_STATES
        )
        parts = (
            self._source.mark(self._connection),
            limits_mark(self._connection),
            environment_marks(self._connection),
            ended.order_by("-pk").values_list("pk", flat=True).first(),
        )
        return sha256(repr(parts))

    def _compare(self, reading: SourceReading) -> None:
        kept = {
            item.source_key: item
            for item in InboxItem.objects.select_for_update().filter(
                connection=self._connection, source=self._source.source
            )
        }
        self._labels = label_map(self._connection)
        self._days = due_days(self._connection)
        if not reading.problem:
            for found in reading.items:
                item = kept.pop(found.key, None)
                if item is None:
                    self._made.append(self._new(found))
                else:
                    self._again(item, found)
        for item in kept.values():
            if item.state != State.RESOLVED:
                self._gone(item, is_judged=not reading.problem and not reading.unjudged(item))
        self._done.found += len(self._made)

    def _new(self, found: FoundItem) -> InboxItem:
        said = _said_of(found, self._labels)
        return InboxItem(
            connection=self._connection,
            source=self._source.source,
            source_key=found.key,
            **said,
            state=State.EXCEPTED if found.excepted else State.OPEN,
            excepted_until=found.excepted_until,
            verified=found.verified,
            first_seen_at=self._now,
            last_seen_at=self._now,
            due_at=due_at(said["severity"], self._now, self._days),
        )

    def _again(self, item: InboxItem, found: FoundItem) -> None:
        """Bring an item up to how it is found now."""
        said = _said_of(found, self._labels)
        differs = [name for name in _SAID if getattr(item, name) != said[name]]
        worse = said["severity"] != item.severity
        if worse:
            self._events.append(
                _event(item, What.SEVERITY, self._now, was=item.severity, severity=said["severity"])
            )
        for name in differs:
            setattr(item, name, said[name])
        came_back = item.state == State.RESOLVED
        if came_back:
            reopen(item)
            item.resolved_at = None
            item.first_seen_at = self._now
            item.reopened += 1
            self._events.append(_event(item, What.REOPENED, self._now))
            self._reopened.append(item)
            self._done.reopened += 1
        excepted = self._except(item, found)
        verified = found.verified
        if verified != item.verified:
            item.verified = verified
            what = What.VERIFIED if verified else What.UNVERIFIED
            self._events.append(_event(item, what, self._now))
            differs.append("verified")
        due = due_at(item.severity, item.first_seen_at, self._days)
        if differs or came_back or excepted or due != item.due_at:
            item.due_at = due
            if verified:
                item.last_seen_at = self._now
            self._changed[item.pk] = item
            self._done.changed += 1
        elif verified:
            self._seen.append(item.pk)

    def _except(self, item: InboxItem, found: FoundItem) -> bool:
        """Follow a source that excepts its findings itself; return whether that changed it."""
        if self._source.source not in OWN_EXCEPTIONS:
            return False
        if found.excepted:
            if item.state == State.EXCEPTED and item.excepted_until == found.excepted_until:
                return False
            item.state, item.excepted_until = State.EXCEPTED, found.excepted_until
            item.snoozed_until = None
            until = found.excepted_until.isoformat() if found.excepted_until else None
            self._events.append(_event(item, What.EXCEPTED, self._now, until=until))
            return True
        if item.state != State.EXCEPTED:
            return False
        reopen(item)
        self._events.append(_event(item, What.RETURNED, self._now))
        return True

    def _gone(self, item: InboxItem, *, is_judged: bool) -> None:
        """Resolve what is no longer found; what cannot be judged is only not verified."""
        if not is_judged:
            if item.verified:
                item.verified = False
                self._events.append(_event(item, What.UNVERIFIED, self._now))
                self._changed[item.pk] = item
                self._done.changed += 1
            return
        item.state = State.RESOLVED
        item.resolved_at = self._now
        item.verified = True
        item.snoozed_until = item.excepted_until = None
        item.set_aside_for = ""
        self._events.append(_event(item, What.RESOLVED, self._now))
        self._changed[item.pk] = item
        self._done.resolved += 1


def _said_of(found: FoundItem, labels: LabelMap) -> dict[str, Any]:
    label = labels.environment(found.environment_at) if found.environment_at else None
    return {
        "kind": found.kind[:80],
        "title": found.title,
        "target_kind": found.target_kind,
        "target_id": found.target_id,
        "target_name": found.target_name[:512],
        "account_id": found.account_id,
        "account_ids": sorted(found.account_ids),
        "place_id": found.place_id,
        "accounts": found.accounts,
        "reached_ids": sorted(found.reached_ids),
        "part_title": found.part_title,
        "whole_only": found.whole_only,
        "detail": dict(found.detail),
        "environment": str(label.value) if label is not None and label.value else "",
        "severity": found.severity
        or severity_of(
            found.weight,
            accounts=found.accounts,
            # Of the accounts where these are known, else of the place.
            labels=[labels.environment(one) for one in found.account_ids]
            or ([] if label is None else [label]),
        ),
    }


def _event(item: InboxItem, what: str, now: datetime, **detail: Any) -> InboxEvent:
    return InboxEvent(item=item, at=now, what=what, detail=detail)


def _write(items: Iterable[InboxItem], events: Iterable[InboxEvent]) -> None:
    changed = list(items)
    if changed:
        InboxItem.objects.bulk_update(changed, _WRITTEN, batch_size=_BATCH)
    InboxEvent.objects.bulk_create(list(events), batch_size=_BATCH)
