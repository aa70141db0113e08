"""Reads one organization or account: assumes the role, runs the collectors, tells how it went."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from botocore.credentials import ReadOnlyCredentials
from django.conf import settings

from inventory.aws.client import AwsClient, CallLog, Patience, assume_role
from inventory.aws.endpoints import check_endpoint
from inventory.aws.errors import AwsError
from inventory.aws.explain import Role
from inventory.aws.pace import Pace, Rate
from inventory.aws.session import RoleRequest, acting_client, own_client, session_policy
from inventory.collecting.plan import regions_to_read
from inventory.collectors import registry
from inventory.collectors.collector import (
    GLOBAL_REGION,
    Allowance,
    Collector,
    Earlier,
    Reader,
    Scope,
)
from inventory.collectors.regions import asks_for_regions, enabled_regions
from inventory.models import Connection, Coverage
from inventory.records import Record
from inventory.store.covered import Covered
from inventory.store.effective_policies import kept_effective_policies
from inventory.store.scopes import Reading

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

# Relative to the repository; named in errors.
ORGANIZATION_TEMPLATE: Final = "docs/roles/organization-reader.yaml"
AUDIT_TEMPLATE: Final = "docs/roles/audit.yaml"

_STACK_SETS: Final = (
    "this is the management account, which service-managed stack sets leave out: give it a stack "
    "of its own"
)

# Where each partition keeps Organizations, and with it the tags of accounts and OUs.
_ORGANIZATIONS_REGIONS: Final = {
    "aws": "us-east-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-northwest-1",
}
_OWN_FAULTS = (LookupError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one collector fared in a region. `records`: what it read, up to the error if any."""

    collector: Collector
    records: tuple[Record, ...]
    error: AwsError | None
    log: CallLog
    seconds: float
    collected_at: datetime
    region: str = GLOBAL_REGION

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return self.error is None

    def after(self, first: "Outcome") -> "Outcome":
        """Return this outcome of a second pass, with what the first one took as well."""
        return replace(
            self,
            log=CallLog(self.log.calls + first.log.calls, self.log.throttled + first.log.throttled),
            seconds=self.seconds + first.seconds,
        )

    @property
    def reading(self) -> Reading:
        """What the store takes."""
        listed_all = self.error is None or self.error.listed_all
        return Reading(self.collector, self.records, listed_all, self.region)

    @property
    def state(self) -> Coverage.State:
        """The state for coverage."""
        if self.error is None:
            return Coverage.State.COMPLETE
        return Coverage.State(self.error.outcome)


def organization_role(connection: Connection) -> Role:
    """Return the role that reads the organization."""
    return Role(connection.organization_role_arn, ORGANIZATION_TEMPLATE)


def audit_role(connection: Connection, account_id: str) -> Role:
    """Return the role that reads one account."""
    partition = _partition(connection)
    name = connection.audit_role_name.lstrip("/")
    note = _STACK_SETS if account_id == connection.management_account_id else ""
    return Role(f"arn:{partition}:iam::{account_id}:role/{name}", AUDIT_TEMPLATE, note)


def _partition(connection: Connection) -> str:
    return connection.organization_role_arn.split(":")[1]


def organization_patience() -> Patience:
    """Return how long the reading of an organization may take."""
    return Patience(
        waiting_seconds=settings.INVENTORY_ORGANIZATION_WAITING_SECONDS,
        ends_at=time.monotonic() + settings.INVENTORY_ORGANIZATION_SECONDS,
    )


def account_patience() -> Patience:
    """Return how long the reading of an account may take."""
    return Patience(
        waiting_seconds=settings.INVENTORY_ACCOUNT_WAITING_SECONDS,
        ends_at=time.monotonic() + settings.INVENTORY_ACCOUNT_SECONDS,
    )


def allowance() -> Allowance:
    """Return how much one run may ask for what does not change by itself."""
    return Allowance(
        calls=settings.INVENTORY_EFFECTIVE_POLICY_CALLS,
        seconds=settings.INVENTORY_EFFECTIVE_POLICY_SECONDS,
        again_after=timedelta(hours=settings.INVENTORY_EFFECTIVE_POLICY_HOURS),
    )


