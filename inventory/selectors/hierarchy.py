"""The organization's tree: root, OUs and accounts with the policies attached at each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from inventory.models import (
    Account,
    Connection,
    Organization,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
)
from inventory.policy_types import DEFAULT_POLICY_IDS, POLICY_TYPE_BY_NAME, policy_type
from inventory.viewing import Viewer, visible


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A policy as attached at one target. `is_default`: FullAWSAccess or RCPFullAWSAccess."""

    policy_id: str
    name: str
    type: str
    aws_managed: bool

    @property
    def is_default(self) -> bool:
        """Whether AWS attaches it by itself to every target."""
        return self.policy_id in DEFAULT_POLICY_IDS


@dataclass(slots=True)
class TreeNode:
    """The root, an OU or an account. `accounts`: how many lie at any depth below.

    `inherited`: policies by type attached above, the default ones left out. `children` holds the
    OUs; accounts are read apart, since there may be thousands.
    """

    target_id: str
    kind: str
    name: str
    parent_id: str
    depth: int
    policies: tuple[AttachedPolicy, ...]
    inherited: Counter[str]
    accounts: int = 0
    accounts_here: int = 0
    children: list["TreeNode"] = field(default_factory=list)

    @property
    def own(self) -> Counter[str]:
        """Policies by type attached here, the default ones left out."""
        return Counter(policy.type for policy in self.policies if not policy.is_default)


@dataclass(frozen=True, slots=True)
class Tree:
    """The organization at one time. `root` is None before the first run."""

    root: TreeNode | None
    by_id: dict[str, TreeNode]
    enabled_policy_types: frozenset[str]
    attachments: int

    def lacks_full_access(self, node: TreeNode) -> bool:
        """Whether SCPs are enabled and FullAWSAccess is not attached here: an allow list."""
        return "SERVICE_CONTROL_POLICY" in self.enabled_policy_types and all(
            policy.policy_id != "p-FullAWSAccess" for policy in node.policies
        )


