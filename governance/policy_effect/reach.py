"""The accounts that a policy reaches from all targets it is attached to, and if it binds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    InForce,
    TargetName,
    load_organization,
)
from inventory.models import Account, Connection, Policy
from inventory.selectors.hierarchy import accounts, policy_types_enabled
from inventory.selectors.policies import attached_target_ids
from inventory.selectors.state_marks import organization_collectors_complete
from inventory.viewing import Viewer
from policies import PolicyType


class Bound(StrEnum):
    """Whether a policy has effect on an account it reaches.

    MANAGEMENT_ACCOUNT: SCPs and RCPs do not bind it. NOT_ENABLED: the root does not have the type
    enabled. NOT_KNOWN: the policies of the type were never read completely.
    """

    BOUND = "bound"
    MANAGEMENT_ACCOUNT = "management_account"
    NOT_ENABLED = "not_enabled"
    NOT_KNOWN = "not_known"


_OF_TYPE: Final = {
    InForce.IN_FORCE: Bound.BOUND,
    InForce.NOT_ENABLED: Bound.NOT_ENABLED,
    InForce.NOT_COLLECTED: Bound.NOT_KNOWN,
}


@dataclass(frozen=True)
class PolicyReach:
    """Where one policy is attached in one state of the organization.

    `attached`: the targets whose place is known, parents first. `unplaced`: the others, whose
    accounts are not known.
    """

    organization: CompiledOrganization
    policy_id: str
    policy_type: str
    in_force: InForce
    attached: tuple[str, ...]
    unplaced: tuple[str, ...]

    @cached_property
    def _via_target(self) -> Mapping[str, tuple[str, ...]]:
        here = set(self.attached)
        found: dict[str, tuple[str, ...]] = {}
        for target_id, name in self.organization.names.items():
            above = found.get(name.parent_id or "", ())
            found[target_id] = (*above, target_id) if target_id in here else above
        return found

    def via(self, account_id: str) -> tuple[TargetName, ...]:
        """Return the targets through which an account is reached, the highest first."""
        names = self.organization.names
        return tuple(names[target_id] for target_id in self._via_target.get(account_id, ()))

    @cached_property
    def account_ids(self) -> tuple[str, ...]:
        """The accounts that are reached, in the tree's order."""
        via = self._via_target
        return tuple(one for one in self.organization.account_ids if via[one])

    @cached_property
    def bound_ids(self) -> tuple[str, ...]:
        """Those of them on which the policy has effect."""
        return tuple(one for one in self.account_ids if self.bound(one) is Bound.BOUND)

    @cached_property
    def touched_ids(self) -> tuple[str, ...]:
        """Those of them on which it has effect, or may: what it makes unknown if unreadable."""
        may = (Bound.BOUND, Bound.NOT_KNOWN)
        return tuple(one for one in self.account_ids if self.bound(one) in may)

    @property
    def exempt_account_id(self) -> str | None:
        """The account that policies of the type do not bind, wherever they are attached."""
        if self.policy_type not in CONTROL_TYPES:
            return None
        return self.organization.management_account_id

    @property
    def of_others(self) -> Bound:
        """What holds for every account but the exempt one."""
        return _OF_TYPE[self.in_force]

    def bound(self, account_id: str) -> Bound:
        """Return whether the policy has effect on an account that it reaches."""
        if account_id == self.exempt_account_id:
            return Bound.MANAGEMENT_ACCOUNT
        return self.of_others

    @cached_property
    def topmost(self) -> tuple[str, ...]:
        """The targets it is attached to that lie below no other of them."""
        names = self.organization.names
        return tuple(
            target_id
            for target_id in self.attached
            if not self._via_target.get(names[target_id].parent_id or "", ())
        )

    def path(self, target_id: str) -> str:
        """Return what the paths of all that lies below a root or OU begin with."""
        names, steps = self.organization.names, []
        step: str | None = target_id
        while step is not None:
            steps.append(step)
            step = names[step].parent_id
        return "".join(f"{one}/" for one in reversed(steps))


def policy_reach(
    viewer: Viewer, *, connection: Connection, policy: Policy, as_of: datetime | None
) -> PolicyReach:
    """Return where a policy is attached, now or at `as_of`, and whom it reaches."""
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    if policy.type in CONTROL_TYPES:
        control = organization.control(PolicyType(policy.type))
        held = control.by_id.get(policy.policy_id)
        target_ids = [one for one, found in control.attached.items() if held in found]
        in_force = control.in_force
    else:
        target_ids = list(
            attached_target_ids(
                viewer, connection=connection, policy_id=policy.policy_id, as_of=as_of
            )
        )
        in_force = InForce.NOT_COLLECTED
        if organization.is_known:
            in_force = _in_force(viewer, connection, policy.type, as_of)
    here = set(target_ids)
    placed = tuple(target_id for target_id in organization.names if target_id in here)
    return PolicyReach(
        organization=organization,
        policy_id=policy.policy_id,
        policy_type=policy.type,
        in_force=in_force,
        attached=placed,
        unplaced=tuple(sorted(here.difference(placed))),
    )


def _in_force(
    viewer: Viewer, connection: Connection, policy_type: str, as_of: datetime | None
) -> InForce:
    """Return whether a type that is neither SCP nor RCP is in force."""
    if policy_type not in policy_types_enabled(viewer, connection=connection, as_of=as_of):
        return InForce.NOT_ENABLED
    name = f"organizations.policies.{policy_type}"
    complete = organization_collectors_complete(
        viewer, connection=connection, collectors=(name,), as_of=as_of
    )
    return InForce.IN_FORCE if name in complete else InForce.NOT_COLLECTED


def reached_accounts(
    viewer: Viewer, *, connection: Connection, reach: PolicyReach, as_of: datetime | None
) -> "QuerySet[Account]":
    """Return the accounts that a policy reaches, each with `bound`, a value of `Bound`.

    Rows and `reach` are of one time.
    """
    below, own = Q(), []
    for target_id in reach.topmost:
        if reach.organization.names[target_id].kind == "ACCOUNT":
            own.append(target_id)
        else:
            below |= Q(path__startswith=reach.path(target_id))
    if own or not below:
        below |= Q(account_id__in=own)
    return (
        accounts(viewer, connection=connection, as_of=as_of)
        .filter(below)
        .annotate(
            bound=Case(
                When(
                    account_id=reach.exempt_account_id or "",
                    then=Value(Bound.MANAGEMENT_ACCOUNT.value),
                ),
                default=Value(reach.of_others.value),
                output_field=CharField(),
            )
        )
    )
