"""What a request's operations touch: policies, and the targets at which they change something."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.owners.targets import target_tree
from governance.access.viewers import holds_within
from inventory.models import Account, Connection, OrganizationalUnit, PolicyAttachment, Root

# Operations that act where a policy is attached, and so on all below.
_AT_ATTACHMENTS: Final = frozenset({"update_policy", "delete_policy"})
_AT_TARGET: Final = frozenset({"attach_policy", "detach_policy"})
_AT_ROOT: Final = frozenset({"enable_policy_type", "disable_policy_type"})
# A policy that exists is changed by these whether it is attached or not.
_OF_POLICY: Final = frozenset(
    {"update_policy", "delete_policy", "rename_policy", "tag_policy", "attach_policy"}
)


@dataclass(frozen=True, slots=True)
class TouchedObjects:
    """`object_ids`: policies and targets; `reaching_ids`: those at which all below is reached.

    `target_ids`: the roots, OUs and accounts at which whoever proposes it needs the right.
    `unattached_policies`: policies that exist and are attached nowhere.
    """

    object_ids: tuple[str, ...]
    reaching_ids: tuple[str, ...]
    target_ids: tuple[str, ...]
    unattached_policies: tuple[str, ...] = ()


def touched_by(connection: Connection, operations: Iterable[Mapping[str, Any]]) -> TouchedObjects:
    """Return what operations touch as the inventory stands, in at most four queries."""
    listed = list(operations)
    policies = {
        str(one["policy_id"]) for one in listed if str(one.get("policy_id", "")).startswith("p-")
    }
    attachments: dict[str, list[str]] = {policy_id: [] for policy_id in policies}
    if policies:
        for policy_id, target_id in (
            PolicyAttachment.objects.as_of(None)
            .filter(connection=connection, policy_id__in=sorted(policies))
            .values_list("policy_id", "target_id")
        ):
            attachments[policy_id].append(target_id)
    targets: set[str] = set()
    reaching: set[str] = set()
    unattached: set[str] = set()
    moved: set[str] = set()
    for one in listed:
        kind, policy_id = str(one["kind"]), str(one.get("policy_id", ""))
        named = [str(one[name]) for name in ("target_id", "parent_id") if one.get(name)]
        targets.update(named)
        if kind in _AT_TARGET:
            reaching.update(named)
        if kind in _OF_POLICY and policy_id in attachments:
            if kind in _AT_ATTACHMENTS:
                reaching.update(attachments[policy_id])
            targets.update(attachments[policy_id] if kind != "attach_policy" else ())
            if not attachments[policy_id] and kind != "attach_policy":
                unattached.add(policy_id)
        if kind in _AT_ROOT:
            reaching.update(_roots(connection))
        if kind in {"move_account", "move_organizational_unit"} and one.get("target_id"):
            moved.add(str(one["target_id"]))
    targets |= reaching | _parents(connection, moved)
    targets = {one for one in targets if not one.startswith("new-")}
    return TouchedObjects(
        object_ids=tuple(sorted(targets | policies)),
        reaching_ids=tuple(sorted(one for one in reaching if not one.startswith("new-"))),
        target_ids=tuple(sorted(targets)),
        unattached_policies=tuple(sorted(unattached)),
    )


def require_proposing(by: ActingPerson, connection: Connection, touched: TouchedObjects) -> None:
    """Check that somebody may propose changes wherever something changes.

    :raises MayNot: the right is missing at one of the places.
    """
    require_right_at(by, rights.PROPOSE_CHANGE, connection, touched)


def require_right_at(
    by: ActingPerson, right: str, connection: Connection, touched: TouchedObjects
) -> None:
    """Check a right at all targets; a policy attached nowhere is the whole organization's.

    :raises MayNot: the right is missing at one of the places, or, with no target, everywhere.
    """
    if by.may(right, connection):
        return
    if touched.unattached_policies:
        by.require(right, connection)
    if not touched.target_ids and not holds_within(
        by.user, right, connection=connection, token=by.token
    ):
        raise MayNot(f"this needs the right {right} in the organization")
    accounts = [one for one in touched.target_ids if one.isdecimal()]
    tree = target_tree(connection, target_ids=accounts)
    by.require_at_all(right, connection, tree, touched.target_ids)


def _roots(connection: Connection) -> list[str]:
    rows = Root.objects.as_of(None).filter(connection=connection)
    return list(rows.values_list("target_id", flat=True))


def _parents(connection: Connection, target_ids: set[str]) -> set[str]:
    if not target_ids:
        return set()
    ids = sorted(target_ids)
    accounts = Account.objects.as_of(None).filter(connection=connection, account_id__in=ids)
    units = OrganizationalUnit.objects.as_of(None).filter(connection=connection, target_id__in=ids)
    return {
        parent_id
        for rows in (accounts, units)
        for parent_id in rows.values_list("parent_id", flat=True)
    }
