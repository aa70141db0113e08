"""What intermediate states decide otherwise than the first and the last state, which agree.

A change is made in steps. A request that the first and the last state both allow and a state
between them denies is a transient denial; one that both deny and it allows is a transient grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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

    `states`: what is, each state after one more step, and what is to be; at least two. Levels must
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
        targets = _left_open(first, state, last, reported)
        if not targets:
            continue
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


def _left_open(
    first: TargetTree, state: TargetTree, last: TargetTree, reported: Iterable[str]
) -> list[str]:
    """Return the targets of a state for which the levels alone do not prove that it is harmless.

    A chain that is the first state's, or the last one's, decides as they do. So does a chain in
    which one level alone differs and holds the statements of both: what both allow neither denies,
    and what both deny is denied by one of them or allowed by neither.
    """
    ways = _Ways(first, state, last)
    return [
        target_id
        for target_id in reported
        if target_id in state.by_id and not ways.of(target_id).is_harmless
    ]


@dataclass(frozen=True, slots=True)
class _Way:
    """A target's chain in three states. `differing`: how many levels are not equal in all.

    `is_first`, `is_last`: it is the first or the last state's. `is_simple`: each level is the
    first's, the last's, or has the statements of both.
    """

    is_first: bool = True
    is_last: bool = True
    differing: int = 0
    is_simple: bool = True

    @property
    def is_harmless(self) -> bool:
        """Whether what the first and the last state agree on is decided alike."""
        return self.is_first or self.is_last or (self.differing == 1 and self.is_simple)


_TOP: Final = _Way()
_OPEN: Final = _Way(is_first=False, is_last=False, differing=2, is_simple=False)


class _Ways:
    """The chains of one state, each worked out once."""

    def __init__(self, first: TargetTree, state: TargetTree, last: TargetTree) -> None:
        self._trees = (first.by_id, state.by_id, last.by_id)
        self._known: dict[str | None, _Way] = {None: _TOP}

    def of(self, target_id: str | None) -> _Way:
        """Return a target's chain."""
        path: list[str] = []
        step = target_id
        while step is not None and step not in self._known:
            path.append(step)
            step = self._parent(step)
        for member in reversed(path):
            if member not in self._known:
                self._known[member] = self._made(member)
        return self._known[target_id]

    def _parent(self, target_id: str) -> str | None:
        """Return the parent, None too where the three states have not the same."""
        found = {by_id[target_id].parent_id for by_id in self._trees if target_id in by_id}
        if len(found) > 1 or any(target_id not in by_id for by_id in self._trees):
            self._known[target_id] = _OPEN
            return None
        return found.pop()

    def _made(self, target_id: str) -> _Way:
        was, now, becomes = (by_id[target_id] for by_id in self._trees)
        above = self._known[now.parent_id]
        if was.level is now.level is becomes.level:
            return above
        is_first, is_last = now.level is was.level, now.level is becomes.level
        both = is_first or is_last
        if not both:
            both = now.level.statements == was.level.statements | becomes.level.statements
        return _Way(
            above.is_first and is_first,
            above.is_last and is_last,
            above.differing + 1,
            above.is_simple and both,
        )


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
