"""Which actions the trails that are read record: what else is not known, however little was used.

A trail is the one of a log source where it delivers to the source's bucket and prefix. What it
logged in the past is told by the versions of it that were collected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from django.db.models import Q

from inventory.cloudtrail.recorded_actions import (
    actions_by_writing,
    actions_of_sources,
    unlogged_data_actions,
    unrecorded_actions,
)
from inventory.models import Connection, LogSource, ServiceConfiguration
from inventory.service_facts import TRAIL
from inventory.viewing import Viewer, visible
from policies.catalogue import load_catalogue


class NotRecorded(StrEnum):
    """Why no event would tell of an action.

    TRAIL: what the trail logs is not known. MANAGEMENT_EVENTS: it logs not all of them. SOURCE: it
    leaves the service out. DATA_EVENTS: it does not log the service's data events, or some only.
    NO_EVENT: CloudTrail has no event for it.
    """

    TRAIL = "trail"
    MANAGEMENT_EVENTS = "management_events"
    SOURCE = "source"
    DATA_EVENTS = "data_events"
    NO_EVENT = "no_event"


@dataclass(frozen=True, slots=True)
class RecordedActions:
    """Actions as bits of the catalogue. `not_recorded`: by the first reason why they are not.

    `trails`: names of those that were read. `known_since`: from when on it was collected what they
    log; None: never.
    """

    not_recorded: Mapping[NotRecorded, int]
    trails: tuple[str, ...]
    known_since: datetime | None

    @property
    def recorded(self) -> int:
        """The actions whose use the logs would tell."""
        missing = 0
        for actions in self.not_recorded.values():
            missing |= actions
        return load_catalogue().all_bits & ~missing


_NEEDED: Final = ("management_events", "excluded_sources", "data_events", "partial_data_events")


def recorded_actions(viewer: Viewer, *, connection: Connection, since: date) -> RecordedActions:
    """Return what the trails of the log sources have recorded since a day, as far as is known."""
    versions = _versions(viewer, connection, since)
    unknown = load_catalogue().all_bits & ~unrecorded_actions()
    if not versions:
        return RecordedActions(
            {NotRecorded.NO_EVENT: unrecorded_actions(), NotRecorded.TRAIL: unknown}, (), None
        )
    found = _FirstReasons()
    found.add(NotRecorded.NO_EVENT, unrecorded_actions())
    by_trail: dict[str, list[ServiceConfiguration]] = {}
    for row in versions:
        by_trail.setdefault(row.arn, []).append(row)
    # What one trail leaves out another may log; what one of its versions left out is missing.
    for reason, missing in _missing_in_all(list(by_trail.values())):
        found.add(reason, missing)
    first = [min(row.seen_from for row in rows) for rows in by_trail.values()]
    names = sorted({row.name for row in versions})
    return RecordedActions(found.by_reason, tuple(names), max(first))


class _FirstReasons:
    """Actions by the first reason that was found."""

    def __init__(self) -> None:
        self.by_reason: dict[NotRecorded, int] = {}
        self._all = 0

    def add(self, reason: NotRecorded, actions: int) -> None:
        fresh = actions & ~self._all
        if fresh:
            self.by_reason[reason] = self.by_reason.get(reason, 0) | fresh
            self._all |= fresh


def _versions(viewer: Viewer, connection: Connection, since: date) -> list[ServiceConfiguration]:
    """Return the versions since a day of the trails that deliver where a source is read.

    An organization trail is a row in each account that it logs: those that tell most are taken.
    """
    places = Q(pk__in=[])
    for bucket, prefix in LogSource.objects.filter(
        connection=connection, is_enabled=True
    ).values_list("bucket", "prefix"):
        places |= Q(facts__bucket=bucket, facts__key_prefix=prefix.strip("/"))
    rows = visible(ServiceConfiguration.objects.all(), viewer).filter(
        Q(seen_until__isnull=True) | Q(seen_until__date__gte=since),
        places,
        connection=connection,
        service=TRAIL.service,
        kind=TRAIL.kind,
    )
    # One account's rows of each trail, those of its owner first: they can tell what it logs.
    chosen: dict[str, tuple[tuple[bool, bool, str], list[ServiceConfiguration]]] = {}
    by_account: dict[tuple[str, str], list[ServiceConfiguration]] = {}
    for row in rows.order_by("account_id", "seen_from"):
        by_account.setdefault((row.arn, row.account_id), []).append(row)
    for (arn, account_id), versions in by_account.items():
        is_owner = any(row.facts.get("owner_account_id") == account_id for row in versions)
        rank = (any(map(_is_unknown, versions)), not is_owner, account_id)
        if arn not in chosen or rank < chosen[arn][0]:
            chosen[arn] = rank, versions
    return [row for _, versions in chosen.values() for row in versions]


def _missing_in_all(
    trails: Sequence[Sequence[ServiceConfiguration]],
) -> list[tuple[NotRecorded, int]]:
    """Return what no trail logged all the time, by reason; of several trails the first's."""
    left = load_catalogue().all_bits
    for versions in trails:
        missing = 0
        for row in versions:
            for actions in _missing(row).values():
                missing |= actions
        left &= missing
    return [
        (reason, actions & left)
        for versions in trails
        for row in versions
        for reason, actions in _missing(row).items()
    ]


def _is_unknown(row: ServiceConfiguration) -> bool:
    return any(row.facts.get(name) is None for name in _NEEDED)


def _missing(row: ServiceConfiguration) -> dict[NotRecorded, int]:
    """Return the actions of which a version of a trail logs nothing, or not all."""
    if _is_unknown(row):
        return {NotRecorded.TRAIL: load_catalogue().all_bits}
    facts: Mapping[str, Any] = row.facts
    data = unlogged_data_actions(set(facts["data_events"]) - set(facts["partial_data_events"]))
    management = load_catalogue().all_bits & ~unlogged_data_actions(())
    match facts["management_events"]:
        case "all":
            unlogged = 0
        case "write":
            unlogged = management & actions_by_writing(writes=False)
        case "read":
            unlogged = management & actions_by_writing(writes=True)
        case _:
            unlogged = management
    return {
        NotRecorded.DATA_EVENTS: data,
        NotRecorded.MANAGEMENT_EVENTS: unlogged,
        NotRecorded.SOURCE: actions_of_sources(facts["excluded_sources"]),
    }
