"""What a collector is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from inventory.aws.client import AwsClient
from inventory.records import Record


class Scope(StrEnum):
    """Where a collector reads: once for the organization, or in each account."""

    ORGANIZATION = "organization"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows that a complete reading knows whole: those of `record`, where `where` holds.

    What such a reading did not find is gone. `where`: column → value, empty for all rows of the
    scope.
    """

    record: type[Record]
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collector:
    """One reading.

    `name`: `service.topic`, as in coverage. `service`: the boto3 client's name. `actions`: the IAM
    actions it needs, by name. `read`: yields records, raises `AwsError`. `covers`: what a complete
    reading knows whole. `essential`: without it the organization's structure is not known, and
    nothing of the run may be kept. `paced`: calls keep to the pace of the organization's limits.
    """

    name: str
    scope: Scope
    service: str
    actions: tuple[str, ...]
    read: Callable[[AwsClient], Iterator[Record]]
    covers: tuple[Slice, ...]
    essential: bool = False
    paced: bool = False
