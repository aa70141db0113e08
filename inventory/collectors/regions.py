"""Which regions an account has: asked at the beginning of each group that reads regions."""

from collections.abc import Iterable, Iterator
from typing import Final

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.record_types import Record
from inventory.records import RegionRecord

# What account:ListRegions says of regions that can be called.
_ENABLED: Final = frozenset({"ENABLED", "ENABLED_BY_DEFAULT"})
_TOPIC: Final = "regions"


def collect_regions(account: AwsClient) -> Iterator[RegionRecord]:
    """Yield every region that AWS has for an account, opted in or not.

    AWS: account:ListRegions.
    """
    for region in account.paginate("list_regions", "Regions", MaxResults=50):
        yield RegionRecord(region["RegionName"], region["RegionOptStatus"])


def regions_collector(group: str) -> Collector:
    """Return the collector that asks for an account's regions on behalf of a group."""
    return Collector(
        name=f"{group}.{_TOPIC}",
        label="Enabled regions",
        scope=Scope.GLOBAL,
        service="account",
        actions=(Action("account:ListRegions", "which regions to read", given={"MaxResults": 1}),),
        read=alone(collect_regions),
        covers=(),
    )


def asks_for_regions(collector: Collector) -> bool:
    """Whether it is one that `regions_collector` made."""
    return collector.service == "account" and collector.name == f"{collector.group}.{_TOPIC}"


def enabled_regions(records: Iterable[Record]) -> tuple[str, ...]:
    """Return the names of the regions that can be called, sorted."""
    return tuple(
        sorted(
            record.name
            for record in records
            if isinstance(record, RegionRecord) and record.opt_status in _ENABLED
        )
    )
