"""When AWS was asked for effective policies: kept in place, and given back to who asks next."""

from collections.abc import Iterable, Mapping
from typing import Final

from inventory.collectors.effective_policies import collector_name
from inventory.models import Connection, EffectivePolicy, EffectivePolicyAsking
from inventory.records import EffectivePolicyAskingRecord, EffectivePolicyRecord, Record

_KEPT: Final = ("account_id", "asked_at", "policy_updated_at")
_BATCH: Final = 1000


def keep_askings(
    read: Iterable[EffectivePolicyAskingRecord],
    *,
    connection: Connection,
    policy_type: str,
    complete: bool,
) -> None:
    """Store when AWS was asked for the chains of one type.

    A chain that is gone loses its row, if the reading was `complete`.
    """
    wanted = {record.chain: record for record in read}
    EffectivePolicyAsking.objects.bulk_create(
        [
            EffectivePolicyAsking(
                connection=connection,
                policy_type=policy_type,
                chain=chain,
                **{name: getattr(wanted[chain], name) for name in _KEPT},
            )
            # In one order everywhere, so that two writers never wait for each other.
            for chain in sorted(wanted)
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["connection", "policy_type", "chain"],
        update_fields=_KEPT,
    )
    if complete:
        EffectivePolicyAsking.objects.filter(
            connection=connection, policy_type=policy_type
        ).exclude(chain__in=list(wanted)).delete()


def kept_effective_policies(connection: Connection) -> Mapping[str, tuple[Record, ...]]:
    """Return what the collectors of effective policies read before, by collector, in two queries.

    Only answers of which it is known when they were given.
    """
    askings = {
        (row.policy_type, row.chain): row
        for row in EffectivePolicyAsking.objects.filter(connection=connection)
    }
    found: dict[str, list[Record]] = {}
    for row in EffectivePolicy.objects.filter(
        connection=connection, seen_until__isnull=True
    ).select_related("content"):
        asking = askings.get((row.policy_type, row.chain))
        if asking is None:
            continue
        found.setdefault(collector_name(row.policy_type), []).extend(
            (
                EffectivePolicyRecord(
                    row.policy_type, row.chain, row.content.text if row.content else None
                ),
                EffectivePolicyAskingRecord(
                    row.policy_type,
                    row.chain,
                    asking.account_id,
                    asking.asked_at,
                    asking.policy_updated_at,
                ),
            )
        )
    return {name: tuple(records) for name, records in found.items()}
