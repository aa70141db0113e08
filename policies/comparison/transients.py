"""What intermediate states decide otherwise than the first and the last state, which agree.

A change is made in steps. A request that the first and the last state both allow and a state
between them denies is a transient denial; one that both deny and it allows is a transient grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policies.comparison.compare import UnknownTarget
from policies.comparison.descent import ComparedTrees
from policies.comparison.differences import Difference, TargetComparison, UndecidedDifference
from policies.comparison.questions import AccountsQuestion, ComparisonSetting, questions
from policies.comparison.reasons import Undecided
from policies.comparison.witness import Witness
from policies.compiled import Compiler, PolicyLevel
from policies.evaluation.request import OrganizationIds
from policies.language.policy_types import PolicyType
from policies.targets import TargetTree


class TransientKind(StrEnum):
    """How an intermediate state decides what the first and the last state agree on."""

    DENIED = "denied"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True, eq=False)
class Transient:
    """Requests that an intermediate state decides otherwise at one target.

    `state`: its place among all states, the first being 0. `difference.witness` is confirmed by
    the evaluator in all three states.
    """

    state: int
    target_id: str
    kind: TransientKind
    difference: Difference


@dataclass(frozen=True, slots=True, eq=False)
class UndecidedTransient:
    """Requests of which it is not proven that an intermediate state decides them alike."""

    state: int
    target_id: str
    undecided: UndecidedDifference


@dataclass(frozen=True)
class IntermediateStates:
    """What the states between the first and the last decide otherwise; empty: proven nothing.

    `catalogue_version`: the actions that were compared by name.
    """

    transients: tuple[Transient, ...]
    undecided: tuple[UndecidedTransient, ...]
    catalogue_version: str


def find_transients(
    states: Sequence[TargetTree],
    *,
    compiler: Compiler,
    report_on: Iterable[str] | None = None,
    policy_type: PolicyType = PolicyType.SERVICE_CONTROL_POLICY,
    organization: OrganizationIds | None = None,
) -> IntermediateStates:
    """Return what intermediate states of a plan deny or allow for a while only.

    `states`: what is, each state after one more step, and what shall be; at least two. Levels must
    be of `compiler`. `report_on`: target ids, each in the first and the last state; without it
    every target that is in both. A target that a state lacks is not decided there.

    :raises UnknownTarget: a target of `report_on` is not in the first and the last state.
    """
    first, last = states[0], states[-1]
    reported = list(dict.fromkeys(report_on if report_on is not None else first.by_id))
    if report_on is None:
        reported = [target_id for target_id in reported if target_id in last.by_id]
    for target_id in reported:
        if target_id not in first.by_id or target_id not in last.by_id:
            raise UnknownTarget(
                f"target {target_id} is not in the first and the last state, so that they cannot "
                "agree on it"
            )
    found: list[Transient] = []
    undecided: list[UndecidedTransient] = []
    known: dict[tuple[object, ...], list[tuple[str, TargetComparison]]] = {}
    for number, state in enumerate(states[1:-1], 1):
        targets = [target_id for target_id in reported if target_id in state.by_id]
        key = _identity(state)
        comparisons = known.get(key)
        if comparisons is None:
            setting = ComparisonSetting(
                ComparedTrees(first, state), compiler, policy_type, organization, also=last
            )
            comparisons = known[key] = list(_decided_otherwise(setting, last, targets))
        for target_id, comparison in comparisons:
            found += [
                Transient(number, target_id, kind, difference)
                for kind, differences in (
                    (TransientKind.DENIED, comparison.newly_denied),
                    (TransientKind.ALLOWED, comparison.newly_allowed),
                )
                for difference in differences
            ]
            undecided += [
                UndecidedTransient(number, target_id, one) for one in comparison.undecided
            ]
    return IntermediateStates(tuple(found), tuple(undecided), compiler.catalogue.version)


def _identity(state: TargetTree) -> tuple[object, ...]:
    """Return what two states share that decide everything alike."""
    return tuple((one.target_id, one.parent_id, one.level) for one in state.by_id.values())


def _decided_otherwise(
    setting: ComparisonSetting, last: TargetTree, targets: Sequence[str]
) -> Iterator[tuple[str, TargetComparison]]:
    """Yield targets with what a state denies or allows although first and last agree."""
    for question in questions(setting, targets, unlisted_actions=True):
        for accounts in question.of_accounts():
            for alike in accounts.alike():
                yield from _of_targets(setting, last, accounts, alike)


def _of_targets(
    setting: ComparisonSetting, last: TargetTree, accounts: AccountsQuestion, alike: Sequence[str]
) -> Iterator[tuple[str, TargetComparison]]:
    """Yield targets that nothing tells apart.

    What the first state allows and this one does not is a transient denial where the last allows
    it; what this one allows and the first does not is a transient grant where the last does not.
    """
    lost, gained = accounts.regions(alike[0])
    if not lost and not gained:
        return
    algebra, describer = accounts.algebra, accounts.describer
    first = setting.trees.before.chain(alike[0])
    between = setting.trees.after.chain(alike[0])
    end = last.chain(alike[0])
    passing = (*first, *end)
    denied, open_denied = describer.described(
        algebra.restrict_all(lost, dict.fromkeys(end)), passing, between
    )
    allowed, open_allowed = describer.described(
        algebra.refused_by_one(gained, [one for one in dict.fromkeys(end) if one not in between]),
        between,
        first,
    )
    comparison = TargetComparison(denied, allowed, (*open_denied, *open_allowed))
    if not comparison:
        return
    shared = describer.shared(comparison, passing, between)
    for target_id in alike:
        own = describer.of_target(target_id, shared)
        yield target_id, _confirmed(own, accounts, (first, end))


def _confirmed(
    comparison: TargetComparison,
    accounts: AccountsQuestion,
    chains: Sequence[tuple[PolicyLevel, ...]],
) -> TargetComparison:
    """Have every grant's request refused by each of two chains; leave the others undecided."""

    def is_refused(witness: Witness) -> bool:
        passes = accounts.describer.confirmation.passes
        return all(passes(chain, witness) is False for chain in chains)

    kept, undecided = [], list(comparison.undecided)
    for difference in comparison.newly_allowed:
        if is_refused(difference.witness):
            kept.append(difference)
        else:
            undecided.append(
                UndecidedDifference(difference.actions, difference.when, Undecided.NOT_CONFIRMED)
            )
    return TargetComparison(comparison.newly_denied, tuple(kept), tuple(undecided))
