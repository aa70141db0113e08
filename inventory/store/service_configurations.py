"""What the store holds of how services are set up, given back to collectors that read it again."""

from collections.abc import Mapping

from inventory.models import Connection, ServiceConfiguration
from inventory.records import Record, ServiceConfigurationRecord
from inventory.service_facts import CATALOG_CONTROL, ENABLED_CONTROL

# What changes only by an operation that AWS names, or hardly ever.
_READ_AGAIN = (ENABLED_CONTROL, CATALOG_CONTROL)


def kept_service_configurations(connection: Connection) -> Mapping[str, tuple[Record, ...]]:
    """Return what is held of enabled controls and of the catalogue, by collector, in one query."""
    collectors = {(each.service, each.kind): each.collector for each in _READ_AGAIN}
    found: dict[str, list[Record]] = {}
    for row in ServiceConfiguration.objects.filter(
        connection=connection,
        service__in={each.service for each in _READ_AGAIN},
        kind__in={each.kind for each in _READ_AGAIN},
        seen_until__isnull=True,
    ):
        found.setdefault(collectors[row.service, row.kind], []).append(
            ServiceConfigurationRecord(
                service=row.service,
                region=row.region,
                kind=row.kind,
                name=row.name,
                arn=row.arn,
                facts=row.facts,
                unknown=row.unknown,
                account_id=row.account_id,
            )
        )
    return {name: tuple(records) for name, records in found.items()}
