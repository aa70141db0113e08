"""How services are set up, and how well that is known: rows, and the readings that they are of."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from inventory.collectors.collector import ALL_REGIONS, GLOBAL_REGION
from inventory.models import Connection, Coverage, ServiceConfiguration
from inventory.selectors.connections import stale_after
from inventory.selectors.coverage import latest_coverage
from inventory.service_facts import ServiceKind
from inventory.viewing import Viewer, visible


class ReadingState(StrEnum):
    """What a collector's newest reading of a region says of what it did not find.

    READ: complete and fresh, so that what it did not find is not there. STALE: complete, too long
    ago. DENIED, FAILED: not complete; what is held may be old and is not all. UNSUPPORTED: AWS has
    no such thing there. NEVER: the region was never read.
    """

    READ = "read"
    STALE = "stale"
    DENIED = "denied"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ServiceReading:
    """A collector's newest reading of a region of an account. `message`: why not READ, in words."""

    state: ReadingState
    read_at: datetime | None = None
    error_code: str = ""
    message: str = ""

    @property
    def was_complete(self) -> bool:
        """Whether it read all that there was, be it too long ago."""
        return self.state in {ReadingState.READ, ReadingState.STALE}


NEVER_READ = ServiceReading(ReadingState.NEVER, message="never read")


@dataclass(frozen=True, slots=True)
class AccountReadings:
    """A collector's newest readings of one account, by region; `GLOBAL_REGION` where it has none.

    `regions`: those that were read alike, of which `alike` tells; `apart`: the others.
    """

    regions: tuple[str, ...] = ()
    alike: ServiceReading | None = None
    apart: Mapping[str, ServiceReading] = field(default_factory=dict)

    @property
    def by_region(self) -> Mapping[str, ServiceReading]:
        """Return the reading of each region that was tried."""
        alike = self.alike
        if alike is None:
            return self.apart
        return {**dict.fromkeys(self.regions, alike), **self.apart}

    def of(self, region: str) -> ServiceReading:
        """Return the reading of one region."""
        return self.by_region.get(region, NEVER_READ)


def service_configurations(
    viewer: Viewer,
    *,
    connection: Connection,
    kinds: Iterable[ServiceKind],
    as_of: datetime | None = None,
    account_ids: Collection[str] | None = None,
) -> "QuerySet[ServiceConfiguration]":
    """Return the rows of some kinds, by account, region, kind and name."""
    chosen = Q()
    for kind in kinds:
        chosen |= Q(service=kind.service, kind=kind.kind)
    rows = visible(ServiceConfiguration.objects.as_of(as_of), viewer).filter(
        chosen, connection=connection
    )
    if account_ids is not None:
        rows = rows.filter(account_id__in=list(account_ids))
    return rows.order_by("account_id", "region", "service", "kind", "name")


def service_readings(
    viewer: Viewer,
    *,
    connection: Connection,
    kinds: Iterable[ServiceKind],
    now: datetime,
    as_of: datetime | None = None,
    account_ids: Collection[str] | None = None,
    collectors: Iterable[str] = (),
) -> Mapping[tuple[str, str], AccountReadings]:
    """Return the readings of the kinds' collectors, and of some others, by account and collector.

    The organization's own have an empty account. In one query, three with `as_of`.
    """
    rows = latest_coverage(viewer, connection=connection, as_of=as_of).filter(
        collector__in={*(kind.collector for kind in kinds), *collectors}
    )
    if account_ids is not None:
        rows = rows.filter(account_id__in=list(account_ids))
    fresh_since = (as_of or now) - stale_after(connection)
    alike: dict[tuple[str, str], tuple[tuple[str, ...], ServiceReading]] = {}
    apart: dict[tuple[str, str], dict[str, ServiceReading]] = {}
    for row in rows:
        key = row.account_id, row.collector
        reading = _reading(row, fresh_since)
        if row.region == ALL_REGIONS:
            alike[key] = tuple((row.measured or {}).get("regions") or ()), reading
        else:
            apart.setdefault(key, {})[row.region or GLOBAL_REGION] = reading
    found = {key: AccountReadings(*each, apart.pop(key, {})) for key, each in alike.items()}
    return found | {key: AccountReadings(apart=each) for key, each in apart.items()}


def _reading(row: Coverage, fresh_since: datetime) -> ServiceReading:
    at = row.last_complete_at
    match row.state:
        case Coverage.State.COMPLETE:
            if at is None or at < fresh_since:
                return ServiceReading(ReadingState.STALE, at, message="read too long ago")
            return ServiceReading(ReadingState.READ, at)
        case Coverage.State.DENIED:
            state = ReadingState.DENIED
        case Coverage.State.UNSUPPORTED:
            state = ReadingState.UNSUPPORTED
        case _:
            state = ReadingState.FAILED
    return ServiceReading(state, at, row.error_code, row.message)
