"""What AWS answered when it was asked for effective policies, and how the asking fared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from inventory.collectors.effective_policies import collector_name
from inventory.models import Connection, Coverage, EffectivePolicy, EffectivePolicyAsking
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from inventory.selectors.coverage import latest_coverage
from inventory.viewing import Viewer, visible

ChainKey = tuple[str, str]
"""Policy type and name of a chain of attached policies."""


@dataclass(frozen=True, slots=True)
class EffectiveAnswer:
    """What AWS said of a chain. `text` of None: that the accounts have no such policy.

    `seen_from`: start of the run that first saw it so. `asked_at`: when it was last asked for,
    None where that was after the time looked back to. `account_id`: the account asked for, empty
    where `asked_at` is None. `policy_updated_at`: when AWS last updated it.
    """

    text: str | None
    seen_from: datetime
    asked_at: datetime | None
    account_id: str
    policy_updated_at: datetime | None


def effective_answers(
    viewer: Viewer,
    *,
    connection: Connection,
    chains: Iterable[ChainKey],
    as_of: datetime | None = None,
) -> Mapping[ChainKey, EffectiveAnswer]:
    """Return AWS's answers for chains, those never asked for are absent; two queries."""
    wanted = set(chains)
    names = {chain for _, chain in wanted}
    rows = visible(EffectivePolicy.objects.as_of(as_of), viewer).filter(
        connection=connection, chain__in=names
    )
    askings = {
        (row.policy_type, row.chain): row
        for row in visible(EffectivePolicyAsking.objects.all(), viewer).filter(
            connection=connection, chain__in=names
        )
        if as_of is None or row.asked_at <= as_of
    }
    found = {}
    for row in rows.select_related("content"):
        key = (row.policy_type, row.chain)
        if key not in wanted:
            continue
        asking = askings.get(key)
        found[key] = EffectiveAnswer(
            text=row.content.text if row.content else None,
            seen_from=row.seen_from,
            asked_at=asking.asked_at if asking else None,
            account_id=asking.account_id if asking else "",
            policy_updated_at=asking.policy_updated_at if asking else None,
        )
    return found


def policies_fared(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Mapping[str, Coverage]:
    """Return the newest coverage of what effective policies rest on, by collector, in one query.

    That is the reading of each management type's policies and the asking for its effective ones.
    """
    names = [
        name
        for kind in MANAGEMENT_POLICY_TYPES
        for name in (collector_name(kind), f"organizations.policies.{kind}")
    ]
    rows = latest_coverage(viewer, connection=connection, as_of=as_of)
    return {row.collector: row for row in rows.filter(account_id="", collector__in=names)}
