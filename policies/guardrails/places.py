"""Accounts that all policies bind alike, and the levels that bind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakValueDictionary

from policies.compiled import PolicyLevel
from policies.guardrails.answers import UNBOUND, AccountAnswer, BindingLevels, Levels, WholeLevels
from policies.guardrails.compiled_guardrail import CompiledGuardrail
from policies.guardrails.concerning import LevelBinding
from policies.guardrails.plan import GuardrailPlan
from policies.targets import TargetTree


class LevelChain:
    """The levels from the root down to a target; one object for equal ones. See `ChainMemory`."""

    __slots__ = ("__weakref__", "_reduced", "above", "level")

    def __init__(self, above: LevelChain | None, level: PolicyLevel) -> None:
        self.above = above
        self.level = level
        self._reduced: dict[tuple[CompiledGuardrail, LevelBinding], Levels] = {}

    @property
    def whole(self) -> Levels:
        """Every level, root first."""
        found = [self.level]
        above = self.above
        while above is not None:
            found.append(above.level)
            above = above.above
        return tuple(reversed(found))

    def reduced(self, plan: GuardrailPlan, binding: LevelBinding) -> Levels:
        """Return the levels as far as they concern a guardrail, root first."""
        above: Levels = ()
        if self.above is not None:
            key = (plan.guardrail, binding)
            known = self.above._reduced.get(key)
            if known is None:
                known = self.above._reduced[key] = self.above.reduced(plan, binding)
            above = known
        own = plan.reduced(self.level, binding)
        return above if own is None or own in above else (*above, own)


class BoundPlace:
    """All that binds some accounts; one object for the same levels. See `ChainMemory`.

    `answers`: what was proven for these accounts, by guardrail where nothing tells them apart.
    """

    __slots__ = ("__weakref__", "answers", "is_management", "rcps", "scps")

    def __init__(self, scps: LevelChain, rcps: LevelChain | None, is_management: bool) -> None:
        self.scps = scps
        self.rcps = rcps
        self.is_management = is_management
        self.answers: dict[object, AccountAnswer] = {}

    def concerning(self, plan: GuardrailPlan) -> BindingLevels:
        """Return the levels as far as they concern a guardrail, root first."""
        if self.is_management:
            return UNBOUND
        own: Levels = ()
        others: Levels = ()
        if self.rcps is not None:
            own = self.rcps.reduced(plan, LevelBinding.RCP_OF_OWN)
            if plan.outsider_bits:
                others = self.rcps.reduced(plan, LevelBinding.RCP_OF_OTHERS)
        return BindingLevels(self.scps.reduced(plan, LevelBinding.SCP), own, others)

    @property
    def whole(self) -> WholeLevels:
        """All that binds the accounts."""
        if self.is_management:
            return WholeLevels((), ())
        return WholeLevels(self.scps.whole, () if self.rcps is None else self.rcps.whole)


class ChainMemory:
    """Chains and places that are in use: equal ones are one object, whichever tree they are of.

    So what was proven under one state of the policies is there for all that another leaves as it
    is.
    """

    def __init__(self) -> None:
        self._chains: WeakValueDictionary[tuple[LevelChain | None, PolicyLevel], LevelChain] = (
            WeakValueDictionary()
        )
        self._places: WeakValueDictionary[tuple[object, ...], BoundPlace] = WeakValueDictionary()

    def below(self, above: LevelChain | None, level: PolicyLevel) -> LevelChain:
        """Return the chain that ends with a level, below another."""
        key = (above, level)
        found = self._chains.get(key)
        if found is None:
            found = self._chains[key] = LevelChain(above, level)
        return found

    def of_parents(self, tree: TargetTree) -> dict[str | None, LevelChain | None]:
        """Return the chain of each target that can have others below it; None has none."""
        found: dict[str | None, LevelChain | None] = {None: None}
        for target_id in tree.parent_ids:
            for target in tree.path(target_id):
                if target.target_id not in found:
                    above = found[target.parent_id]
                    found[target.target_id] = self.below(above, target.level)
        return found

    def place(
        self, scps: LevelChain, rcps: LevelChain | None, *, is_management: bool
    ) -> BoundPlace:
        """Return the place of accounts that some chains bind."""
        key = (scps, rcps, is_management)
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = BoundPlace(scps, rcps, is_management)
        return found


class TargetPlace:
    """Accounts that all policies bind alike: the same parents with the same levels."""

    __slots__ = ("account_ids", "bound")

    def __init__(self, bound: BoundPlace) -> None:
        self.account_ids: list[str] = []
        self.bound = bound

    def paths(
        self, scps: TargetTree, rcps: TargetTree | None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the targets of the levels of SCPs, and of RCPs, root first."""
        if self.bound.is_management:
            return (), ()
        first = self.account_ids[0]
        of_scps = tuple(target.target_id for target in scps.path(first))
        if rcps is None or self.bound.rcps is None:
            return of_scps, ()
        return of_scps, tuple(target.target_id for target in rcps.path(first))


class AskedPlace(NamedTuple):
    """Accounts that are alike, with all that binds them. The paths are the targets', root first."""

    account_ids: Sequence[str]
    answer: AccountAnswer
    whole: WholeLevels
    scp_path: tuple[str, ...]
    rcp_path: tuple[str, ...]
