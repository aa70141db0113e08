"""What evidence rests on: an organization as the newest complete run read it, and live reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from governance.changes.evidence.live_state import LiveReads, with_live
from governance.posture.effective.organization import ManagementOrganization, load_management
from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    load_organization,
)
from inventory.models import Connection, Coverage, InventoryRun
from inventory.selectors.connections import (
    latest_whole_run,
    stale_after,
    state_before_active_run,
)
from inventory.selectors.coverage import latest_coverage
from inventory.viewing import Viewer

EVERYTHING: Final = Viewer(sees_inventory=True)
"""Evidence is made of the whole organization, whoever looks at it afterwards."""


@dataclass(frozen=True)
class CollectedState:
    """The state that a change is held against.

    `run`: the newest complete run, None before the first. `as_of`: the time that stands for it,
    None for now. `incomplete`: what of the organization could not be read, in words.
    `live_texts`: by policy id, the texts that were just read from AWS.
    """

    connection: Connection
    run: InventoryRun | None
    as_of: datetime | None
    organization: CompiledOrganization
    management: ManagementOrganization
    incomplete: tuple[str, ...]
    stale_after: timedelta
    live_texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def read_at(self) -> datetime | None:
        """When the run read the organization."""
        return None if self.run is None else self.run.started_at

    def is_stale(self, now: datetime) -> bool:
        """Whether what is known is older than it should be."""
        return self.read_at is not None and now - self.read_at > self.stale_after


def collected_state(connection: Connection, live: LiveReads | None = None) -> CollectedState:
    """Return an organization as the newest complete run read it, with live reads in their place.

    While a run goes on it is the state before that run, whose rows are half written.
    """
    as_of = state_before_active_run(EVERYTHING, connection=connection)
    where: dict[str, Any] = {"connection": connection, "as_of": as_of}
    organization = load_organization(EVERYTHING, **where)
    management = load_management(EVERYTHING, **where)
    incomplete = list(_not_read(connection, as_of))
    if live is not None:
        organization, management, unknown = with_live(organization, management, live)
        incomplete += unknown
    return CollectedState(
        connection=connection,
        run=latest_whole_run(EVERYTHING, connection=connection, before=as_of),
        as_of=as_of,
        organization=organization,
        management=management,
        incomplete=tuple(incomplete),
        stale_after=stale_after(connection),
        live_texts={} if live is None else live.texts,
    )


def _not_read(connection: Connection, as_of: datetime | None) -> Iterable[str]:
    """Yield what of the tree and the policies was not read when it was last tried."""
    rows = latest_coverage(EVERYTHING, connection=connection, as_of=as_of).filter(
        account_id="", collector__in=(*_TREE, *_POLICIES)
    )
    for row in rows.order_by("collector"):
        if row.state not in (Coverage.State.COMPLETE, Coverage.State.UNSUPPORTED):
            yield f"{row.collector}: {row.get_state_display().lower()}"


_TREE: Final = ("organizations.organizational_units", "organizations.accounts")
_POLICIES: Final = tuple(f"organizations.policies.{kind}" for kind in CONTROL_TYPES)
