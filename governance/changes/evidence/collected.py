"""What evidence rests on: an organization as the newest complete run read it, and live reads."""

import hashlib
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
from inventory.collecting.policies_now import PolicyNow
from inventory.models import Connection, Coverage, InventoryRun
from inventory.selectors.connections import (
    latest_whole_run,
    stale_after,
    state_before_active_run,
)
from inventory.selectors.coverage import latest_coverage
from inventory.viewing import Viewer
from policies import PolicyType

EVERYTHING: Final = Viewer(sees_inventory=True)
"""Evidence is made of the whole organization, whoever looks at it afterwards."""


@dataclass(frozen=True, slots=True)
class LivePolicies:
    """What was just read from AWS of the policies that a plan names.

    `read_at`: when. `policies`: text and targets by policy id, None where AWS has no such policy
    any more. `problem`: why AWS could not be read, in words; then the newest run stands alone.
    """

    read_at: datetime
    policies: Mapping[str, PolicyNow | None] = field(default_factory=dict)
    problem: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the policies that AWS has, by policy id."""
        return {one: found.text for one, found in self.policies.items() if found is not None}

    def as_json(self) -> dict[str, Any]:
        """Return what pages and the API say of the reading."""
        return {
            "read_at": None if self.problem else self.read_at.isoformat(),
            "policy_ids": sorted(self.policies),
            "problem": self.problem,
        }


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
    management = load_management(EVERYTHING, **where)
    incomplete = list(_not_read(connection, as_of))
    if live is not None:
        organization, unknown = with_live(organization, management, live)
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


def with_live(
    organization: CompiledOrganization, management: ManagementOrganization, live: LivePolicies
) -> tuple[CompiledOrganization, tuple[str, ...]]:
    """Return an organization in which live texts and attachments stand, as AWS has them.

    The second part says in words what no run has read yet: targets that the inventory does not
    know, and management policies that differ, whose effect is only computed from a run.
    """
    operations: list[Operation] = []
    strange: list[str] = []
    for policy_id, found in live.policies.items():
        kind = next((one for one in CONTROL_TYPES if policy_id in _by_id(organization, one)), None)
        if kind is not None:
            operations += _as_read(organization, kind, policy_id, found)
            targets = () if found is None else found.target_ids
            strange += [
                f"AWS has {policy_id} attached to {target_id}: no run has read that target"
                for target_id in targets
                if target_id not in organization.names
            ]
        elif policy_id in management.policies and _differs(management, policy_id, found):
            name = management.policies[policy_id].name
            strange.append(f"{name} is not in AWS as the newest run read it: start a run")
    if not operations:
        return organization, tuple(strange)
    drafted = draft(organization, operations, as_collected=True)
    strange += [one.message for one in drafted.problems]
    # Another state than the run's, and so another name for all that is worked out of it.
    marks = tuple((one.kind.value, one.policy_id, one.target_id) for one in operations)
    found_now = drafted.as_organization()
    return replace(found_now, key=(*found_now.key, marks)), tuple(strange)


def _as_read(
    organization: CompiledOrganization, kind: PolicyType, policy_id: str, found: PolicyNow | None
) -> list[Operation]:
    """Return what makes one SCP or RCP of a run's what was just read."""
    if found is None:
        return [Operation(OperationKind.DELETE_POLICY, policy_id=policy_id)]
    control = organization.control(kind)
    held = {
        target_id
        for target_id, policies in control.attached.items()
        if any(policy.policy_id == policy_id for policy in policies)
    }
    now = {one for one in found.target_ids if one in organization.names}
    made = []
    if hashlib.sha256(found.text.encode()).hexdigest() != control.by_id[policy_id].sha256:
        made.append(
            Operation(OperationKind.UPDATE_POLICY, policy_id=policy_id, text=found.text),
        )
    # Attached before detached: no target is without a policy meanwhile.
    for call, targets in (
        (OperationKind.ATTACH_POLICY, now - held),
        (OperationKind.DETACH_POLICY, held - now),
    ):
        made += [
            Operation(call, policy_id=policy_id, target_id=target_id)
            for target_id in sorted(targets)
        ]
    return made


def _by_id(organization: CompiledOrganization, kind: PolicyType) -> Mapping[str, Any]:
    return organization.control(kind).by_id


def _differs(management: ManagementOrganization, policy_id: str, found: PolicyNow | None) -> bool:
    """Whether AWS has a management policy otherwise than it was collected."""
    if found is None:
        return True
    by_target = management.attached.get(management.types[policy_id], {})
    held = {
        target_id
        for target_id, policies in by_target.items()
        if any(policy.policy_id == policy_id for policy in policies)
    }
    known = {one for one in found.target_ids if one in management.organization.names}
    digest = hashlib.sha256(found.text.encode()).hexdigest()
    return digest != management.policies[policy_id].sha256 or known != held
