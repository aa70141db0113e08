"""What was just read from AWS, and the newest run's state with it in place."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from governance.changes.evidence.management_changes import management_after
from governance.edits.draft import draft
from governance.edits.operations import Operation, OperationKind
from governance.posture.effective.organization import ManagementOrganization
from governance.posture.state.organization import CONTROL_TYPES, CompiledOrganization
from inventory.collecting.policies_now import FoundNow, PolicyNow, TargetNow
from policies import PolicyType

_NOTHING: Final = FoundNow()
_NOT_ASKED: Final = TargetNow("", {})


@dataclass(frozen=True, slots=True)
class LiveReads:
    """What was just read from AWS of the policies and targets that a request concerns.

    `read_at`: when. `problem`: why no policy could be read, in words; then the newest run stands
    alone.
    """

    read_at: datetime
    found: FoundNow = _NOTHING
    problem: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the policies that AWS has, by policy id."""
        return {one: found.text for one, found in self.found.policies.items() if found is not None}

    def as_json(self) -> dict[str, Any]:
        """Return what pages and the API say of the reading."""
        return {
            "read_at": None if self.problem else self.read_at.isoformat(),
            "policy_ids": sorted(self.found.policies),
            "target_ids": sorted(self.found.targets),
            "targets_left": len(self.found.left),
            "places": sorted(self.found.places),
            "places_left": sorted(self.found.places_left),
            "problem": self.problem or self.found.problem,
        }


def with_live(
    organization: CompiledOrganization, management: ManagementOrganization, live: LiveReads
) -> tuple[CompiledOrganization, ManagementOrganization, tuple[str, ...]]:
    """Return an organization in which live texts, attachments and parents stand, as AWS has them.

    The last part says in words what only a run can tell: targets and accounts that the inventory
    does not know, accounts in other OUs, whose owners follow from the run's tree, and management
    policies that differ, whose effect is only computed from a run.
    """
    found = live.found
    strange = [*_management_differing(management, found), *_moved_since(organization, found)]
    operations = list(_moves(organization, found))
    for kind in CONTROL_TYPES:
        read = _ControlRead(organization, management, kind, found)
        operations += read.operations()
        strange += read.strange
    if not operations:
        return organization, management, tuple(strange)
    drafted = draft(organization, operations, as_collected=True)
    strange += [one.message for one in drafted.problems]
    # Another state than the run's, and so another name for all that is worked out of it.
    marks = tuple(
        (one.kind.value, one.policy_id, one.target_id, one.parent_id) for one in operations
    )
    now = drafted.as_organization()
    now = replace(now, key=(*now.key, marks))
    if drafted.parents:
        management = management_after(management, (), drafted)
    return now, management, tuple(strange)


class _ControlRead:
    """The SCPs, or RCPs, as they were just read, beside the run's."""

    def __init__(
        self,
        organization: CompiledOrganization,
        management: ManagementOrganization,
        kind: PolicyType,
        found: FoundNow,
    ) -> None:
        self._organization = organization
        self._control = organization.control(kind)
        self._kind = kind
        self._targets = found.targets
        self._policies = {
            policy_id: one
            for policy_id, one in found.policies.items()
            if policy_id in self._control.by_id
            or (
                policy_id not in management.policies
                and one is not None
                and one.policy_type == kind.value
            )
        }
        self.strange: list[str] = []

    def operations(self) -> list[Operation]:
        """Return what makes the run's policies and attachments of the type what was read."""
        made = list(self._written())
        collected = {
            target_id: {policy.policy_id for policy in held}
            for target_id, held in self._control.attached.items()
        }
        gone = {one for one, read in self._policies.items() if read is None}
        known = {*self._control.by_id, *self._policies} - gone
        for target_id, held in self._attached(collected).items():
            before = collected.get(target_id, set())
            for policy_id in sorted(held - before):
                if policy_id in known:
                    made.append(_placed(OperationKind.ATTACH_POLICY, policy_id, target_id))
                else:
                    self.strange.append(
                        f"AWS has {policy_id} attached to {target_id}: no run has read that policy"
                    )
            # Attached before detached: no target is without a policy meanwhile.
            made += [
                _placed(OperationKind.DETACH_POLICY, policy_id, target_id)
                for policy_id in sorted(before - held - gone)
            ]
        made += [Operation(OperationKind.DELETE_POLICY, policy_id=one) for one in sorted(gone)]
        return made

    def _written(self) -> Iterator[Operation]:
        for policy_id, read in self._policies.items():
            if read is None:
                continue
            known = self._control.by_id.get(policy_id)
            if known is None:
                yield Operation(
                    OperationKind.CREATE_POLICY,
                    policy_id=policy_id,
                    name=read.name,
                    policy_type=self._kind.value,
                    text=read.text,
                )
            elif _digest(read.text) != known.sha256:
                yield Operation(OperationKind.UPDATE_POLICY, policy_id=policy_id, text=read.text)

    def _attached(self, collected: Mapping[str, set[str]]) -> dict[str, set[str]]:
        """Return the policies at each target of which something was read."""
        found: dict[str, set[str]] = {}
        for policy_id, read in self._policies.items():
            now = set() if read is None else set(read.target_ids)
            for target_id in sorted(now - self._organization.names.keys()):
                self.strange.append(
                    f"AWS has {policy_id} attached to {target_id}: no run has read that target"
                )
            held = {one for one, policies in collected.items() if policy_id in policies}
            for target_id in sorted((now & self._organization.names.keys()) | held):
                here = found.setdefault(target_id, set(collected.get(target_id, ())))
                (here.add if target_id in now else here.discard)(policy_id)
        for target_id, target in self._targets.items():
            known = target_id in self._organization.names
            if known and target is not None and self._kind.value in target.attached:
                found[target_id] = set(target.attached[self._kind.value])
        return found


