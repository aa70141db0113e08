"""Which regions an account has: asked at the beginning of each group that reads regions."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsMalformed
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.record_types import Record
from inventory.records import RegionRecord

_BY_DEFAULT: Final = "ENABLED_BY_DEFAULT"
# What account:ListRegions says of regions that can be called.
_ENABLED: Final = frozenset({"ENABLED", _BY_DEFAULT})
# Every account has these, and none can disable one (account management guide, "Enable or disable
# AWS Regions in your account": those launched before 20 March 2019, and Osaka).
DEFAULT_REGIONS: Final = frozenset(
    {
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1"),
        *("ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1"),
        *("eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1"),
        "us-west-2",
    }
)
_TOPIC: Final = "regions"


def collect_regions(account: AwsClient) -> Iterator[RegionRecord]:
    """Yield every region that AWS has for an account, opted in or not.

    AWS: account:ListRegions.
    :raises AwsMalformed: none is enabled; every account has some.
    """
    regions = [
        RegionRecord(region["RegionName"], region["RegionOptStatus"])
        for region in account.paginate("list_regions", "Regions", MaxResults=50)
    ]
    if not enabled_regions(regions):
        raise AwsMalformed(
            "AWS names no enabled region, although every account has some",
            code="NoEnabledRegion",
            remedy="the next run asks again; until then the regions of the last reading are read",
        )
    yield from regions


def regions_collector(group: str) -> Collector:
    """Return the collector that asks for an account's regions on behalf of a group."""
    return Collector(
        name=f"{group}.{_TOPIC}",
        label="Enabled regions",
        scope=Scope.GLOBAL,
        service="account",
        actions=(
            Action(
                "account:ListRegions",
                "which regions to read; not needed where the connection names only regions that "
                "every account has",
                given={"MaxResults": 1},
            ),
        ),
        read=alone(collect_regions),
        covers=(),
    )


def asked_only_if_unknown(collector: Collector, limit: Collection[str]) -> Collector:
    """Return a collector that asks nothing where the answer is known, or else the same one.

    `limit`: the regions that a connection reads at most. If every account has them, it need not
    be asked which it has.
    """
    if not limit or not DEFAULT_REGIONS.issuperset(limit) or not asks_for_regions(collector):
        return collector
    known = tuple(RegionRecord(name, _BY_DEFAULT) for name in sorted(limit))
    return replace(collector, actions=(), read=alone(lambda account: iter(known)))


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
