"""Open requests that touch the same policies or targets, and whether their effects agree.

Three ways: the effect of the one, of the other, and of both together, decided by the engine.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from governance.changes.evidence.collected import CollectedState, collected_state
from governance.changes.evidence.intermediate import passing_accounts, trees_of
from governance.changes.evidence.management_states import setting_transients_of
from governance.changes.evidence.plans import plan_base
from governance.changes.models import ChangeRequest
from governance.changes.states import CLOSED, ChangeState
from governance.edits.draft import DraftedOrganization, draft
from governance.edits.operations import Operation, read_operations
from governance.posture.state.organization import CONTROL_TYPES, ControlPolicy, InForce
from policies import default_compiler
from policies.comparison import compare, find_transients

_MOST_LOOKED_AT: Final = 20
# What nobody has submitted yet may still become anything.
_OPEN: Final = frozenset(ChangeState) - CLOSED - {ChangeState.DRAFT}


class ConflictKind(StrEnum):
    """How the effects of two requests stand to each other.

    INDEPENDENT: each does the same whether or not the other is made. EQUAL: both make the same.
    CONTRADICTORY: made one after the other, the order decides, or one takes back some of what the
    other does. OVERLAPPING: neither of these; the order makes no difference, but both change the
    same accounts, or together they do more than each by itself. UNKNOWN: a policy that cannot be
    read, or an edit that cannot be made after the other.
    """

    INDEPENDENT = "independent"
    EQUAL = "equal"
    OVERLAPPING = "overlapping"
    CONTRADICTORY = "contradictory"
    UNKNOWN = "unknown"


CONFLICT_WORDS: Final = {
    ConflictKind.INDEPENDENT: "Independent: each does the same, whether or not the other is made.",
    ConflictKind.EQUAL: "Equal: both lead to the same.",
    ConflictKind.OVERLAPPING: (
        "Overlapping: both change the same accounts, or do more together, in either order alike."
    ),
    ConflictKind.CONTRADICTORY: (
        "Contradictory: the last one decides what holds, or one takes back what the other does."
    ),
    ConflictKind.UNKNOWN: "Not known: one cannot be made after the other, or cannot be read.",
}


@dataclass(frozen=True, slots=True)
class RequestConflict:
    """Another open request that touches the same. `shared`: ids of the policies and targets."""

    number: int
    title: str
    state: str
    kind: ConflictKind
    shared: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the conflict for pages and the API."""
        return {
            "number": self.number,
            "title": self.title,
            "state": self.state,
            "kind": self.kind.value,
            "meaning": CONFLICT_WORDS[self.kind],
            "shared": list(self.shared),
        }


def conflicts_of(
    change_request: ChangeRequest, *, state: CollectedState | None = None
) -> tuple[RequestConflict, ...]:
    """Return the open requests that touch the same policies or targets, the newest first.

    At most 20 are decided. `state`: what they are held against, if it was read already.
    """
    mine = read_operations(change_request.operations)
    others = [
        (other, operations, shared)
        for other in ChangeRequest.objects.filter(
            connection=change_request.connection, state__in=_OPEN
        )
        .exclude(pk=change_request.pk)
        .order_by("-updated_at", "-pk")
        if (operations := read_operations(other.operations))
        and (shared := _shared(mine, operations))
    ][:_MOST_LOOKED_AT]
    if not others:
        return ()
    held = state or collected_state(change_request.connection)
    decided = _Decided(held, mine)
    return tuple(
        RequestConflict(other.number, other.title, other.state, decided.against(operations), shared)
        for other, operations, shared in others
    )


def _shared(mine: Sequence[Operation], others: Sequence[Operation]) -> tuple[str, ...]:
    return tuple(sorted(_named(mine) & _named(others)))


def _named(operations: Sequence[Operation]) -> set[str]:
    """Return the ids of AWS's that operations name; what they create is their own."""
    found = set()
    for operation in operations:
        found |= {operation.policy_id, operation.target_id, operation.parent_id}
        if operation.kind.value in ("enable_policy_type", "disable_policy_type"):
            found.add(operation.policy_type)
    return {one for one in found if one and not one.startswith("new-")}


class _Decided:
    """Holds other operations against one request's."""

    def __init__(self, state: CollectedState, mine: Sequence[Operation]) -> None:
        self._state = state
        self._mine = tuple(mine)

    def against(self, others: Sequence[Operation]) -> ConflictKind:
        """Return how the effects of the others stand to the request's own."""
        theirs = _renamed(others, self._mine)
        base = plan_base(self._state, (*self._mine, *theirs))

        def made(*operations: Operation) -> DraftedOrganization:
            return draft(base.organization, operations, collected=base.collected)

        mine, alone = made(*self._mine), made(*theirs)
        first, last = made(*self._mine, *theirs), made(*theirs, *self._mine)
        if _are_same(mine, alone):
            return ConflictKind.EQUAL
        refused = len(mine.problems) + len(alone.problems)
        if len(first.problems) > refused or len(last.problems) > refused:
            return ConflictKind.CONTRADICTORY
        if any(
            control.in_force is InForce.NOT_COLLECTED or control.unreadable
            for control in (*first.after.values(), *last.after.values())
            if control.policy_type in self._types(first)
        ):
            return ConflictKind.UNKNOWN
        if not _are_same(first, last):
            return ConflictKind.CONTRADICTORY
        before = made()
        if any(_is_taken_back(before, one, first) for one in (mine, alone)):
            return ConflictKind.CONTRADICTORY
        mine_in, alone_in = _affected(mine), _affected(alone)
        if mine_in & alone_in or not (
            _affected(first) <= mine_in | alone_in
            and _decides_alike(mine, first, mine_in)
            and _decides_alike(alone, first, alone_in)
        ):
            return ConflictKind.OVERLAPPING
        return ConflictKind.INDEPENDENT

    def _types(self, drafted: DraftedOrganization) -> set[object]:
        return {kind for kind, targets in drafted.changed.items() if targets}


