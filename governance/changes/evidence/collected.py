"""What evidence rests on: an organization as the newest complete run read it, and live reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from governance.edits.draft import draft
from governance.edits.operations import Operation, OperationKind
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


@dataclass(frozen=True, slots=True)
class LivePolicies:
    """What was just read from AWS of the policies and targets that a plan touches.

    `read_at`: when. `texts`: by policy id, None where AWS has no such policy any more.
    `attached`: by target id, the ids of the SCPs and RCPs attached there. `parents`: of accounts.
    """

    read_at: datetime
    texts: Mapping[str, str | None] = field(default_factory=dict)
    attached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)


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


def collected_state(connection: Connection, live: LivePolicies | None = None) -> CollectedState:
    """Return an organization as the newest complete run read it, with live reads in their place.

    While a run goes on it is the state before that run, whose rows are half written.
    """
    as_of = state_before_active_run(EVERYTHING, connection=connection)
    where: dict[str, Any] = {"connection": connection, "as_of": as_of}
    organization = load_organization(EVERYTHING, **where)
    incomplete = list(_not_read(connection, as_of))
    if live is not None:
        organization, unknown = with_live(organization, live)
        incomplete += unknown
    return CollectedState(
        connection=connection,
        run=latest_whole_run(EVERYTHING, connection=connection, before=as_of),
        as_of=as_of,
        organization=organization,
        management=load_management(EVERYTHING, **where),
        incomplete=tuple(incomplete),
        stale_after=stale_after(connection),
        live_texts={one: text for one, text in (live.texts if live else {}).items() if text},
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


def with_live(
    organization: CompiledOrganization, live: LivePolicies
) -> tuple[CompiledOrganization, tuple[str, ...]]:
    """Return an organization in which live texts, attachments and parents stand, as AWS has them.

    The second part says what of them the inventory does not know, in words.
    """
    known = {
        policy_id: kind for kind in CONTROL_TYPES for policy_id in organization.control(kind).by_id
    }
    operations: list[Operation] = []
    strange: list[str] = []
    for policy_id, text in live.texts.items():
        if policy_id not in known:
            continue
        if text is None:
            operations.append(Operation(OperationKind.DELETE_POLICY, policy_id=policy_id))
        else:
            operations.append(
                Operation(OperationKind.UPDATE_POLICY, policy_id=policy_id, text=text)
            )
    gone = {policy_id for policy_id, text in live.texts.items() if text is None}
    for target_id, policy_ids in live.attached.items():
        held = {
            policy.policy_id
            for kind in CONTROL_TYPES
            for policy in organization.control(kind).attached.get(target_id, ())
        } - gone
        for policy_id in sorted(set(policy_ids) - held):
            if policy_id in known:
                operations.append(
                    Operation(OperationKind.ATTACH_POLICY, policy_id=policy_id, target_id=target_id)
                )
            else:
                strange.append(f"AWS has {policy_id} attached to {target_id}: no run has read it")
        operations += [
            Operation(OperationKind.DETACH_POLICY, policy_id=policy_id, target_id=target_id)
            for policy_id in sorted(held - set(policy_ids))
        ]
    drafted = draft(organization, operations, as_collected=True)
    found = drafted.as_organization()
    return _moved(found, live.parents), tuple(strange)


def _moved(organization: CompiledOrganization, parents: Mapping[str, str]) -> CompiledOrganization:
    """Return an organization whose accounts lie where they were just seen."""
    moved = {
        account_id: parent_id
        for account_id, parent_id in parents.items()
        if account_id in organization.names
        and parent_id in organization.names
        and organization.names[account_id].parent_id != parent_id
    }
    if not moved:
        return organization
    names = {
        target_id: replace(name, parent_id=moved[target_id]) if target_id in moved else name
        for target_id, name in organization.names.items()
    }
    controls = []
    for kind in CONTROL_TYPES:
        control = organization.control(kind)
        by_id = control.tree.by_id
        targets = [
            replace(by_id[target_id], parent_id=parent) for target_id, parent in moved.items()
        ]
        controls.append(replace(control, tree=control.tree.replaced(targets)))
    return replace(
        organization,
        key=(*organization.key, tuple(sorted(moved.items()))),
        names=names,
        service_control=controls[0],
        resource_control=controls[1],
    )