def organization_pace(patience: Patience) -> Pace:
    """Return the pace that Organizations' limits ask for."""
    return Pace(
        rates={name: Rate(*rate) for name, rate in settings.AWS_ORGANIZATIONS_RATES.items()},
        otherwise=Rate(*settings.AWS_ORGANIZATIONS_RATE),
        monotonic=patience.monotonic,
        sleep=patience.sleep,
    )


class Session:
    """Clients that act as one role of a connection, with one log and one patience for all."""

    def __init__(
        self,
        connection: Connection,
        role: Role,
        *,
        collectors: Sequence[Collector],
        paced: bool = False,
        session_name: str,
        duration_seconds: int,
        patience: Patience,
    ) -> None:
        """Prepare; nothing is called before `open`.

        The session may do what `collectors` need, of what the role may. `paced`: some of its
        clients keep to Organizations' limits, together.
        """
        self.log = CallLog()
        self.role = role
        self.needed = registry.needed_actions(collectors)
        self._connection = connection
        self._patience = patience
        self._waiting_seconds = patience.waiting_seconds
        self._pace = organization_pace(patience) if paced else None
        self._request = RoleRequest(
            role=role,
            external_id=connection.external_id,
            session_name=session_name,
            duration_seconds=duration_seconds,
            policy=session_policy(self.needed),
        )
        self._credentials: ReadOnlyCredentials | None = None

    def wait_for_second_pass(self) -> bool:
        """Let an outage pass, and have patience anew; False: the time is used up."""
        return self._patience.renew(
            after_seconds=settings.INVENTORY_SECOND_PASS_SECONDS,
            waiting_seconds=self._waiting_seconds,
        )

    def open(self) -> None:
        """Assume the role, unless it was assumed before.

        AWS: sts:AssumeRole.
        :raises AwsError: it was not assumed, or the endpoint may not be called.
        """
        if self._credentials is not None:
            return
        check_endpoint(self._connection.endpoint_url)
        sts = AwsClient(
            own_client(
                "sts",
                region=self._connection.home_region,
                endpoint_url=self._connection.endpoint_url,
            ),
            credentials=None,
            role=None,
            log=self.log,
            patience=self._patience,
        )
        self._credentials = assume_role(sts, self._request)

    def client(
        self, service: str, *, paced: bool = False, region: str = GLOBAL_REGION
    ) -> AwsClient:
        """Return a client of `service` in a region; without one, where it can be asked for all.

        `paced`: it keeps to Organizations' limits.
        """
        if self._credentials is None:
            raise RuntimeError("open the session first")
        if region == GLOBAL_REGION:
            region = self._connection.home_region
            if service == "resourcegroupstaggingapi":
                region = _ORGANIZATIONS_REGIONS.get(_partition(self._connection), region)
        return AwsClient(
            acting_client(service, region=region, endpoint_url=self._connection.endpoint_url),
            credentials=self._credentials,
            role=self.role,
            log=self.log,
            patience=self._patience,
            pace=self._pace if paced else None,
        )


def read_organization(connection: Connection, *, run_id: int, clock: Clock) -> list[Outcome]:
    """Run the organization's collectors; each that failed has its error in its outcome.

    Each group of them has a session of its own, and all of them one patience.
    """
    kept = kept_effective_policies(connection)
    patience = organization_patience()
    outcomes: list[Outcome] = []
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
) -> list[Outcome]:
    """Run one group of the collectors of an account; each that failed has its error in its outcome.

    The session may do what the group needs, and nothing else.
    """
    collectors = registry.group_collectors(Reader.ACCOUNT, group)
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

    return _read(session, collectors, clock, regions=regions)


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
) -> list[Outcome]:
    """Run a group of collectors. `regions`: from the enabled ones, if AWS told, to those read.

    What failed for a reason that passes is read a second time a little later.
    """
    outcomes = _pass(session, collectors, clock, kept, regions, before={})
    failed = [each.error for each in outcomes if each.error is not None]
    if not any(error.transient for error in failed) or not session.wait_for_second_pass():
        return outcomes
    before = {(each.collector.name, each.region): each for each in outcomes}
    return _pass(session, collectors, clock, kept, regions, before=before)


