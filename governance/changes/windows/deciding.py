"""Whether changes may be applied to targets at a moment, and when they may next."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from governance.approvals.models import SettingVersion
from governance.changes.windows.recurrence import Recurrence, RecurrenceInvalid, recurrence
from inventory.models import Account, Connection, OrganizationalUnit

HORIZON: Final = timedelta(days=400)
_NAMED: Final = 3
_INSTANT: Final = timedelta(microseconds=1)


class WindowKind(StrEnum):
    """WINDOW: changes are applied at these times alone. FREEZE: they are not at these times."""

    WINDOW = "window"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class WindowRule:
    """One rule. `target_ids`: where it holds, with all below; empty: everywhere."""

    name: str
    kind: WindowKind
    recurrence: Recurrence
    target_ids: frozenset[str] = frozenset()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApplyOpening:
    """Whether changes may be applied at a moment. `reason`: why not, in one sentence.

    `next_opening`: when they may next, within `HORIZON`; None: not within it, or they may now.
    """

    may: bool
    reason: str = ""
    next_opening: datetime | None = None


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A window or freeze in the calendar, in UTC."""

    name: str
    kind: WindowKind
    begins_at: datetime
    ends_at: datetime
    target_ids: tuple[str, ...]
    reason: str


def window_rules(connection: Connection) -> tuple[WindowRule, ...]:
    """Return the rules that hold for an organization; none where nobody made any."""
    content = (
        SettingVersion.objects.filter(
            connection=connection,
            kind=SettingVersion.Kind.CHANGE_WINDOWS,
            state=SettingVersion.State.ACTIVE,
        )
        .values_list("content", flat=True)
        .first()
    )
    return read_windows(content or {})


def read_windows(content: Mapping[str, Any]) -> tuple[WindowRule, ...]:
    """Return the rules of a setting's content.

    :raises RecurrenceInvalid: a rule is not one; the setting's form lets none such be stored.
    """
    return tuple(
        WindowRule(
            name=row["name"],
            kind=WindowKind(row["kind"]),
            recurrence=recurrence(
                rule=row["rule"],
                starts=row["starts"],
                minutes=row["minutes"],
                time_zone=row["time_zone"],
            ),
            target_ids=frozenset(row.get("target_ids", ())),
            reason=row.get("reason", ""),
        )
        for row in content.get("windows", ())
    )


def may_apply_at(
    connection: Connection, targets: Collection[str], moment: datetime
) -> ApplyOpening:
    """Say whether changes may be applied to some targets at a moment.

    `targets`: ids of roots, OUs and accounts. A rule concerns a target that lies at, below or
    above its places: a change above hits what is below. Each target must be outside of every
    freeze that concerns it, and, where windows concern it, inside of one of them.
    """
    rules = window_rules(connection)
    if not rules:
        return ApplyOpening(True)
    concerned = _concerned(connection, rules, targets)
    reason = _against(concerned, _spans(concerned, moment, moment + _INSTANT), moment)
    if not reason:
        return ApplyOpening(True)
    return ApplyOpening(False, reason, _next(concerned, moment))


def next_opening(
    connection: Connection, targets: Collection[str], moment: datetime
) -> datetime | None:
    """Return from when on changes may be applied, `moment` itself where they may then.

    None: not within `HORIZON`.
    """
    found = may_apply_at(connection, targets, moment)
    return moment if found.may else found.next_opening


def calendar_entries(
    connection: Connection, since: datetime, until: datetime
) -> tuple[CalendarEntry, ...]:
    """Return the windows and freezes that touch a time, by their beginnings."""
    entries = [
        CalendarEntry(
            rule.name, rule.kind, begins_at, ends_at, tuple(sorted(rule.target_ids)), rule.reason
        )
        for rule in window_rules(connection)
        for begins_at, ends_at in rule.recurrence.spans(since, until)
    ]
    return tuple(sorted(entries, key=lambda each: (each.begins_at, each.name)))