def _affected(drafted: DraftedOrganization) -> set[str]:
    """Return the accounts in which a request changes something, as the engine decides."""
    found: set[str] = set()
    for kind in CONTROL_TYPES:
        before, after = drafted.before.control(kind), drafted.after[kind]
        affected = drafted.affected(kind)
        if affected and InForce.NOT_COLLECTED not in (before.in_force, after.in_force):
            found.update(
                compare(
                    before.tree,
                    after.tree,
                    compiler=default_compiler(),
                    report_on=[a for a in drafted.before.account_ids if a in affected],
                    policy_type=kind,
                    organization=drafted.before.organization,
                ).changed
            )
    for kind, attached in drafted.policies.attached.items():
        was = drafted.attached_before(kind)
        if kind not in CONTROL_TYPES and _by_text(was) != _by_text(attached):
            for target_id in {*was, *attached}:
                if was.get(target_id) != attached.get(target_id):
                    found.update(drafted.before.accounts_below(target_id))
    return found


def _is_taken_back(
    before: DraftedOrganization, one: DraftedOrganization, both: DraftedOrganization
) -> bool:
    """Whether something that one request makes is undone where the other is made as well.

    That is what a state between `before` and `both` would decide for a while only.
    """
    states = (before, one, both)
    for kind in CONTROL_TYPES:
        accounts = passing_accounts(states, kind)
        trees = trees_of(states, kind, accounts)
        if trees is not None and accounts:
            found = find_transients(
                trees,
                compiler=default_compiler(),
                report_on=accounts,
                policy_type=kind,
                organization=before.before.organization,
            )
            if found.transients:
                return True
    return any(
        not said.reason and said.before == said.after for said in setting_transients_of(states)
    )


def _decides_alike(
    one: DraftedOrganization, both: DraftedOrganization, account_ids: Collection[str]
) -> bool:
    """Whether two drafts decide every request of some accounts alike."""
    return all(
        compare(
            one.after[kind].tree,
            both.after[kind].tree,
            compiler=default_compiler(),
            report_on=[a for a in one.before.account_ids if a in account_ids],
            policy_type=kind,
            organization=one.before.organization,
        ).is_unchanged
        for kind in CONTROL_TYPES
        if one.after[kind].tree is not both.after[kind].tree
    )


def _by_text(
    attached: Mapping[str, tuple[ControlPolicy, ...]],
) -> dict[str, list[str]]:
    """Return the texts at each target, whatever the policies are called."""
    return {
        target_id: sorted(policy.sha256 for policy in held)
        for target_id, held in attached.items()
        if held
    }


def _other_facts(drafted: DraftedOrganization) -> tuple[object, ...]:
    """Return what a draft makes of names, tags, types, OUs and management policies."""
    policies = drafted.policies
    return (
        {
            policy_id: (policy.name, policies.tags.get(policy_id))
            for policy_id, (_, policy) in policies.policies.items()
            if not policy_id.startswith("new-")
        },
        policies.enabled,
        {
            kind: _by_text(attached)
            for kind, attached in policies.attached.items()
            if kind not in CONTROL_TYPES
        },
        dict(drafted.units.names),
        drafted.units.deleted,
        sorted((one.name, str(one.parent_id)) for one in drafted.units.new.values()),
        dict(drafted.parents),
    )


def _are_same(one: DraftedOrganization, other: DraftedOrganization) -> bool:
    """Whether two drafts make the same, and decide every request of every account alike."""
    if _other_facts(one) != _other_facts(other):
        return False
    for kind in CONTROL_TYPES:
        first, second = one.after[kind], other.after[kind]
        changed = {*one.changed[kind], *other.changed[kind]}
        if not changed or first.tree is second.tree:
            continue
        accounts: dict[str, None] = {}
        for target_id in changed:
            accounts.update(dict.fromkeys(one.before.accounts_below(target_id)))
        accounts.pop(one.before.management_account_id or "", None)
        if not compare(
            first.tree,
            second.tree,
            compiler=default_compiler(),
            report_on=accounts,
            policy_type=kind,
            organization=one.before.organization,
        ).is_unchanged:
            return False
    return True


def _renamed(operations: Sequence[Operation], beside: Sequence[Operation]) -> tuple[Operation, ...]:
    """Return operations whose own names for new things are none of the others'."""
    taken = {operation.policy_id for operation in beside} | {one.target_id for one in beside}
    names: Mapping[str, str] = {
        name: f"{name}-other"
        for operation in operations
        for name in (operation.policy_id, operation.target_id, operation.parent_id)
        if name.startswith("new-") and name in taken
    }
    return tuple(
        Operation(
            **{
                **{field: getattr(operation, field) for field in operation.__dataclass_fields__},
                "policy_id": names.get(operation.policy_id, operation.policy_id),
                "target_id": names.get(operation.target_id, operation.target_id),
                "parent_id": names.get(operation.parent_id, operation.parent_id),
            }
        )
        for operation in operations
    )
