"""What stands in the organization once an approved plan is done: policies, targets, places.

Policies are known by type and name, because another tool may create again what it replaces: ids
are a help where they are known, and never decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from governance.changes.models import ChangeRequest
from inventory.models import (
    Account,
    Connection,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
)

NEW: Final = "new-"


@dataclass(frozen=True, slots=True)
class ApprovedPolicy:
    """One policy as it is to stand, or is to be gone.

    `policy_id`: `p-…` of one that exists, `new-…` of one that the plan creates. `was_named`: its
    name before. `target_ids`: all its targets, sorted; of a policy of AWS's those that the plan
    attaches it to, with those it is detached from in `detached_ids`. `text`, `description`: empty
    for AWS's own. `tags`: those that the plan sets; None: one that it takes away.
    """

    policy_id: str
    policy_type: str
    name: str
    text: str
    target_ids: tuple[str, ...] = ()
    detached_ids: tuple[str, ...] = ()
    was_named: str = ""
    was_text: str = ""
    had_target_ids: tuple[str, ...] = ()
    description: str = ""
    aws_managed: bool = False
    is_deleted: bool = False
    tags: Mapping[str, str | None] = field(default_factory=dict)
    had_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the plan creates it."""
        return self.policy_id.startswith(NEW)


@dataclass(frozen=True, slots=True)
class ApprovedUnit:
    """An OU that the plan creates, renames or deletes. `target_id`: `ou-…`, or `new-…`."""

    target_id: str
    name: str
    parent_id: str
    was_named: str = ""
    is_deleted: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the plan creates it."""
        return self.target_id.startswith(NEW)


@dataclass(frozen=True, slots=True)
class ApprovedMove:
    """An account, the OU or root that it is to lie in, and the one that it lay in."""

    account_id: str
    name: str
    email: str
    parent_id: str
    was_parent_id: str = ""


@dataclass(frozen=True, slots=True)
class ApprovedResult:
    """All that a plan touches, as it is to stand. `policy_types`: type → is to be enabled.

    `names`: what targets are called, by id. `root_id`: empty where no root is known.
    """

    policies: tuple[ApprovedPolicy, ...] = ()
    units: tuple[ApprovedUnit, ...] = ()
    moves: tuple[ApprovedMove, ...] = ()
    policy_types: Mapping[str, bool] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    root_id: str = ""


@dataclass(slots=True)
class CollectedBefore:
    """What was collected of all that operations name.

    `places`: OU → (name, parent). `accounts`: account → (name, e-mail); `parents`: of accounts.
    """

    policies: dict[str, ApprovedPolicy] = field(default_factory=dict)
    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    root_id: str = ""


def approved_result(change_request: ChangeRequest) -> ApprovedResult:
    """Return what is to stand once a request's operations are done to what its evidence saw."""
    return result_of(base_before(change_request), change_request.operations)


def base_before(change_request: ChangeRequest) -> CollectedBefore:
    """Return what stood before a request, as its evidence saw it."""
    evidence = change_request.evidence
    as_of = None if evidence is None else evidence.as_of
    before = collected_before(change_request.connection, change_request.operations, as_of=as_of)
    if evidence is not None:
        _put_base(before, evidence.base)
    return before


def _put_base(before: CollectedBefore, base: Mapping[str, Any]) -> None:
    """Let the base that was reviewed stand for what was collected: it may have been read live."""
    for policy_id, seen in base.get("policies", {}).items():
        policy = before.policies.get(policy_id)
        if policy is None or policy.aws_managed or seen.get("text") is None:
            continue
        targets = tuple(sorted(seen["attached_to"]))
        before.policies[policy_id] = replace(
            policy,
            name=seen["name"],
            was_named=seen["name"],
            text=seen["text"],
            was_text=seen["text"],
            target_ids=targets,
            had_target_ids=targets,
        )


def collected_before(
    connection: Connection, operations: Sequence[Mapping[str, Any]], *, as_of: Any = None
) -> CollectedBefore:
    """Read what operations name as the inventory held it at a time, in at most six queries."""
    policy_ids = {str(one["policy_id"]) for one in operations if one.get("policy_id")}
    target_ids = {
        str(one[name]) for one in operations for name in ("target_id", "parent_id") if one.get(name)
    }
    found = CollectedBefore()
    attached: dict[str, list[str]] = {}
    rows = PolicyAttachment.objects.as_of(as_of).filter(
        connection=connection, policy_id__in=policy_ids
    )
    for policy_id, target_id in rows.values_list("policy_id", "target_id"):
        attached.setdefault(policy_id, []).append(target_id)
    policies = Policy.objects.as_of(as_of).select_related("content")
    for row in policies.filter(connection=connection, policy_id__in=policy_ids):
        targets = tuple(sorted(attached.get(row.policy_id, ())))
        found.policies[row.policy_id] = ApprovedPolicy(
            policy_id=row.policy_id,
            policy_type=row.type,
            name=row.name,
            text="" if row.aws_managed else row.content.text,
            target_ids=() if row.aws_managed else targets,
            was_named=row.name,
            was_text="" if row.aws_managed else row.content.text,
            had_target_ids=() if row.aws_managed else targets,
            description=row.description,
            aws_managed=row.aws_managed,
            had_tags=row.tags,
        )
        if not row.aws_managed:
            target_ids.update(targets)
    for root in Root.objects.as_of(as_of).filter(connection=connection):
        found.root_id = root.target_id
        found.names[root.target_id] = root.name
    units = OrganizationalUnit.objects.as_of(as_of).filter(
        connection=connection, target_id__in=target_ids
    )
    for unit in units:
        found.places[unit.target_id] = (unit.name, unit.parent_id)
        found.names[unit.target_id] = unit.name
    accounts = Account.objects.as_of(as_of).filter(connection=connection, account_id__in=target_ids)
    for account in accounts:
        found.accounts[account.account_id] = (account.name, account.email)
        found.parents[account.account_id] = account.parent_id
        found.names[account.account_id] = account.name
    return found