def organization(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Organization | None:
    """Return the organization's own row, None before the first run or at a time before it."""
    return visible(Organization.objects.as_of(as_of), viewer).filter(connection=connection).first()


def organizational_units(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[OrganizationalUnit]:
    """Every OU at that time."""
    return visible(OrganizationalUnit.objects.as_of(as_of), viewer).filter(connection=connection)


def accounts(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[Account]:
    """Every account at that time, suspended ones too."""
    return visible(Account.objects.as_of(as_of), viewer).filter(connection=connection)


def attached_policies(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    target_ids: Iterable[str] | None = None,
) -> dict[str, tuple[AttachedPolicy, ...]]:
    """Return the policies by target, by type and name, for all targets or those given."""
    attachments = visible(PolicyAttachment.objects.as_of(as_of), viewer).filter(
        connection=connection
    )
    if target_ids is not None:
        attachments = attachments.filter(target_id__in=list(target_ids))
    pairs = list(attachments.values_list("target_id", "policy_id"))
    policies = {
        policy_id: AttachedPolicy(policy_id, name, kind, aws_managed)
        for policy_id, name, kind, aws_managed in visible(Policy.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .values_list("policy_id", "name", "type", "aws_managed")
    }
    by_target: dict[str, list[AttachedPolicy]] = {}
    for target_id, policy_id in pairs:
        if policy_id in policies:
            by_target.setdefault(target_id, []).append(policies[policy_id])
    return {
        target_id: tuple(sorted(found, key=lambda policy: (policy.type, policy.name)))
        for target_id, found in by_target.items()
    }


def tree(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    attached: dict[str, tuple[AttachedPolicy, ...]] | None = None,
) -> Tree:
    """Build the tree of the root and OUs with counts of accounts, in five queries.

    `attached`: what `attached_policies` returned for all targets, if that is read already.
    """
    root_row = visible(Root.objects.as_of(as_of), viewer).filter(connection=connection).first()
    if root_row is None:
        return Tree(None, {}, frozenset(), 0)
    policies = attached
    if policies is None:
        policies = attached_policies(viewer, connection=connection, as_of=as_of)
    root = TreeNode(
        root_row.target_id,
        PolicyAttachment.TargetType.ROOT,
        root_row.name,
        "",
        0,
        policies.get(root_row.target_id, ()),
        Counter(),
    )
    by_id = {root.target_id: root}
    # A parent's path is shorter than its children's, so every parent comes before them.
    for unit in sorted(
        organizational_units(viewer, connection=connection, as_of=as_of),
        key=lambda unit: (unit.path.count("/"), unit.name.casefold()),
    ):
        parent = by_id.get(unit.parent_id)
        if parent is None:
            continue
        node = TreeNode(
            unit.target_id,
            PolicyAttachment.TargetType.ORGANIZATIONAL_UNIT,
            unit.name,
            unit.parent_id,
            parent.depth + 1,
            policies.get(unit.target_id, ()),
            parent.inherited + parent.own,
        )
        by_id[node.target_id] = node
        parent.children.append(node)
    parents = accounts(viewer, connection=connection, as_of=as_of).values_list(
        "parent_id", flat=True
    )
    for parent_id, count in Counter(parents).items():
        at: TreeNode | None = by_id.get(parent_id)
        if at is not None:
            at.accounts_here = count
        while at is not None:
            at.accounts += count
            at = by_id.get(at.parent_id)
    return Tree(
        root=root,
        by_id=by_id,
        enabled_policy_types=_enabled(root_row),
        attachments=sum(len(found) for found in policies.values()),
    )


@dataclass(frozen=True, slots=True)
class Level:
    """One step on the way from the root to a target, with the policies attached at it."""

    target_id: str
    kind: str
    name: str
    policies: tuple[AttachedPolicy, ...]


def levels(
    viewer: Viewer, *, connection: Connection, target_id: str, as_of: datetime | None = None
) -> list[Level]:
    """Return the levels from the root down to `target_id`; empty where there is no such target."""
    found = _target(viewer, connection=connection, target_id=target_id, as_of=as_of)
    if found is None:
        return []
    kind, name, path = found
    chain = [step for step in path.split("/") if step]
    if target_id not in chain:
        chain.append(target_id)
    units = dict(
        organizational_units(viewer, connection=connection, as_of=as_of)
        .filter(target_id__in=chain)
        .values_list("target_id", "name")
    )
    policies = attached_policies(viewer, connection=connection, as_of=as_of, target_ids=chain)
    steps = []
    for step in chain:
        if step.startswith("r-"):
            step_kind, step_name = PolicyAttachment.TargetType.ROOT, "Root"
        elif step == target_id:
            step_kind, step_name = PolicyAttachment.TargetType(kind), name
        else:
            step_kind = PolicyAttachment.TargetType.ORGANIZATIONAL_UNIT
            step_name = units.get(step, step)
        steps.append(Level(step, step_kind, step_name, policies.get(step, ())))
    return steps


def _target(
    viewer: Viewer, *, connection: Connection, target_id: str, as_of: datetime | None
) -> tuple[str, str, str] | None:
    """Return kind, name and path of a root, OU or account."""
    kinds = PolicyAttachment.TargetType
    if target_id.startswith("r-"):
        root = visible(Root.objects.as_of(as_of), viewer).filter(
            connection=connection, target_id=target_id
        )
        return next(((kinds.ROOT, row.name, f"{row.target_id}/") for row in root), None)
    if target_id.startswith("ou-"):
        units = organizational_units(viewer, connection=connection, as_of=as_of).filter(
            target_id=target_id
        )
        return next(((kinds.ORGANIZATIONAL_UNIT, row.name, row.path) for row in units), None)
    rows = accounts(viewer, connection=connection, as_of=as_of).filter(account_id=target_id)
    return next(((kinds.ACCOUNT, row.name, row.path) for row in rows), None)


def policy_types_enabled(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> frozenset[str]:
    """Return the names of the policy types that are ENABLED at the root."""
    root = visible(Root.objects.as_of(as_of), viewer).filter(connection=connection).first()
    return frozenset() if root is None else _enabled(root)


def _enabled(root: Root) -> frozenset[str]:
    return frozenset(name for name, status in root.policy_types.items() if status == "ENABLED")


def policy_codes(counts: Counter[str]) -> list[tuple[str, str, int]]:
    """Return (type, short code, count) in AWS's order of the types, for the chips."""
    order = list(POLICY_TYPE_BY_NAME)
    return [
        (name, policy_type(name).code, count)
        for name, count in sorted(
            counts.items(),
            key=lambda item: order.index(item[0]) if item[0] in order else len(order),
        )
    ]
