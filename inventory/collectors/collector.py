"""What a collector is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from botocore import xform_name

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsReadFailed
from inventory.records import Record

RecordT = TypeVar("RecordT", bound=Record)

# The region of what has none, in coverage and in rows.
GLOBAL_REGION: Final = "global"
# In the place of a region in coverage: all those in which a collector fared alike.
ALL_REGIONS: Final = "all regions"


class Reader(StrEnum):
    """Which role reads: the organization reader, or the audit role of each account."""

    ORGANIZATION = "organization"
    ACCOUNT = "account"


class Scope(StrEnum):
    """How often a collector reads in a run.

    ORGANIZATION: once. GLOBAL: once in each account, what has no region or is listed over all of
    them. REGIONAL: in each region that is read of each account.
    """

    ORGANIZATION = "organization"
    GLOBAL = "global"
    REGIONAL = "regional"

    @property
    def reader(self) -> Reader:
        """The role that it reads with."""
        return Reader.ORGANIZATION if self is Scope.ORGANIZATION else Reader.ACCOUNT


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows that a complete reading knows whole: those of `record`, where `where` holds.

    What such a reading did not find is gone. `where`: column → value, empty for all rows of the
    scope.
    """

    record: type[Record]
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """An IAM action that a collector needs, by name, and a cheap call that needs it alone.

    `purpose`: what it is read for, as the page of the roles says. `operation`: the client's method
    of that call; empty: the method that has the action's name. `given`: its parameters; texts may
    hold `{root_id}`, `{account_id}`, `{partition}` and `{region}`, filled in by who calls it, and
    what other actions of the group find. `finds`: name → the keys and places in the answer that
    lead to a value for these. `region`: where to call, if not where the group reads; may hold
    names too.
    """

    name: str
    purpose: str
    operation: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    finds: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    region: str = ""

    @property
    def method(self) -> str:
        """The method of the client that tries the action."""
        return self.operation or xform_name(self.name.partition(":")[2])


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much one run may ask for what does not change by itself.

    `calls` and `seconds`: of all such collectors together. `again_after`: an answer that old is
    asked for again.
    """

    calls: int
    seconds: float
    again_after: timedelta


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known when a collector begins, for one that asks AWS by what was read before.

    `read`: what the collectors of its group before it read in this run, by collector, only of those
    that were complete: for one that is REGIONAL, of those that are GLOBAL and of its own region.
    `kept`: what the store holds of this collector's own earlier readings, as the records that they
    were. `now`: when the collector begins. `region`: where it reads; `GLOBAL_REGION` unless it is
    REGIONAL.
    """

    read: Mapping[str, tuple[Record, ...]]
    kept: tuple[Record, ...]
    allowance: Allowance
    now: datetime
    region: str = GLOBAL_REGION

    def read_by(self, collector: str, record: type[RecordT]) -> list[RecordT]:
        """Return the records of one type that another collector of the group read in this run.

        :raises AwsReadFailed: it was not complete.
        """
        if collector not in self.read:
            raise AwsReadFailed(
                f"this is read by what {collector} reads, and that was not read completely",
                code="NotRead",
                remedy=f"see the coverage of {collector}",
            )
        return [each for each in self.read[collector] if isinstance(each, record)]


Read = Callable[[AwsClient, Earlier], Iterator[Record]]


def alone(read: Callable[[AwsClient], Iterator[Record]]) -> Read:
    """Return the reading of a collector that needs nothing but AWS."""

    def read_alone(client: AwsClient, earlier: Earlier) -> Iterator[Record]:
        return read(client)

    return read_alone


@dataclass(frozen=True, slots=True)
class Collector:
    """One reading.

    `name`: `group.topic`, as in coverage. `label`: what it reads, as screens and documents say
    it. `service`: the boto3 client's name. `actions`: the IAM actions it needs. `read`: yields
    records, raises `AwsError`; most read `alone`. `covers`: what a complete reading knows whole.
    `after`: the collectors whose records it reads by; all of them run before it. `essential`:
    without it the organization's structure is not known, and nothing of the run may be kept.
    `paced`: calls keep to the pace of the organization's limits. `live_actions`: what its role
    needs besides, to read single things of this kind at one moment, outside of runs.
    """

    name: str
    label: str
    scope: Scope
    service: str
    actions: tuple[Action, ...]
    read: Read
    covers: tuple[Slice, ...]
    after: tuple[str, ...] = ()
    essential: bool = False
    paced: bool = False
    live_actions: tuple[Action, ...] = ()

    @property
    def group(self) -> str:
        """The collectors that are read together: in one task, with one session of their actions."""
        return self.name.partition(".")[0]