Rules = tuple[tuple[WindowRule, ...], ...]
"""For each set of rules that concerns a target, those rules, once."""


def _concerned(
    connection: Connection, rules: Sequence[WindowRule], targets: Collection[str]
) -> Rules:
    scoped = {place for rule in rules for place in rule.target_ids}
    lines = _lines(connection, {*targets, *scoped}) if scoped else {}
    found: dict[tuple[WindowRule, ...], None] = {}
    for target_id in sorted(set(targets)) or [""]:
        above = lines.get(target_id, frozenset({target_id}))
        found[
            tuple(
                rule
                for rule in rules
                if not rule.target_ids
                or rule.target_ids & above
                or any(target_id in lines.get(place, ()) for place in rule.target_ids)
            )
        ] = None
    return tuple(found)


def _lines(connection: Connection, target_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return for each target itself with all above it, as collected last; two queries."""
    ids = sorted(target_ids)
    current = {"connection": connection}
    rows = [
        *OrganizationalUnit.objects.as_of(None)
        .filter(**current, target_id__in=ids)
        .values_list("target_id", "path"),
        *Account.objects.as_of(None)
        .filter(**current, account_id__in=ids)
        .values_list("account_id", "path"),
    ]
    found = {target_id: frozenset({target_id}) for target_id in ids}
    for target_id, path in rows:
        found[target_id] = frozenset({target_id, *filter(None, path.split("/"))})
    return found


Spans = Mapping[WindowRule, Sequence[tuple[datetime, datetime]]]


def _spans(concerned: Rules, since: datetime, until: datetime) -> Spans:
    every = {rule for rules in concerned for rule in rules}
    return {rule: tuple(rule.recurrence.spans(since, until)) for rule in every}


def _against(concerned: Rules, spans: Spans, moment: datetime) -> str:
    """Say which rules speak against a moment; empty: none do."""
    freezes: dict[str, datetime] = {}
    closed: dict[str, None] = {}
    for rules in concerned:
        windows = [rule for rule in rules if rule.kind is WindowKind.WINDOW]
        for rule in rules:
            if rule.kind is WindowKind.FREEZE and (ends_at := _ends_at(spans[rule], moment)):
                freezes[rule.name] = ends_at
        if windows and not any(_ends_at(spans[rule], moment) for rule in windows):
            closed.update(dict.fromkeys(rule.name for rule in windows))
    said = [
        f"the freeze {name} lasts until {ends_at:%Y-%m-%d %H:%M} UTC"
        for name, ends_at in list(freezes.items())[:_NAMED]
    ]
    if closed:
        said.append(f"no change window is open ({', '.join(list(closed)[:_NAMED])})")
    return "; ".join(said)


def _ends_at(spans: Sequence[tuple[datetime, datetime]], moment: datetime) -> datetime | None:
    """Return when the last span that holds a moment ends; None: none holds it."""
    return max(
        (ends_at for begins_at, ends_at in spans if begins_at <= moment < ends_at), default=None
    )


def _next(concerned: Rules, moment: datetime) -> datetime | None:
    """Return the first moment that nothing speaks against.

    Only where a window begins or a freeze ends can that be.
    """
    until = moment + HORIZON
    spans = _spans(concerned, moment, until)
    candidates = {
        begins_at if rule.kind is WindowKind.WINDOW else ends_at
        for rule, found in spans.items()
        for begins_at, ends_at in found
    }
    for candidate in sorted(each for each in candidates if moment < each <= until):
        if not _against(concerned, spans, candidate):
            return candidate
    return None


def problems_of(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the recurring times of a content: path and what to do."""
    for number, row in enumerate(content.get("windows", ())):
        try:
            recurrence(
                rule=row["rule"],
                starts=row["starts"],
                minutes=row["minutes"],
                time_zone=row["time_zone"],
            )
        except RecurrenceInvalid as error:
            yield f"windows.{number}.{error.member}", str(error)
