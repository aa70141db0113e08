"""Which statements the guardrails need: each is removed in memory, and who notices.

A deny of any level is a deny, so whether a guardrail holds in an account hangs on the denies of its
chain together, and on what each level allows. Only denies can be missed: without an allow less
passes. The same deny of two policies on one chain is missed only when both are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policies.compiled import CompiledStatement, PolicyLevel
from policies.full_access import full_access
from policies.guardrails.answers import BindingLevels, Levels, WholeLevels
from policies.guardrails.checking import GuardrailChecker
from policies.guardrails.concerning import LevelBinding
from policies.guardrails.guardrail import EffectGuardrail, GuardrailOutcome
from policies.guardrails.needed_statements import smallest_needed
from policies.guardrails.places import AskedPlace
from policies.guardrails.plan import RCP, SCP, GuardrailPlan
from policies.language.document import Effect, PolicyDocument
from policies.language.policy_types import PolicyType


@dataclass(frozen=True, slots=True, eq=False)
class MutatedPolicy:
    """An SCP or RCP with the targets that it is attached to."""

    policy_id: str
    document: PolicyDocument
    target_ids: frozenset[str]


class StatementPlace(NamedTuple):
    """A statement of a policy; `number` counts from 0."""

    policy_id: str
    number: int


class UnbrokenReason(StrEnum):
    """Why no removal of one statement breaks a guardrail."""

    HOLDS_NOWHERE = "it holds in no account"
    WITHOUT_DENIES = "where it holds, no statement that denies is needed"
    REDUNDANT = "several statements at once make it hold in each account"


@dataclass(frozen=True, slots=True)
class MutatedStatement:
    """What removing one statement breaks: guardrail id → the accounts in which it held."""

    place: StatementPlace
    breaks: Mapping[str, tuple[str, ...]]

    @property
    def protects_nothing(self) -> bool:
        """Whether no guardrail notices."""
        return not self.breaks


@dataclass(frozen=True, slots=True)
class MutationReport:
    """What the guardrails need. `statements`: every one that was removed, in the policies' order.

    `unbroken`: the guardrails that no removal breaks. `needed`: a set of statements without which
    some guardrail no longer holds where it does, and with which alone all still hold; the smallest
    if `is_smallest`, else one from which none can be left out.
    """

    statements: tuple[MutatedStatement, ...]
    unbroken: Mapping[str, UnbrokenReason]
    needed: tuple[StatementPlace, ...]
    is_smallest: bool

    @property
    def protecting_nothing(self) -> tuple[StatementPlace, ...]:
        """The statements whose removal no guardrail notices."""
        return tuple(one.place for one in self.statements if one.protects_nothing)


def mutation_test(
    checker: GuardrailChecker,
    guardrails: Sequence[EffectGuardrail],
    policies: Sequence[MutatedPolicy],
) -> MutationReport:
    """Remove each statement of each policy in turn, in memory, and see which guardrails notice.

    `policies`: all SCPs and RCPs of the checker's trees, compiled or not; a statement whose policy
    is not among them is never removed. A guardrail notices where it holds and then no longer is
    proven to hold.

    :raises BadGuardrail: see `GuardrailChecker.check`.
    """
    supply = _Supply(checker, policies)
    needs: list[_HoldingNeed] = []
    breaks: dict[StatementPlace, dict[str, list[str]]] = {}
    unbroken: dict[str, UnbrokenReason] = {}
    for guardrail in guardrails:
        plan = checker.plan_of(guardrail)
        own = list(_needs(checker, plan, supply))
        needs += own
        is_broken = False
        for need in own:
            for place in need.places:
                if not need.holds_without(frozenset((place,))):
                    is_broken = True
                    of_place = breaks.setdefault(place, {})
                    of_place.setdefault(guardrail.id, []).extend(need.account_ids)
        if not own:
            unbroken[guardrail.id] = UnbrokenReason.HOLDS_NOWHERE
        elif all(need.holds_with(frozenset()) for need in own):
            unbroken[guardrail.id] = UnbrokenReason.WITHOUT_DENIES
        elif not is_broken:
            unbroken[guardrail.id] = UnbrokenReason.REDUNDANT
    needed = smallest_needed(needs)
    statements = tuple(
        MutatedStatement(place, {name: tuple(ids) for name, ids in breaks.get(place, {}).items()})
        for place in supply.places
    )
    order = {place: at for at, place in enumerate(supply.places)}
    return MutationReport(
        statements=statements,
        unbroken=unbroken,
        needed=tuple(sorted(needed.places, key=order.__getitem__)),
        is_smallest=needed.is_smallest,
    )


class _Supply:
    """By target the denies of its policies, each with the statement it is from."""

    def __init__(self, checker: GuardrailChecker, policies: Iterable[MutatedPolicy]) -> None:
        self.places: list[StatementPlace] = []
        self._at: dict[tuple[PolicyType, str], list[tuple[CompiledStatement, StatementPlace]]] = {}
        for policy in policies:
            compiled = checker.compiler.document(policy.document)
            for number, statement in enumerate(compiled):
                place = StatementPlace(policy.policy_id, number)
                self.places.append(place)
                if statement.effect is Effect.DENY:
                    for target_id in policy.target_ids:
                        key = (policy.document.policy_type, target_id)
                        self._at.setdefault(key, []).append((statement, place))

    def at(
        self, policy_type: PolicyType, target_id: str
    ) -> Sequence[tuple[CompiledStatement, StatementPlace]]:
        """Return the denies at a target."""
        return self._at.get((policy_type, target_id), ())


_Deny = tuple[PolicyType, CompiledStatement]


class _DenyProofs:
    """With which denies a guardrail holds in accounts that are alike and allow alike.

    More denies never break it, so that what is proven of one set settles those that hold it, and
    what fails with one those within it.
    """

    def __init__(
        self, checker: GuardrailChecker, plan: GuardrailPlan, account_id: str, allows: Levels
    ) -> None:
        self._checker = checker
        self._plan = plan
        self._account_id = account_id
        self._allows = allows
        self._sufficient: list[frozenset[_Deny]] = []
        self._insufficient: list[frozenset[_Deny]] = []

    def hold(self, denies: frozenset[_Deny]) -> bool:
        """Whether the guardrail is proven with these denies."""
        if any(one <= denies for one in self._sufficient):
            return True
        if any(denies <= one for one in self._insufficient):
            return False
        if not self._decided(denies):
            self._insufficient.append(denies)
            return False
        for deny in sorted(denies, key=lambda one: one[1].action_patterns):
            fewer = denies - {deny}
            if self._decided(fewer):
                denies = fewer
        self._sufficient.append(denies)
        return True

    def _decided(self, denies: Iterable[_Deny]) -> bool:
        whole = WholeLevels((*self._allows, self._level(SCP, denies)), (self._level(RCP, denies),))
        others = LevelBinding.RCP_OF_OTHERS
        levels = BindingLevels(
            self._reduced(whole.scps, LevelBinding.SCP),
            self._reduced(whole.rcps, LevelBinding.RCP_OF_OWN),
            self._reduced(whole.rcps, others) if self._plan.outsider_bits else (),
        )
        found = self._checker.decided(self._plan, self._account_id, levels, whole)
        return found.outcome is GuardrailOutcome.HOLDS

    def _level(self, policy_type: PolicyType, denies: Iterable[_Deny]) -> PolicyLevel:
        compiler = self._checker.compiler
        allow_all = compiler.document(full_access(policy_type))
        return compiler.level_of(
            (*allow_all, *(statement for kind, statement in denies if kind is policy_type))
        )

    def _reduced(self, levels: Levels, binding: LevelBinding) -> Levels:
        reduced = (self._plan.reduced(level, binding) for level in levels)
        return tuple(dict.fromkeys(level for level in reduced if level is not None))


class _HoldingNeed:
    """Accounts that are alike and in which a guardrail holds, with the denies of their chain.

    `suppliers`: by deny the statements that it comes from; a deny without any always stays.
    """

    def __init__(
        self, proofs: _DenyProofs, suppliers: Mapping[_Deny, frozenset[StatementPlace]]
    ) -> None:
        self._proofs = proofs
        self._suppliers = suppliers
        self.account_ids: list[str] = []
        self.places = frozenset[StatementPlace]().union(*suppliers.values())

    def holds_without(self, removed: frozenset[StatementPlace]) -> bool:
        """Whether the guardrail still is proven without some statements."""
        return self._proofs.hold(
            frozenset(
                deny for deny, places in self._suppliers.items() if not places or places - removed
            )
        )

    def holds_with(self, places: frozenset[StatementPlace]) -> bool:
        """Whether the guardrail still is proven with some statements alone."""
        return self.holds_without(self.places - places)


def _needs(
    checker: GuardrailChecker, plan: GuardrailPlan, supply: _Supply
) -> Iterator[_HoldingNeed]:
    """Yield where a guardrail holds; accounts with the same denies together."""
    found: dict[tuple[object, ...], _HoldingNeed] = {}
    proofs: dict[tuple[str, Levels], _DenyProofs] = {}
    compiler = checker.compiler
    for place in checker.asked_places(plan):
        if place.answer.outcome is not GuardrailOutcome.HOLDS:
            continue
        suppliers = _suppliers(plan, supply, place)
        allows = tuple(dict.fromkeys(compiler.level_of(one.allows) for one in place.whole.scps))
        alike = (place.answer.account_id, allows)
        if alike not in proofs:
            proofs[alike] = _DenyProofs(checker, plan, *alike)
        key = (alike, frozenset(suppliers.items()))
        need = found.get(key)
        if need is None:
            need = found[key] = _HoldingNeed(proofs[alike], suppliers)
        need.account_ids += place.account_ids
    yield from found.values()


def _suppliers(
    plan: GuardrailPlan, supply: _Supply, place: AskedPlace
) -> dict[_Deny, frozenset[StatementPlace]]:
    """Return the denies that concern a guardrail at a place, each with where it comes from."""
    found: dict[_Deny, set[StatementPlace]] = {}
    fixed: set[_Deny] = set()
    for policy_type, path, levels in (
        (SCP, place.scp_path, place.whole.scps),
        (RCP, place.rcp_path, place.whole.rcps),
    ):
        for target_id, level in zip(path, levels, strict=True):
            known = supply.at(policy_type, target_id)
            for statement, at in known:
                if plan.concerns(statement, policy_type):
                    found.setdefault((policy_type, statement), set()).add(at)
            supplied = {statement for statement, _ in known}
            fixed.update(
                (policy_type, statement)
                for statement in level.denies
                if statement not in supplied and plan.concerns(statement, policy_type)
            )
    whole = {deny: frozenset(places) for deny, places in found.items() if deny not in fixed}
    return {**whole, **dict.fromkeys(fixed, frozenset[StatementPlace]())}