def result_of(before: CollectedBefore, operations: Iterable[Mapping[str, Any]]) -> ApprovedResult:
    """Do operations to what was collected; one that names what is not there is left out."""
    work = _ApprovedState(before)
    for one in operations:
        getattr(work, f"do_{one['kind']}", work.do_nothing)(one)
    touched = [work.policies[policy_id] for policy_id in work.touched]
    return ApprovedResult(
        policies=tuple(replace(one, target_ids=tuple(sorted(one.target_ids))) for one in touched),
        units=tuple(work.units.values()),
        moves=tuple(work.moves.values()),
        policy_types=work.policy_types,
        names=before.names,
        root_id=before.root_id,
    )


class _ApprovedState:
    """The state while operations are done. `touched`: policies in the order they come up."""

    def __init__(self, before: CollectedBefore) -> None:
        self.before = before
        self.policies = dict(before.policies)
        self.touched: dict[str, None] = {}
        self.units: dict[str, ApprovedUnit] = {}
        self.moves: dict[str, ApprovedMove] = {}
        self.policy_types: dict[str, bool] = {}

    def do_nothing(self, one: Mapping[str, Any]) -> None:
        """Leave out an operation that no single call does, such as the move of an OU."""

    def do_create_policy(self, one: Mapping[str, Any]) -> None:
        self.policies[one["policy_id"]] = ApprovedPolicy(
            one["policy_id"], one["policy_type"], one["name"], one["text"]
        )
        self.touched[one["policy_id"]] = None

    def do_update_policy(self, one: Mapping[str, Any]) -> None:
        self._put(one["policy_id"], text=one["text"])

    def do_rename_policy(self, one: Mapping[str, Any]) -> None:
        self._put(one["policy_id"], name=one["name"])

    def do_delete_policy(self, one: Mapping[str, Any]) -> None:
        if one["policy_id"].startswith(NEW):
            self.policies.pop(one["policy_id"], None)
            self.touched.pop(one["policy_id"], None)
            return
        self._put(one["policy_id"], is_deleted=True, target_ids=())

    def do_tag_policy(self, one: Mapping[str, Any]) -> None:
        policy = self.policies.get(one["policy_id"])
        if policy is not None:
            self._put(policy.policy_id, tags={**policy.tags, **(one.get("tags") or {})})

    def do_attach_policy(self, one: Mapping[str, Any]) -> None:
        policy, target_id = self.policies.get(one["policy_id"]), one["target_id"]
        if policy is not None:
            self._put(
                policy.policy_id,
                target_ids=tuple({*policy.target_ids, target_id}),
                detached_ids=tuple(each for each in policy.detached_ids if each != target_id),
            )

    def do_detach_policy(self, one: Mapping[str, Any]) -> None:
        policy, target_id = self.policies.get(one["policy_id"]), one["target_id"]
        if policy is not None:
            self._put(
                policy.policy_id,
                target_ids=tuple(each for each in policy.target_ids if each != target_id),
                detached_ids=tuple(sorted({*policy.detached_ids, target_id})),
            )

    def do_move_account(self, one: Mapping[str, Any]) -> None:
        name, email = self.before.accounts.get(one["target_id"], ("", ""))
        was = self.before.parents.get(one["target_id"], "")
        self.moves[one["target_id"]] = ApprovedMove(
            one["target_id"], name, email, one["parent_id"], was
        )

    def do_create_organizational_unit(self, one: Mapping[str, Any]) -> None:
        self.units[one["target_id"]] = ApprovedUnit(one["target_id"], one["name"], one["parent_id"])

    def do_rename_organizational_unit(self, one: Mapping[str, Any]) -> None:
        self._put_unit(one["target_id"], name=one["name"])

    def do_delete_organizational_unit(self, one: Mapping[str, Any]) -> None:
        self._put_unit(one["target_id"], is_deleted=True)

    def do_enable_policy_type(self, one: Mapping[str, Any]) -> None:
        self.policy_types[one["policy_type"]] = True

    def do_disable_policy_type(self, one: Mapping[str, Any]) -> None:
        self.policy_types[one["policy_type"]] = False

    def _put(self, policy_id: str, **changes: Any) -> None:
        if policy_id in self.policies:
            self.policies[policy_id] = replace(self.policies[policy_id], **changes)
            self.touched[policy_id] = None

    def _put_unit(self, target_id: str, **changes: Any) -> None:
        unit = self.units.get(target_id)
        if unit is None:
            name, parent_id = self.before.places.get(target_id, ("", ""))
            unit = ApprovedUnit(target_id, name, parent_id, was_named=name)
        self.units[target_id] = replace(unit, **changes)