def _moves(organization: CompiledOrganization, found: FoundNow) -> Iterator[Operation]:
    for account_id, parent_id in _parents_differing(organization, found).items():
        if parent_id in organization.names:
            yield Operation(OperationKind.MOVE_ACCOUNT, target_id=account_id, parent_id=parent_id)


def _parents_differing(organization: CompiledOrganization, found: FoundNow) -> dict[str, str]:
    """Return the accounts that AWS has elsewhere than the run, with the parent they have now."""
    now = {one: target.parent_id for one, target in found.targets.items() if target}
    for unit_id, accounts in found.accounts.items():
        now |= dict.fromkeys(accounts, unit_id)
    names = organization.names
    return {
        account_id: parent_id
        for account_id, parent_id in now.items()
        if parent_id and account_id in names and names[account_id].parent_id != parent_id
    }


def _moved_since(organization: CompiledOrganization, found: FoundNow) -> Iterator[str]:
    """Say which targets are elsewhere, gone or new since the run."""
    names = organization.names
    differing = _parents_differing(organization, found)
    for account_id, parent_id in differing.items():
        place = names[parent_id].name if parent_id in names else parent_id
        yield (
            f"{names[account_id].name} was moved to {place} since the newest run, which knows its "
            "owners by its old place: start a run"
        )
    for target_id, target in found.targets.items():
        if target is None and target_id in names:
            yield f"{names[target_id].name} is not in AWS any more: start a run"
    for unit_id, accounts in found.accounts.items():
        unit = names[unit_id].name if unit_id in names else unit_id
        for account_id, name in accounts.items():
            if account_id not in names:
                yield (
                    f"account {name} ({account_id}) joined {unit} since the newest run, and what "
                    "it gets is not known: start a run"
                )
    listed = {account_id for accounts in found.accounts.values() for account_id in accounts}
    left = {
        account_id: place
        for place in found.places
        if place in names
        for account_id in organization.accounts_below(place)
        if account_id not in listed and account_id not in differing
    }
    for account_id, place in left.items():
        if found.targets.get(account_id, _NOT_ASKED) is not None:
            yield (
                f"{names[account_id].name} is not below {names[place].name} any more since the "
                "newest run: start a run"
            )


def _management_differing(management: ManagementOrganization, found: FoundNow) -> Iterator[str]:
    """Say which management policies AWS has otherwise than they were collected."""
    names = management.organization.names
    policies = found.policies.items()
    differing = {
        policy_id
        for policy_id, read in policies
        if policy_id in management.policies and _differs(management, policy_id, read)
    }
    for policy_id in sorted(differing):
        name = management.policies[policy_id].name
        yield f"{name} is not in AWS as the newest run read it: start a run"
    for target_id, target in found.targets.items():
        for kind, held in ({} if target is None else target.attached).items():
            if kind not in management.attached or target_id not in names:
                continue
            collected = management.attached[kind].get(target_id, ())
            changed = {policy.policy_id for policy in collected} ^ set(held)
            if changed - differing:
                yield (
                    f"{names[target_id].name} has other policies of the type {kind} than the "
                    "newest run read: start a run"
                )


def _differs(management: ManagementOrganization, policy_id: str, read: PolicyNow | None) -> bool:
    """Whether AWS has a management policy otherwise than it was collected."""
    if read is None:
        return True
    by_target = management.attached.get(management.types[policy_id], {})
    held = {
        target_id
        for target_id, policies in by_target.items()
        if any(policy.policy_id == policy_id for policy in policies)
    }
    known = {one for one in read.target_ids if one in management.organization.names}
    return _digest(read.text) != management.policies[policy_id].sha256 or known != held


def _placed(kind: OperationKind, policy_id: str, target_id: str) -> Operation:
    return Operation(kind, policy_id=policy_id, target_id=target_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