def _pass(
    session: Session,
    collectors: Sequence[Collector],
    clock: Clock,
    kept: Mapping[str, tuple[Record, ...]],
    regions: Regions,
    *,
    before: Mapping[tuple[str, str], Outcome],
) -> list[Outcome]:
    """Run those collectors that did not run before, or failed then for a reason that passes."""
    started = time.monotonic()
    try:
        session.open()
    except AwsError as error:
        if before:
            return list(before.values())
        return _unread(collectors, error, session, time.monotonic() - started, clock(), regions)
    outcomes: list[Outcome] = []
    for collector in collectors:
        for region in _regions_of(collector, outcomes, regions):
            first = before.get((collector.name, region))
            if first is not None and (first.error is None or not first.error.transient):
                outcomes.append(first)
                continue
            earlier = Earlier(
                read={
                    each.collector.name: each.records
                    for each in outcomes
                    if each.complete and each.region in {GLOBAL_REGION, region}
                },
                kept=kept.get(collector.name, ()),
                allowance=allowance(),
                now=clock(),
                region=region,
            )
            outcome = _collect(session, collector, earlier, clock)
            outcomes.append(outcome if first is None else outcome.after(first))
    return outcomes


def _unread(
    collectors: Sequence[Collector],
    error: AwsError,
    session: Session,
    seconds: float,
    now: datetime,
    regions: Regions,
) -> list[Outcome]:
    """Return what came of collectors whose session was not opened: all fail by the same cause."""
    outcomes: list[Outcome] = []
    for collector in collectors:
        for region in _regions_of(collector, (), regions):
            # The calls that were made, and their time, count once.
            spent = 0.0 if outcomes else seconds
            outcomes.append(Outcome(collector, (), error, session.log.take(), spent, now, region))
    return outcomes


def _regions_of(
    collector: Collector, outcomes: Iterable[Outcome], regions: Regions
) -> tuple[str, ...]:
    """Return where a collector reads, by what was answered about regions before it."""
    if collector.scope != Scope.REGIONAL:
        return (GLOBAL_REGION,)
    for outcome in outcomes:
        if outcome.complete and asks_for_regions(outcome.collector):
            return regions(enabled_regions(outcome.records))
    return regions(None)


def _collect(session: Session, collector: Collector, earlier: Earlier, clock: Clock) -> Outcome:
    started = time.monotonic()
    records: list[Record] = []
    failure: AwsError | None = None
    try:
        client = session.client(collector.service, paced=collector.paced, region=earlier.region)
        # One by one: what came before an error is known all the same.
        for record in collector.read(client, earlier):
            records.append(record)  # noqa: PERF402
    except AwsError as error:
        failure = error
    except _OWN_FAULTS as error:
        log.exception("collector %s failed in account %s", collector.name, session.role.account_id)
        failure = AwsError(
            f"{collector.name} does not understand what AWS answered: {error!r}",
            code=type(error).__name__,
            remedy="report this: it is a fault of Orgwarden",
        )
    return Outcome(
        collector,
        tuple(records),
        failure,
        session.log.take(),
        time.monotonic() - started,
        clock(),
        earlier.region,
    )


def coverage_of(outcomes: Iterable[Outcome]) -> list[Covered]:
    """Return how the collectors fared, as the store keeps it."""
    return [
        Covered(
            collector=outcome.collector.name,
            region=outcome.region,
            state=outcome.state,
            collected_at=outcome.collected_at,
            error_code=outcome.error.code[:120] if outcome.error else "",
            message=outcome.error.message if outcome.error else "",
            remedy=outcome.error.remedy if outcome.error else "",
            records=len(outcome.records),
            calls=dict(outcome.log.calls),
            throttled=outcome.log.throttled,
            seconds=outcome.seconds,
        )
        for outcome in outcomes
    ]


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

    return [
        Covered(
            collector=collector.name,
            region=region,
            state=state,
            collected_at=now,
            error_code=code,
            message=message,
            remedy=remedy,
        )
        for collector in registry.group_collectors(Reader.ACCOUNT, group)
        for region in _regions_of(collector, (), regions)
    ]
