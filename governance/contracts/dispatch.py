"""What follows from contracts in other states, and from edges that were worked out again."""

from datetime import datetime
from typing import Any, Final

from governance.approvals.agreements.changing import State
from governance.contracts.kind import CONTRACT
from governance.contracts.matches import (
    contract_matches_refresh,
    contracts_mark,
    matches_refresh,
)
from governance.contracts.models import TrustContract
from governance.contracts.notices import publish_edges
from governance.posture.trust.dispatch import refresh_send
from governance.posture.trust.findings.registry import register_facts_mark
from governance.posture.trust.signals import edges_refreshed
from inventory.models import Connection

END_DUE: Final = "contracts.end_due"
_HELD: Final = (State.ACTIVE, State.ENDED)


def follow_state(*, contract: TrustContract, to: State, **_: Any) -> None:
    """Have a contract cover its edges once it is active, and none once it has ended."""
    if to in _HELD:
        contract_matches_refresh(contract, moment=contract.updated_at)
        refresh_send(contract.connection_id)


def follow_edges(*, connection: Connection, moment: datetime, now: datetime, **_: Any) -> None:
    """Work out which edges contracts cover, and tell of those that appeared or vanished."""
    matches_refresh(connection, moment=moment)
    publish_edges(connection, moment=moment, now=now)


def register() -> None:
    """Follow the states of contracts, and edges."""
    CONTRACT.state_changed.connect(follow_state, dispatch_uid="contracts.matches")
    edges_refreshed.connect(follow_edges, dispatch_uid="contracts.matches")
    register_facts_mark("contracts", contracts_mark)
