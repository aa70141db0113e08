"""The tree of the root and the OUs, read once a process for each state of an organization."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

from cachetools import LRUCache
from django.db.models import Count, Q, QuerySet

from inventory.models import Connection, Policy, PolicyAttachment
from inventory.policy_types import DEFAULT_POLICY_IDS
from inventory.selectors.hierarchy import Tree, attached_policies, organizational_units, tree
from inventory.selectors.state_marks import (
    StateMarks,
    organization_collectors_complete,
    state_marks,
)
from inventory.viewing import Viewer, visible

SCP_COLLECTOR: Final = "organizations.policies.SERVICE_CONTROL_POLICY"
_KEPT: Final = 24


@dataclass(frozen=True, slots=True)
class UnitTree:
    """The tree with what is counted over all targets, accounts included.

    `marks`: equal for equal states. `attachments`, `attached_policies`: of all types. Shared:
    never change it.
    """

    marks: StateMarks
    tree: Tree
    attachments: int
    attached_policies: int


def unit_tree(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    marks: StateMarks | None = None,
) -> UnitTree:
    """Return the root and the OUs with their policies and how many accounts are in each.

    One short query while nothing changed, none with the `marks` of who has just read them. What
    hangs on accounts is read apart, for those shown.
    """
    if marks is None:
        marks = state_marks(viewer, connection=connection, as_of=as_of)
    key = (connection.pk, marks)
    with _lock:
        known = _trees.get(key)
    if known is not None:
        return known
    found = _read(viewer, connection, as_of, marks)
    if found.tree.root is None:
        return found
    with _lock:
        return _trees.setdefault(key, found)


_trees: Final[LRUCache[tuple[int, StateMarks], UnitTree]] = LRUCache(maxsize=_KEPT)
_lock: Final = Lock()


def _read(
    viewer: Viewer, connection: Connection, as_of: datetime | None, marks: StateMarks
) -> UnitTree:
    attachments = _attachments(viewer, connection, as_of)
    units = organizational_units(viewer, connection=connection, as_of=as_of)
    roots = attachments.filter(target_type=PolicyAttachment.TargetType.ROOT)
    target_ids = {
        *units.values_list("target_id", flat=True),
        *roots.values_list("target_id", flat=True),
    }
    attached = attached_policies(viewer, connection=connection, as_of=as_of, target_ids=target_ids)
    counted = attachments.aggregate(
        attachments=Count("pk"), policies=Count("policy_id", distinct=True)
    )
    return UnitTree(
        marks=marks,
        tree=tree(viewer, connection=connection, as_of=as_of, attached=attached),
        attachments=counted["attachments"],
        attached_policies=counted["policies"],
    )


def _attachments(
    viewer: Viewer, connection: Connection, as_of: datetime | None
) -> "QuerySet[PolicyAttachment]":
    policies = visible(Policy.objects.as_of(as_of), viewer).filter(connection=connection)
    rows: QuerySet[PolicyAttachment] = visible(PolicyAttachment.objects.as_of(as_of), viewer)
    return rows.filter(connection=connection, policy_id__in=policies.values("policy_id"))


def targets_of_policies(
    viewer: Viewer,
    *,
    connection: Connection,
    as_of: datetime | None = None,
    words: str = "",
    types: Collection[str] = (),
) -> "QuerySet[PolicyAttachment, str]":
    """Return the ids of the targets with a policy of some name or id, or of one of some types.

    `words`: a part of the name, or the whole id. `types` leave AWS's default policies out.
    """
    policies = visible(Policy.objects.as_of(as_of), viewer).filter(connection=connection)
    if words:
        policies = policies.filter(Q(name__icontains=words) | Q(policy_id=words))
    if types:
        policies = policies.filter(type__in=types).exclude(policy_id__in=DEFAULT_POLICY_IDS)
    return (
        visible(PolicyAttachment.objects.as_of(as_of), viewer)
        .filter(connection=connection, policy_id__in=policies.values("policy_id"))
        .order_by()
        .values_list("target_id", flat=True)
    )


def scps_were_read(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> bool:
    """Whether the organization's SCPs had been read completely by that time."""
    return bool(
        organization_collectors_complete(
            viewer, connection=connection, collectors=(SCP_COLLECTOR,), as_of=as_of
        )
    )
