"""What the states between the calls of a plan deny or allow for a while only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from governance.changes.evidence.plans import PlannedChange
from governance.edits.draft import DraftedOrganization
from governance.posture.state.organization import CONTROL_TYPES, CompiledOrganization, InForce
from policies import PolicyType, default_compiler
from policies.comparison import Difference, UndecidedDifference
from policies.comparison.transients import IntermediateStates, TransientKind, find_transients
from policies.targets import Target, TargetTree


@dataclass(frozen=True, eq=False)
class StepTransient:
    """What a state after a step decides otherwise than the first and the last state, which agree.

    `kind`: `denied`, `allowed` or, where it could not be decided, `undecided`. `first_step` and
    `last_step`: after which steps it holds, without a gap. `action_bits`: catalogue actions.
    """

    kind: str
    policy_type: PolicyType
    first_step: int
    last_step: int
    action_bits: int
    unlisted: bool
    when: str
    reason: str
    account_ids: tuple[str, ...]
    difference: Difference | None


def transients_of(planned: PlannedChange) -> tuple[StepTransient, ...]:
    """Return what the intermediate states of a plan decide otherwise, in the order of its steps."""
    found: list[StepTransient] = []
    for kind in CONTROL_TYPES:
        accounts = passing_accounts(planned.states, kind)
        trees = trees_of(planned.states, kind, accounts)
        if trees is not None:
            result = find_transients(
                trees,
                compiler=default_compiler(),
                report_on=accounts,
                policy_type=kind,
                organization=planned.final.before.organization,
            )
            found += _gathered(kind, result)
    return tuple(sorted(found, key=lambda one: (one.first_step, one.kind, one.when)))


def trees_of(
    states: Sequence[DraftedOrganization], policy_type: PolicyType, account_ids: Iterable[str]
) -> list[TargetTree] | None:
    """Return the trees of all states; None where no intermediate one can decide otherwise.

    Those of SCPs hold only some accounts and what is above them in any of the states. Those of
    RCPs are whole, since all accounts of the organization may call.
    """
    first = states[0].after[policy_type]
    if first.in_force is InForce.NOT_COLLECTED:
        return None
    trees = [state.after[policy_type].tree for state in states]
    if all(tree is trees[0] for tree in trees):
        return None
    if policy_type is not PolicyType.SERVICE_CONTROL_POLICY:
        return trees
    return [_part(tree, account_ids) for tree in trees]


def _part(tree: TargetTree, account_ids: Iterable[str]) -> TargetTree:
    """Return the part of a tree that holds some accounts and all above them."""
    by_id = tree.by_id
    found: dict[str, Target] = {}
    for account_id in account_ids:
        path: list[Target] = []
        step: str | None = account_id
        while step is not None and step not in found and step in by_id:
            path.append(by_id[step])
            step = by_id[step].parent_id
        found.update((target.target_id, target) for target in reversed(path))
    return TargetTree(found.values())


def passing_accounts(states: Sequence[DraftedOrganization], policy_type: PolicyType) -> list[str]:
    """Return the accounts below a target that some state changes, that policies of a type bind.

    Those below a policy that cannot be read are left out: nothing is known of them.
    """
    before: CompiledOrganization = states[0].before
    touched: dict[str, None] = {}
    for state in states:
        touched.update(dict.fromkeys(state.changed[policy_type]))
    accounts: dict[str, None] = {}
    for target_id in touched:
        accounts.update(dict.fromkeys(before.accounts_below(target_id)))
    accounts.pop(before.management_account_id or "", None)
    controls = [state.after[policy_type] for state in (states[0], states[-1])]
    return [
        account_id
        for account_id in accounts
        if not any(control.is_unknown(account_id) for control in controls)
    ]


def _gathered(kind: PolicyType, result: IntermediateStates) -> Iterable[StepTransient]:
    """Put together what several accounts and several steps in a row have alike."""
    by_state: dict[tuple[int, tuple[Any, ...]], tuple[Any, dict[str, None]]] = {}
    for one in result.transients:
        key = _key(one.kind.value, one.difference, "")
        by_state.setdefault((one.state, key), (one.difference, {}))[1][one.target_id] = None
    for other in result.undecided:
        key = _key("undecided", other.undecided, other.undecided.reason.value)
        by_state.setdefault((other.state, key), (other.undecided, {}))[1][other.target_id] = None
    runs: dict[tuple[Any, ...], list[tuple[int, int, Any]]] = {}
    for (state, key), (difference, accounts) in sorted(by_state.items(), key=lambda one: one[0][0]):
        spans = runs.setdefault((*key, tuple(sorted(accounts))), [])
        if spans and spans[-1][1] == state - 1:
            spans[-1] = (spans[-1][0], state, spans[-1][2])
        else:
            spans.append((state, state, difference))
    for (said, bits, unlisted, when, reason, account_ids), spans in runs.items():
        for first, last, difference in spans:
            yield StepTransient(
                kind=said,
                policy_type=kind,
                first_step=first,
                last_step=last,
                action_bits=bits,
                unlisted=unlisted,
                when=when,
                reason=reason,
                account_ids=account_ids,
                difference=difference if isinstance(difference, Difference) else None,
            )


def _key(
    said: str, difference: Difference | UndecidedDifference, reason: str
) -> tuple[str, int, bool, str, str]:
    actions = difference.actions
    return (said, actions.bits, actions.are_unlisted, difference.when.words, reason)


DENIED, ALLOWED, UNDECIDED = TransientKind.DENIED.value, TransientKind.ALLOWED.value, "undecided"
