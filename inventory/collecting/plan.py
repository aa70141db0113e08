"""In which regions of an account a group of collectors reads."""

from collections.abc import Collection

from inventory.collectors.collector import ALL_REGIONS, GLOBAL_REGION
from inventory.models import Connection, Coverage, GroupCoverage


def regions_to_read(
    connection: Connection, *, account_id: str, group: str, enabled: tuple[str, ...] | None
) -> tuple[str, ...]:
    """Return the regions in which a group's regional collectors read an account, sorted.

    `enabled`: what AWS said; None: it did not say. Then those where the group was read last, or
    else the connection's, or else its home region. The connection's regions, if it names any, are
    the most that is read. Empty: AWS said that the account has enabled none of these.
    """
    limit = frozenset(connection.regions)
    known: Collection[str] = (
        enabled if enabled is not None else _last_read(connection, account_id, group)
    )
    chosen = [region for region in known if not limit or region in limit]
    if enabled is None and not chosen:
        chosen = list(limit or {connection.home_region})
    return tuple(sorted(chosen))


def _last_read(connection: Connection, account_id: str, group: str) -> frozenset[str]:
    own = {"connection": connection, "account_id": account_id}
    apart = (
        Coverage.objects.filter(**own, summary__group=group, held_until__isnull=True)
        .exclude(region__in=(GLOBAL_REGION, ALL_REGIONS))
        .exclude(state=Coverage.State.UNSUPPORTED)
        .order_by()
        .values_list("region", flat=True)
        .distinct()
    )
    summary = GroupCoverage.objects.filter(**own, group=group).first()
    alike = {
        region
        for took in (summary.measures.values() if summary else ())
        for region in took.get(ALL_REGIONS, {}).get("regions", ())
    }
    return frozenset(apart) | alike
