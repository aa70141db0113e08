"""Reads one organization or account: assumes the role, runs the collectors, tells how it went."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import MappingProxyType

from django.conf import settings

from inventory.aws.errors import AwsError, AwsSessionEnded
from inventory.collecting.outcomes import CollectorOutcome, as_told, read_nowhere, regional_names
from inventory.collecting.plan import regions_to_read
from inventory.collecting.sessions import (
    Session,
    account_patience,
    audit_role,
    organization_patience,
    organization_role,
)
from inventory.collectors import registry
from inventory.collectors.collector import (
    GLOBAL_REGION,
    Allowance,
    Collector,
    Earlier,
    Reader,
    Scope,
)
from inventory.collectors.iam_providers import OIDC_COLLECTOR
from inventory.collectors.regions import asked_only_if_unknown, asks_for_regions, enabled_regions
from inventory.models import Connection, Coverage
from inventory.records import Record
from inventory.store.covered import Covered, folded
from inventory.store.effective_policies import kept_effective_policies
from inventory.store.identity_providers import kept_oidc_providers
from inventory.store.service_configurations import kept_service_configurations

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

_OWN_FAULTS = (LookupError, TypeError, ValueError, AttributeError)


def allowance() -> Allowance:
    """Return how much one run may ask for what does not change by itself."""
    return Allowance(
        calls=settings.INVENTORY_EFFECTIVE_POLICY_CALLS,
        seconds=settings.INVENTORY_EFFECTIVE_POLICY_SECONDS,
        again_after=timedelta(hours=settings.INVENTORY_EFFECTIVE_POLICY_HOURS),
    )


def read_organization(
    connection: Connection, *, run_id: int, clock: Clock
) -> list[CollectorOutcome]:
    """Run the organization's collectors; each that failed has its error in its outcome.

    Each group of them has a session of its own, and all of them one patience.
    """
    kept = {
        **kept_effective_policies(connection),
        **kept_service_configurations(connection),
    }
    patience = organization_patience()
    outcomes: list[CollectorOutcome] = []
    for group in registry.groups(Reader.ORGANIZATION):
        collectors = registry.group_collectors(Reader.ORGANIZATION, group)
        session = Session(
            connection,
            organization_role(connection),
            collectors=collectors,
            paced=True,
            session_name=f"orgwarden-run-{run_id}",
            duration_seconds=settings.AWS_ORGANIZATION_SESSION_SECONDS,
            patience=patience,
        )
        outcomes += _read(session, collectors, clock, kept=kept)
    return outcomes


def read_group(
    connection: Connection, account_id: str, group: str, *, run_id: int, clock: Clock
) -> list[CollectorOutcome]:
    """Run one group of the collectors of an account; each that failed has its error in its outcome.

    The session may do what the group needs, and nothing else.
    """
    collectors = tuple(
        asked_only_if_unknown(each, connection.regions)
        for each in registry.group_collectors(Reader.ACCOUNT, group)
    )
    session = Session(
        connection,
        audit_role(connection, account_id),
        collectors=collectors,
        session_name=f"orgwarden-run-{run_id}",
        duration_seconds=settings.AWS_ACCOUNT_SESSION_SECONDS,
        patience=account_patience(),
    )

    def regions(enabled: tuple[str, ...] | None) -> tuple[str, ...]:
        return regions_to_read(connection, account_id=account_id, group=group, enabled=enabled)

    asks_by_kept = any(each.name == OIDC_COLLECTOR for each in collectors)
    kept = kept_oidc_providers(connection, account_id) if asks_by_kept else {}
    outcomes = _read(session, collectors, clock, kept=kept, regions=regions)
    outcomes += read_nowhere(collectors, outcomes, regions=connection.regions, now=clock())
    return as_told(outcomes)


Regions = Callable[[tuple[str, ...] | None], tuple[str, ...]]


def _nowhere(enabled: tuple[str, ...] | None) -> tuple[str, ...]:
    return ()


def _read(
    session: Session,
    collectors: Sequence[Collector],
    clock: Clock,
    *,
    kept: Mapping[str, tuple[Record, ...]] = MappingProxyType({}),
    regions: Regions = _nowhere,
) -> list[CollectorOutcome]:
    """Run a group of collectors. `regions`: from the enabled ones, if AWS told, to those read.

    What failed for a reason that passes is read a second time a little later; where the session
    has ended, in a new one.
    """
    outcomes = _pass(session, collectors, clock, kept, regions, before={})
    if not any(map(_passes, outcomes)) or not session.wait_for_second_pass():
        return outcomes
    if any(isinstance(each.error, AwsSessionEnded) for each in outcomes):
        session.forget()
    before = {(each.collector.name, each.region): each for each in outcomes}
    return _pass(session, collectors, clock, kept, regions, before=before)


def _passes(outcome: CollectorOutcome) -> bool:
    error = outcome.error
    return error is not None and (error.transient or isinstance(error, AwsSessionEnded))


def _pass(
    session: Session,
    collectors: Sequence[Collector],
    clock: Clock,
    kept: Mapping[str, tuple[Record, ...]],
    regions: Regions,
    *,
    before: Mapping[tuple[str, str], CollectorOutcome],
) -> list[CollectorOutcome]:
    """Run those collectors that did not run before, or failed then for a reason that passes."""
    started = time.monotonic()
    try:
        session.open()
    except AwsError as error:
        if before:
            return list(before.values())
        return _unread(collectors, error, session, time.monotonic() - started, clock(), regions)

    def read(
        collector: Collector, region: str, known: Iterable[CollectorOutcome]
    ) -> CollectorOutcome:
        first = before.get((collector.name, region))
        if first is not None and not _passes(first):
            return first
        earlier = Earlier(
            read={each.collector.name: each.records for each in known if each.complete},
            kept=kept.get(collector.name, ()),
            allowance=allowance(),
            now=clock(),
            region=region,
        )
        outcome = _collect(session, collector, earlier, clock)
        return outcome if first is None else outcome.after(first)

    everywhere: list[CollectorOutcome] = []
    for collector in collectors:
        if collector.scope != Scope.REGIONAL:
            everywhere.append(read(collector, GLOBAL_REGION, everywhere))
    regional = [each for each in collectors if each.scope == Scope.REGIONAL]
    if not regional:
        return everywhere

    def read_region(region: str) -> list[CollectorOutcome]:
        found: list[CollectorOutcome] = []
        for collector in regional:
            found.append(read(collector, region, (*everywhere, *found)))
        return found

    return everywhere + _in_order(
        regional, _side_by_side(read_region, _regions_read(everywhere, regions))
    )


def _side_by_side(
    read: Callable[[str], list[CollectorOutcome]], regions: Sequence[str]
) -> list[CollectorOutcome]:
    """Return what is read in some regions, several at a time: each waits for AWS most of it."""
    if len(regions) <= 1:
        return [outcome for region in regions for outcome in read(region)]
    pool = ThreadPoolExecutor(
        min(len(regions), settings.INVENTORY_REGIONS_AT_ONCE), thread_name_prefix="region"
    )
    try:
        return [outcome for found in pool.map(read, regions) for outcome in found]
    finally:
        # A task that took too long does not wait for the regions that have not begun.
        pool.shutdown(wait=False, cancel_futures=True)


def _in_order(
    collectors: Sequence[Collector], outcomes: Iterable[CollectorOutcome]
) -> list[CollectorOutcome]:
    """Return outcomes collector by collector, and within each region by region."""
    places = {each.name: place for place, each in enumerate(collectors)}
    return sorted(outcomes, key=lambda each: (places[each.collector.name], each.region))


def _unread(
    collectors: Sequence[Collector],
    error: AwsError,
    session: Session,
    seconds: float,
    now: datetime,
    regions: Regions,
) -> list[CollectorOutcome]:
    """Return what came of collectors whose session was not opened: all fail by the same cause."""
    outcomes: list[CollectorOutcome] = []
    for collector in collectors:
        for region in _regions_of(collector, (), regions):
            # The calls that were made, and their time, count once.
            spent = 0.0 if outcomes else seconds
            outcomes.append(
                CollectorOutcome(collector, (), error, session.log.take(), spent, now, region)
            )
    return outcomes


def _regions_of(
    collector: Collector, outcomes: Iterable[CollectorOutcome], regions: Regions
) -> tuple[str, ...]:
    """Return where a collector reads, by what was answered about regions before it."""
    if collector.scope != Scope.REGIONAL:
        return (GLOBAL_REGION,)
    return _regions_read(outcomes, regions)


def _regions_read(outcomes: Iterable[CollectorOutcome], regions: Regions) -> tuple[str, ...]:
    """Return where regional collectors read, by what was answered about regions before them."""
    for outcome in outcomes:
        if outcome.complete and asks_for_regions(outcome.collector):
            return regions(enabled_regions(outcome.records))
    return regions(None)


def _collect(
    session: Session, collector: Collector, earlier: Earlier, clock: Clock
) -> CollectorOutcome:
    started = time.monotonic()
    records: list[Record] = []
    failure: AwsError | None = None
    # What opened the session counts for the collector that came first.
    log = session.log.take()
    try:
        client = session.client(
            collector.service, paced=collector.paced, region=earlier.region, log=log
        )
        # One by one: what came before an error is known all the same.
        for record in collector.read(client, earlier):
            records.append(record)  # noqa: PERF402
    except AwsError as error:
        failure = error
    except _OWN_FAULTS as error:
        logger.exception(
            "collector %s failed in account %s", collector.name, session.role.account_id
        )
        failure = AwsError(
            f"{collector.name} cannot read AWS's answer: {error!r}",
            code=type(error).__name__,
            remedy="report this: it is a fault of Orgwarden",
        )
    return CollectorOutcome(
        collector,
        tuple(records),
        failure,
        log,
        time.monotonic() - started,
        clock(),
        earlier.region,
    )


def coverage_without_reading(
    *,
    connection: Connection,
    account_id: str,
    group: str,
    state: Coverage.State,
    message: str,
    remedy: str,
    code: str,
    now: datetime,
) -> list[Covered]:
    """Return the coverage of a group that was not read at all in an account, for one reason."""

    def regions(enabled: tuple[str, ...] | None) -> tuple[str, ...]:
        return regions_to_read(connection, account_id=account_id, group=group, enabled=enabled)

    collectors = registry.group_collectors(Reader.ACCOUNT, group)
    covered = [
        Covered(
            collector=collector.name,
            region=region,
            state=state,
            collected_at=now,
            error_code=code,
            message=message,
            remedy=remedy,
        )
        for collector in collectors
        for region in _regions_of(collector, (), regions)
    ]
    return folded(covered, regional=regional_names(collectors))
