"""One organization at one time as the engine takes it: trees of targets with compiled levels.

`load_organization` costs two short queries while the rows are as they were; an organization that
changed is read in bulk and compiled once a process. The result is shared: never change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from governance.posture.state.organization_rows import OrganizationRows, read_rows
from governance.posture.state.parsed_policies import parsed_contents
from governance.posture.state.process_cache import ProcessCache
from inventory.garbage_collection import freeze_gc
from inventory.models import Connection
from inventory.selectors.state_marks import (
    CollectedMarks,
    StateMarks,
    accounts_ever_complete,
    collected_marks,
    organization_collectors_complete,
    state_marks,
)
from inventory.viewing import Viewer, sees_whole
from policies import Diagnostic, PolicyDocument, PolicyLevel, PolicyType, default_compiler
from policies.evaluation.policy_set import TargetPolicies
from policies.evaluation.request import OrganizationIds as EngineOrganization
from policies.full_access import full_access
from policies.targets import Target, TargetTree

SCP: Final = PolicyType.SERVICE_CONTROL_POLICY
RCP: Final = PolicyType.RESOURCE_CONTROL_POLICY
CONTROL_TYPES: Final = (SCP, RCP)
IAM_COLLECTOR: Final = "iam.authorization_details"
_KEPT: Final = 12
_MANY_TARGETS: Final = 1000


class InForce(StrEnum):
    """Whether policies of a type bind the organization.

    NOT_ENABLED: the root does not have the type enabled, so nothing is limited. NOT_COLLECTED:
    the policies of this type were never read completely, so nothing is known of what they limit.
    """

    IN_FORCE = "in_force"
    NOT_ENABLED = "not_enabled"
    NOT_COLLECTED = "not_collected"


@dataclass(frozen=True, slots=True, eq=False)
class ControlPolicy:
    """An SCP or RCP. `document` is None where the text cannot be read: see `diagnostics`."""

    policy_id: str
    name: str
    aws_managed: bool
    sha256: str
    document: PolicyDocument | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class TargetName:
    """What a target is called. `kind`: ROOT, ORGANIZATIONAL_UNIT or ACCOUNT.

    `state`: an account's, in AWS's words; empty for others.
    """

    target_id: str
    kind: str
    name: str
    parent_id: str | None
    state: str = ""


@dataclass(frozen=True)
class ControlPolicies:
    """The policies of one type, SCP or RCP, over the whole organization.

    `tree` holds the compiled level of every target, equal levels as one object. Policies that
    cannot be read are left out of the levels; what they touch is told by `unreadable_on_path`
    and counts as unknown. Unless `in_force` is IN_FORCE the levels limit nothing.
    """

    policy_type: PolicyType
    in_force: InForce
    tree: TargetTree
    attached: Mapping[str, tuple[ControlPolicy, ...]]
    by_id: Mapping[str, ControlPolicy]

    @cached_property
    def unreadable(self) -> Mapping[str, tuple[ControlPolicy, ...]]:
        """The policies that cannot be read by the target they are attached to."""
        by_target = {
            target_id: tuple(policy for policy in policies if policy.document is None)
            for target_id, policies in self.attached.items()
        }
        return {target_id: found for target_id, found in by_target.items() if found}

    def readable(self, target_id: str) -> tuple[ControlPolicy, ...]:
        """Return the policies of a target in the order of its documents in `target_policies`."""
        return tuple(p for p in self.attached.get(target_id, ()) if p.document is not None)

    def target_policies(self, target_id: str) -> tuple[TargetPolicies, ...] | None:
        """Return the levels that bind a target for an evaluator, None where the type is not on.

        :raises KeyError: no such target.
        """
        path = self.tree.path(target_id)
        if self.in_force is InForce.NOT_ENABLED:
            return None
        return tuple(
            TargetPolicies(
                step.target_id,
                tuple(p.document for p in self.readable(step.target_id) if p.document),
            )
            for step in path
        )

    def unreadable_on_path(self, target_id: str) -> tuple[tuple[str, ControlPolicy], ...]:
        """Return (target id, policy) for each unreadable policy that applies to a target.

        :raises KeyError: no such target.
        """
        return tuple(
            (step.target_id, policy)
            for step in self.tree.path(target_id)
            for policy in self.unreadable.get(step.target_id, ())
        )

    def is_unknown(self, target_id: str) -> bool:
        """Whether what this type leaves a target cannot be told for certain.

        :raises KeyError: no such target.
        """
        if self.in_force is InForce.NOT_COLLECTED:
            return True
        return bool(self.unreadable) and bool(self.unreadable_on_path(target_id))


@dataclass(frozen=True)
class CompiledOrganization:
    """One state of an organization. `key` is equal for equal states: use it to key caches.

    `names`: every target by id, parents first. `unplaced`: accounts and OUs whose parent was not
    collected; they are in no tree, and what binds them is unknown. `is_whole`: it holds all
    accounts and OUs; else only those that whoever asked may see, and what is above them.
    """

    key: tuple[object, ...]
    organization: EngineOrganization
    root_id: str | None
    names: Mapping[str, TargetName]
    unplaced: Mapping[str, TargetName]
    service_control: ControlPolicies
    resource_control: ControlPolicies
    is_whole: bool = True

    def control(self, policy_type: PolicyType) -> ControlPolicies:
        """Return the policies of one type, SCP or RCP."""
        return self.resource_control if policy_type is RCP else self.service_control

    @property
    def is_known(self) -> bool:
        """Whether the organization had been read at that time at all."""
        return self.root_id is not None

    @property
    def management_account_id(self) -> str | None:
        """The account that neither SCPs nor RCPs bind."""
        return self.organization.management_account_id

    @cached_property
    def account_ids(self) -> tuple[str, ...]:
        """The accounts in the tree, in its order."""
        return tuple(name.target_id for name in self.names.values() if name.kind == "ACCOUNT")

    @property
    def unplaced_account_ids(self) -> tuple[str, ...]:
        """The accounts whose place was not collected."""
        return tuple(name.target_id for name in self.unplaced.values() if name.kind == "ACCOUNT")

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each target among `names`, from 0."""
        return {target_id: place for place, target_id in enumerate(self.names)}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The ids directly below each target that has any."""
        found: dict[str, list[str]] = {}
        for name in self.names.values():
            if name.parent_id is not None:
                found.setdefault(name.parent_id, []).append(name.target_id)
        return {target_id: tuple(below) for target_id, below in found.items()}

    def way(self, target_id: str) -> tuple[str, ...]:
        """Return the targets from the root down to this one.

        :raises KeyError: no such target.
        """
        steps = [target_id]
        while (parent_id := self.names[steps[-1]].parent_id) is not None:
            steps.append(parent_id)
        return tuple(reversed(steps))

    def accounts_below(self, target_id: str) -> tuple[str, ...]:
        """Return the accounts at any depth below a target; an account is below itself."""
        if (name := self.names.get(target_id)) is not None and name.kind == "ACCOUNT":
            return (target_id,)
        found: list[str] = []
        steps = [target_id]
        while steps:
            for child in self.children.get(steps.pop(), ()):
                (found if self.names[child].kind == "ACCOUNT" else steps).append(child)
        return tuple(found)


def load_organization(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    marks: StateMarks | None = None,
) -> CompiledOrganization:
    """Return an organization as it is now or was at `as_of`.

    `is_known` of the result is False where it had not been read by then. `marks`: those of who has
    just read them.
    """
    if marks is None:
        marks = state_marks(viewer, connection=connection, as_of=as_of)
    collectors = tuple(f"organizations.policies.{kind}" for kind in CONTROL_TYPES)
    complete = organization_collectors_complete(
        viewer, connection=connection, collectors=collectors, as_of=as_of
    )
    key = (connection.pk, marks, complete)
    known = _organizations.known(key)
    if known is not None:
        return known
    found = _organizations.get(
        key,
        lambda: _compile(
            key,
            read_rows(viewer, connection=connection, as_of=as_of),
            complete,
            is_whole=sees_whole(viewer, connection),
        ),
    )
    if len(found.names) >= _MANY_TARGETS:
        freeze_gc()
    return found


def iam_marks(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> CollectedMarks:
    """Return what identifies the accounts whose IAM was ever collected, without reading them."""
    return collected_marks(viewer, connection=connection, collector=IAM_COLLECTOR, as_of=as_of)


def accounts_without_iam(
    viewer: Viewer,
    *,
    connection: Connection,
    organization: CompiledOrganization,
    as_of: datetime | None = None,
) -> frozenset[str]:
    """Return the accounts whose IAM was never collected: their principals are unknown, not none."""
    covered = accounts_ever_complete(
        viewer, connection=connection, collector=IAM_COLLECTOR, as_of=as_of
    )
    return frozenset(organization.account_ids) - covered


_CacheKey = tuple[int, StateMarks, frozenset[str]]
_organizations: Final[ProcessCache[_CacheKey, CompiledOrganization]] = ProcessCache(most=_KEPT)


def _compile(
    key: _CacheKey, rows: OrganizationRows, complete: frozenset[str], *, is_whole: bool
) -> CompiledOrganization:
    names, unplaced = _names(rows)
    return CompiledOrganization(
        key=key,
        organization=EngineOrganization(rows.organization_id, rows.management_account_id),
        root_id=rows.root[0] if rows.root else None,
        names=names,
        unplaced=unplaced,
        service_control=_control(SCP, rows, names, complete),
        resource_control=_control(RCP, rows, names, complete),
        is_whole=is_whole,
    )


def _names(rows: OrganizationRows) -> tuple[dict[str, TargetName], dict[str, TargetName]]:
    names: dict[str, TargetName] = {}
    if rows.root is not None:
        root_id, name = rows.root
        names[root_id] = TargetName(root_id, "ROOT", name, None)
    waiting = [TargetName(row[0], "ORGANIZATIONAL_UNIT", row[1], row[2]) for row in rows.units]
    unplaced: dict[str, TargetName] = {}
    while waiting:
        placed = [unit for unit in waiting if unit.parent_id in names]
        if not placed:
            unplaced.update((unit.target_id, unit) for unit in waiting)
            break
        names.update((unit.target_id, unit) for unit in placed)
        waiting = [unit for unit in waiting if unit.target_id not in names]
    for account_id, name, parent_id, state in rows.accounts:
        account = TargetName(account_id, "ACCOUNT", name, parent_id, state)
        (names if parent_id in names else unplaced)[account_id] = account
    return names, unplaced


def _control(
    policy_type: PolicyType,
    rows: OrganizationRows,
    names: Mapping[str, TargetName],
    complete: frozenset[str],
) -> ControlPolicies:
    by_id = _policies(policy_type, rows)
    chosen: dict[tuple[str, ...], tuple[ControlPolicy, ...]] = {}
    attached: dict[str, tuple[ControlPolicy, ...]] = {}
    for target_id, policy_ids in rows.attached[policy_type].items():
        policies = chosen.get(policy_ids)
        if policies is None:
            policies = chosen[policy_ids] = tuple(by_id[policy_id] for policy_id in policy_ids)
        attached[target_id] = policies
    if rows.root is None:
        in_force = InForce.NOT_COLLECTED
    elif policy_type not in rows.enabled_types:
        in_force = InForce.NOT_ENABLED
    elif f"organizations.policies.{policy_type}" in complete:
        in_force = InForce.IN_FORCE
    else:
        in_force = InForce.NOT_COLLECTED
    return ControlPolicies(
        policy_type=policy_type,
        in_force=in_force,
        tree=_tree(policy_type, in_force, names, attached),
        attached=attached,
        by_id=by_id,
    )


def _policies(policy_type: PolicyType, rows: OrganizationRows) -> dict[str, ControlPolicy]:
    listed = rows.policies[policy_type]
    parsed = parsed_contents((policy.sha256, policy_type) for policy in listed)
    return {
        policy.policy_id: ControlPolicy(
            policy_id=policy.policy_id,
            name=policy.name,
            aws_managed=policy.aws_managed,
            sha256=policy.sha256,
            document=parsed[policy.sha256].document,
            diagnostics=parsed[policy.sha256].diagnostics,
        )
        for policy in listed
    }


def _tree(
    policy_type: PolicyType,
    in_force: InForce,
    names: Mapping[str, TargetName],
    attached: Mapping[str, tuple[ControlPolicy, ...]],
) -> TargetTree:
    compiler = default_compiler()
    unlimited = compiler.level_of(()) if policy_type is RCP else compiler.level((full_access(SCP),))
    if in_force is not InForce.IN_FORCE:
        return TargetTree(
            Target(name.target_id, name.parent_id, unlimited) for name in names.values()
        )
    # By identity: `attached` holds equal policies as one tuple, and to hash it takes longer.
    levels: dict[int, PolicyLevel] = {}
    targets = []
    for target_id, name in names.items():
        policies = attached.get(target_id, ())
        level = levels.get(id(policies))
        if level is None:
            level = levels[id(policies)] = compiler.level(
                policy.document for policy in policies if policy.document
            )
        targets.append(Target(target_id, name.parent_id, level))
    return TargetTree(targets)
