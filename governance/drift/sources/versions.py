"""Drift of collected versions: what met a check and no longer does.

There is no baseline for these. What counts is what a run saw first, or what somebody accepted
since; an item stays until that is so again, or is accepted as it is. So neither a run that was
missed nor one that could not read a fact hides what changed meanwhile.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from django.db.models import Q

from governance.drift.difference import FoundDifference
from governance.drift.models import DriftEvent
from governance.drift.sources.source import SourceFindings, SourceLook, changed_rows
from governance.drift.storing import ACCEPTED
from inventory.models import Account, Connection
from inventory.models.versions import Version

ACCOUNT_LEFT: Final = "account left the organization"
NOT_WATCHED: Final = "found elsewhere"
Value = dict[str, Any] | None


class Watch(Protocol):
    """What of a table's rows is watched. Its rows are of accounts."""

    @property
    def model(self) -> type[Version]:
        """Whose rows."""

    @property
    def where(self) -> Q:
        """Which of them."""

    def subject(self, row: Version) -> str:
        """Return the subject of a row, empty where it is not watched."""

    def value(self, row: Version) -> dict[str, Any]:
        """Return what of a row is compared."""

    def agreed(self, before: Value, seen: dict[str, Any]) -> Value:
        """Return what should be, of what should be before and what a later version had."""

    def is_drift(self, was: dict[str, Any], now: Value) -> bool:
        """Whether what should be so and is so now has drifted; None: it is gone."""

    def difference(self, row: Version, was: dict[str, Any], now: Value) -> FoundDifference:
        """Return the difference of a row."""


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What should be as of a time, and from when on versions count; None: all do."""

    value: Value
    since: datetime | None


def drifted_versions(look: SourceLook, watch: Watch, unread: Collection[str]) -> SourceFindings:
    """Return what drifted of a table: of rows that changed since the last look, and of items.

    `unread`: the subjects that cannot be verified now. Accounts that left have no drift.
    """
    known = look.by_subject
    accounts = {item.account_id for item in known.values()} | _changed_accounts(look, watch)
    there = _accounts_there(look.connection, accounts)
    histories = _histories(look, watch, there)
    ended = {
        subject: NOT_WATCHED if item.account_id in there else ACCOUNT_LEFT
        for subject, item in known.items()
        if subject not in histories
    }
    agreed = _agreed(look, histories.keys())
    found = []
    for subject, versions in histories.items():
        was, since = agreed[subject].value, agreed[subject].since
        for row in versions:
            if since is None or row.seen_until is None or row.seen_until > since:
                was = watch.agreed(was, watch.value(row))
        last = versions[-1]
        now = watch.value(last) if last.seen_until is None else None
        if was is not None and watch.is_drift(was, now):
            found.append(watch.difference(last, was, now))
    return SourceFindings(found, unread, ended=ended)


def _changed_accounts(look: SourceLook, watch: Watch) -> set[str]:
    """Return the accounts of rows that changed since the last look, at the first one ever."""
    if look.since is not None:
        rows: Iterable[Any] = changed_rows(watch.model, look.connection, look.since, watch.where)
        return {row.account_id for row in rows if watch.subject(row)}
    ended = watch.model._default_manager.filter(
        watch.where, connection=look.connection, seen_until__isnull=False
    )
    return set(ended.values_list("account_id", flat=True).distinct())


def _accounts_there(connection: Connection, account_ids: Collection[str]) -> set[str]:
    """Return those of some accounts that are in the organization."""
    rows = Account.objects.filter(
        connection=connection, account_id__in=sorted(account_ids), seen_until__isnull=True
    )
    return set(rows.values_list("account_id", flat=True))


def _histories(
    look: SourceLook, watch: Watch, account_ids: Collection[str]
) -> Mapping[str, Sequence[Version]]:
    """Return all versions of the watched rows of some accounts, the oldest first, by subject."""
    found: dict[str, list[Version]] = defaultdict(list)
    chosen = watch.where & Q(account_id__in=sorted(account_ids))
    rows = watch.model._default_manager.filter(chosen, connection=look.connection)
    for row in rows.order_by("seen_from"):
        subject = watch.subject(row)
        if subject:
            found[subject].append(row)
    return found


def _agreed(look: SourceLook, subjects: Collection[str]) -> Mapping[str, _Agreed]:
    """Return what should be of some subjects: as their open items say, as accepted, as first seen.

    Versions from before the organization's first look count only where that look saw them.
    """
    found = dict.fromkeys(subjects, _Agreed(None, look.from_the_start))
    accepted = DriftEvent.objects.filter(
        item__connection=look.connection, item__subject__in=sorted(subjects), what=ACCEPTED
    )
    for event in accepted.select_related("item").order_by("at", "pk"):
        value = event.detail.get("value", event.item.collected)
        found[event.item.subject] = _Agreed(value, event.at)
    for item in look.items:
        if item.subject in found:
            found[item.subject] = _Agreed(item.desired, item.first_seen_at)
    return found


def key_subject(prefix: str, row: Version) -> str:
    """Return a subject that names a row by its natural key."""
    return "\x1f".join((prefix, *(str(getattr(row, name)) for name in row.natural_key)))
