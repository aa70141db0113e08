"""In which regions of an account a group of collectors reads."""

from inventory.collectors.collector import GLOBAL_REGION
from inventory.models import Connection, Coverage


def regions_to_read(
    connection: Connection, *, account_id: str, group: str, enabled: tuple[str, ...] | None
) -> tuple[str, ...]:
    """Return the regions in which a group's regional collectors read an account, sorted.

    `enabled`: what AWS said; None: it did not say. Then those where the group was read last, or
    else the connection's, or else its home region. The connection's regions, if it names any, are
    the most that is read.
    """
    limit = frozenset(connection.regions)
    known = enabled if enabled is not None else _last_read(connection, account_id, group)
    if enabled is None and not known:
        known = tuple(limit or {connection.home_region})
    return tuple(sorted(region for region in known if not limit or region in limit))


def _last_read(connection: Connection, account_id: str, group: str) -> tuple[str, ...]:
    found = (
        Coverage.objects.filter(
            connection=connection,
            account_id=account_id,
            summary__group=group,
            held_until__isnull=True,
        )
        .exclude(region=GLOBAL_REGION)
        .exclude(state=Coverage.State.UNSUPPORTED)
        .order_by()
        .values_list("region", flat=True)
        .distinct()
    )
    return tuple(found)
