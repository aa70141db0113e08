"""What SCPs allow and nobody used: by service, for a target and for what lies directly below it.

An action is *unused* only where its use would have been recorded: the trail logs it, CloudTrail has
an event for it, and every event of its service is mapped to an action. Else it is *not known*.
Where the logs are incomplete, what has no record is *not recorded* rather than unused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db.models import TextChoices

from governance.posture.ceilings.assumptions import NOTHING, read_assumed
from governance.posture.ceilings.organization_ceilings import (
    OrganizationCeilings,
    organization_ceilings,
)
from governance.posture.state.organization import CompiledOrganization, TargetName
from governance.usage.remembered_use import remembered_use
from inventory.cloudtrail.recorded_actions import actions_of_sources
from inventory.models import Connection
from inventory.selectors.logs import NO_LOGS, LogHealth, LogHealthState, log_health
from inventory.selectors.trail_events import NotRecorded, RecordedActions, recorded_actions
from inventory.selectors.usage import unmapped_calls, used_actions
from inventory.viewing import Viewer
from policies.catalogue import load_catalogue

USUAL_DAYS: Final = 90
_UNMAPPED: Final = "unmapped"


class ServiceUse(TextChoices):
    """Whether what a ceiling leaves of a service was used.

    UNUSED: of all its allowed actions that are recorded none was. NOT_RECORDED: the same, and the
    logs are incomplete. NOT_KNOWN: none of them would be recorded.
    """

    UNUSED = "unused", "Unused"
    NOT_RECORDED = "not_recorded", "No use recorded"
    USED = "used", "Used"
    NOT_KNOWN = "not_known", "Not known"


@dataclass(frozen=True, slots=True)
class ServiceUsage:
    """The actions of a service that a target's ceiling leaves, as bits of the catalogue.

    `used`, `unused` and `not_known` are `allowed` together. `last_day`: of its last use; None:
    none is on record. `reasons`: how many actions are not known, by why: a `NotRecorded` or
    `unmapped`.
    """

    prefix: str
    name: str
    state: ServiceUse
    allowed: int
    used: int
    unused: int
    not_known: int
    last_day: date | None
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetUsage:
    """How many services of a target are in each state. `accounts`: those that SCPs bind."""

    target: TargetName
    accounts: int
    services: Mapping[ServiceUse, int]


@dataclass(frozen=True, slots=True)
class UnusedAccess:
    """What of a target's ceiling was used in the days from `since` to `until`.

    `account_ids`: below it, but for the management account, which no SCP binds. `health`: of the
    logs of these accounts. `is_ceiling_known`: whether every SCP above them was collected and can
    be read; else more is taken for allowed than is. `below`: what lies directly below the target.
    """

    target: TargetName
    since: date
    until: date
    account_ids: tuple[str, ...]
    health: LogHealth
    recorded: RecordedActions
    unmapped_events: int
    is_ceiling_known: bool
    services: tuple[ServiceUsage, ...]
    below: tuple[TargetUsage, ...]

    @property
    def days(self) -> int:
        """Over how many days use is looked for."""
        return (self.until - self.since).days + 1

    @property
    def is_known(self) -> bool:
        """Whether anything is known of use."""
        return self.health.first_day is not None

    def counts(self) -> dict[ServiceUse, int]:
        """Return how many services are in each state."""
        return _counted(one.state for one in self.services)

    def unused_of(self, prefixes: Collection[str]) -> int:
        """Return the unused actions of some services."""
        found = 0
        for one in self.services:
            if one.prefix in prefixes:
                found |= one.unused
        return found


def unused_access(
    viewer: Viewer,
    *,
    connection: Connection,
    organization: CompiledOrganization,
    target_id: str,
    now: datetime,
    days: int = USUAL_DAYS,
    remembered: bool = False,
) -> UnusedAccess:
    """Return what SCPs leave a target and nobody used in the last days, today included.

    `remembered`: what was used as of some minutes ago will do.

    :raises KeyError: the organization has no such target that the viewer may see.
    """
    target = organization.names[target_id]
    until = now.astimezone(UTC).date()
    since = until - timedelta(days=days - 1)
    bound = _bound(organization, target_id)
    health = NO_LOGS
    if bound:
        health = log_health(
            viewer, connection=connection, since=since, until=until, now=now, account_ids=bound
        )
    ceilings = organization_ceilings(organization, read_assumed([NOTHING], usual=()))
    recorded = recorded_actions(viewer, connection=connection, since=since)
    unmapped = unmapped_calls(viewer, connection=connection, since=since, until=until)
    use = (
        remembered_use(viewer, connection=connection, since=since, today=until, account_ids=bound)
        if remembered
        else used_actions(
            viewer, connection=connection, since=since, until=until, account_ids=bound
        )
    )
    reader = _ServiceUsages(
        ceilings, recorded, actions_of_sources({name for name, _ in unmapped}), health
    )
    children = organization.children.get(target_id, ())
    return UnusedAccess(
        target=target,
        since=since,
        until=until,
        account_ids=bound,
        health=health,
        recorded=recorded,
        unmapped_events=sum(unmapped.values()),
        is_ceiling_known=not any(map(ceilings.control.is_unknown, bound)),
        services=reader.services(bound, use),
        below=tuple(reader.counted(organization, child, use) for child in children),
    )


def _bound(organization: CompiledOrganization, target_id: str) -> tuple[str, ...]:
    return tuple(
        account_id
        for account_id in organization.accounts_below(target_id)
        if account_id != organization.management_account_id
    )


_Use = Mapping[str, Mapping[str, date]]


class _ServiceUsages:
    """The state of each service: used, unused or not known, by what was allowed and recorded."""

    def __init__(
        self,
        ceilings: OrganizationCeilings,
        recorded: RecordedActions,
        unmapped: int,
        health: LogHealth,
    ) -> None:
        self._ceilings = ceilings
        self._catalogue = load_catalogue()
        self._recorded = recorded.recorded & ~unmapped if health.first_day else 0
        self._reasons: dict[str, int] = {
            **{reason.value: bits for reason, bits in recorded.not_recorded.items()},
            _UNMAPPED: unmapped & recorded.recorded,
        }
        complete = health.state is LogHealthState.COMPLETE
        self._without_record = ServiceUse.UNUSED if complete else ServiceUse.NOT_RECORDED
        self._spans = {
            prefix: (span.start, (1 << len(span)) - 1)
            for prefix, span in self._catalogue.service_ranges.items()
        }

    def services(self, account_ids: Iterable[str], use: _Use) -> tuple[ServiceUsage, ...]:
        """Return each service of which accounts are left something, the unused first."""
        account_ids = tuple(account_ids)
        allowed, last_days = self._allowed(account_ids), _last_days(account_ids, use)
        used = self._bits(last_days)
        last_of: dict[str, date] = {}
        for action, day in last_days.items():
            prefix = action.partition(":")[0]
            last_of[prefix] = max(day, last_of.get(prefix, day))
        found = []
        for prefix, (start, mask) in self._spans.items():
            whole = mask << start
            mine = allowed & whole
            if not mine:
                continue
            unused = mine & self._recorded & ~used
            not_known = mine & ~used & ~unused
            found.append(
                ServiceUsage(
                    prefix=prefix,
                    name=self._catalogue.service_names[prefix],
                    state=self._state(mine & used, unused),
                    allowed=mine,
                    used=mine & used,
                    unused=unused,
                    not_known=not_known,
                    last_day=last_of.get(prefix),
                    reasons={
                        reason: (bits & not_known).bit_count()
                        for reason, bits in self._reasons.items()
                        if bits & not_known
                    },
                )
            )
        order = list(ServiceUse)
        return tuple(sorted(found, key=lambda one: (order.index(one.state), one.prefix)))

    def counted(self, organization: CompiledOrganization, target_id: str, use: _Use) -> TargetUsage:
        """Return how many services of a target are in each state."""
        account_ids = _bound(organization, target_id)
        allowed = self._allowed(account_ids)
        used = self._bits(_last_days(account_ids, use)) & allowed
        unused = allowed & self._recorded & ~used
        states = []
        for start, mask in self._spans.values():
            if allowed >> start & mask:
                states.append(self._state(used >> start & mask, unused >> start & mask))
        return TargetUsage(organization.names[target_id], len(account_ids), _counted(states))

    def _state(self, used: int, unused: int) -> ServiceUse:
        if used:
            return ServiceUse.USED
        return self._without_record if unused else ServiceUse.NOT_KNOWN

    def _allowed(self, account_ids: Iterable[str]) -> int:
        found = 0
        # Accounts that may do the same share an object.
        for ceiling in {id(one): one for one in map(self._ceilings.of, account_ids)}.values():
            found |= ceiling.possible
        return found

    def _bits(self, actions: Iterable[str]) -> int:
        index_of = self._catalogue.index_of
        found = bytearray(len(self._catalogue) // 8 + 1)
        for action in actions:
            at = index_of.get(action.lower())
            if at is not None:
                found[at >> 3] |= 1 << (at & 7)
        return int.from_bytes(found, "little")


def _last_days(account_ids: Iterable[str], use: _Use) -> dict[str, date]:
    """Return the actions that any of some accounts used, each with the last day."""
    found: dict[str, date] = {}
    for account_id in account_ids:
        for action, day in use.get(account_id, {}).items():
            if day >= found.get(action, day):
                found[action] = day
    return found


def _counted(states: Iterable[ServiceUse]) -> dict[ServiceUse, int]:
    found = dict.fromkeys(ServiceUse, 0)
    for state in states:
        found[state] += 1
    return found


NOT_RECORDED_WORDS: Final[Mapping[str, str]] = {
    NotRecorded.TRAIL: "what the trail logs is not known",
    NotRecorded.MANAGEMENT_EVENTS: "the trail does not log all management events",
    NotRecorded.SOURCE: "the trail leaves the service out",
    NotRecorded.DATA_EVENTS: "the trail does not log these data events",
    NotRecorded.NO_EVENT: "CloudTrail has no event for it",
    _UNMAPPED: "events of the service are not mapped to actions",
}
