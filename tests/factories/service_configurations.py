"""How services are set up in accounts, and how well that was read."""

from collections.abc import Iterable
from typing import Any

from inventory.models import Connection, Coverage, InventoryRun, ServiceConfiguration
from inventory.service_facts import ServiceKind
from tests.factories.runs import CoverageFactory, store_coverage
from tests.factories.versions import VersionFactory

GOOD_TRAIL: dict[str, Any] = {
    "organization_trail": True,
    "multi_region": True,
    "global_service_events": True,
    "log_file_validation": True,
    "bucket": "organization-trail",
    "logging": True,
    "delivery_error": "",
    "management_events": "all",
}
GOOD_RECORDER: dict[str, Any] = {
    "recording": True,
    "last_status": "SUCCESS",
    "all_supported": True,
    "service_principal": "",
}
GOOD_CHANNEL: dict[str, Any] = {
    "bucket": "organization-config",
    "last_status": "SUCCESS",
    "last_error": "",
}
GOOD_HUB: dict[str, Any] = {"standards": ["cis"], "standards_not_ready": []}


class ServiceConfigurationFactory(VersionFactory[ServiceConfiguration]):
    """A row of any kind; `configuration` makes one of a declared kind."""

    class Meta:
        model = ServiceConfiguration


def configuration(
    connection: Connection,
    kind: ServiceKind,
    account_id: str,
    *,
    region: str = "global",
    name: str = "default",
    arn: str = "",
    unknown: dict[str, str] | None = None,
    **facts: Any,
) -> ServiceConfiguration:
    """Store a row of a kind; facts that are not given are None."""
    record = kind.record(facts, region=region, name=name, arn=arn, unknown=unknown or {})
    made: ServiceConfiguration = ServiceConfigurationFactory.create(
        connection=connection,
        account_id=account_id,
        service=record.service,
        region=region,
        kind=record.kind,
        name=name,
        arn=arn,
        facts=dict(record.facts),
        unknown=dict(record.unknown),
    )
    return made


def covered_kinds(
    run: InventoryRun,
    account_id: str,
    kinds: Iterable[ServiceKind],
    *,
    regions: Iterable[str] = ("global",),
    state: Coverage.State = Coverage.State.COMPLETE,
    message: str = "",
) -> None:
    """Have a run read some kinds in some regions of an account; the organization's own: empty."""
    collectors = sorted({kind.collector for kind in kinds})
    store_coverage(
        CoverageFactory.build(
            run=run,
            account_id=account_id,
            collector=collector,
            region=region,
            state=state,
            message=message,
        )
        for collector in collectors
        for region in regions
    )
