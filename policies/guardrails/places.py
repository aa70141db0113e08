"""Accounts that all policies bind alike, and the levels that bind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from policies.compiled import PolicyLevel
from policies.guardrails.answers import UNBOUND, AccountAnswer, BindingLevels, Levels, WholeLevels
from policies.guardrails.concerning import LevelBinding
from policies.guardrails.plan import GuardrailPlan
from policies.targets import Target, TargetTree


class TargetPlace:
    """Accounts that all policies bind alike: the same parents with the same levels."""

    __slots__ = ("account_ids", "is_management", "own", "parent_id", "rcp_own", "rcp_parent_id")

    def __init__(self, target: Target, rcp: Target | None, *, is_management: bool) -> None:
        self.account_ids: list[str] = []
        self.is_management = is_management
        self.parent_id, self.own = target.parent_id, target.level
        self.rcp_parent_id = rcp.parent_id if rcp is not None else None
        self.rcp_own = rcp.level if rcp is not None else None


class AskedPlace(NamedTuple):
    """Accounts that are alike, with all that binds them. The paths are the targets', root first."""

    account_ids: Sequence[str]
    answer: AccountAnswer
    whole: WholeLevels
    scp_path: tuple[str, ...]
    rcp_path: tuple[str, ...]


class PlaceChains:
    """The levels that bind the accounts at a place, as far as they concern one guardrail."""

    def __init__(self, scps: TargetTree, rcps: TargetTree | None, plan: GuardrailPlan) -> None:
        self._scps, self._rcps = scps, rcps
        self._reduced = {
            LevelBinding.SCP: _ReducedTree(scps, plan, LevelBinding.SCP),
        }
        if rcps is not None:
            self._reduced[LevelBinding.RCP_OF_OWN] = _ReducedTree(
                rcps, plan, LevelBinding.RCP_OF_OWN
            )
            if plan.outsider_bits:
                others = LevelBinding.RCP_OF_OTHERS
                self._reduced[others] = _ReducedTree(rcps, plan, others)

    def of_place(self, place: TargetPlace) -> BindingLevels:
        """Return the levels, root first."""
        if place.is_management:
            return UNBOUND
        found = {
            LevelBinding.SCP: self._reduced[LevelBinding.SCP].below(place.parent_id, place.own)
        }
        if place.rcp_own is not None:
            for binding in (LevelBinding.RCP_OF_OWN, LevelBinding.RCP_OF_OTHERS):
                tree = self._reduced.get(binding)
                if tree is not None:
                    found[binding] = tree.below(place.rcp_parent_id, place.rcp_own)
        return BindingLevels(
            found[LevelBinding.SCP],
            found.get(LevelBinding.RCP_OF_OWN, ()),
            found.get(LevelBinding.RCP_OF_OTHERS, ()),
        )

    def whole(self, place: TargetPlace) -> WholeLevels:
        """Return all that binds the accounts at a place."""
        if place.is_management:
            return WholeLevels((), ())
        scps = self._scps.chain(place.account_ids[0])
        if self._rcps is None or place.rcp_own is None:
            return WholeLevels(scps, ())
        return WholeLevels(scps, self._rcps.chain(place.account_ids[0]))

    def paths(self, place: TargetPlace) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the targets of the levels of SCPs, and of RCPs."""
        if place.is_management:
            return (), ()
        first = place.account_ids[0]
        scps = tuple(target.target_id for target in self._scps.path(first))
        if self._rcps is None or place.rcp_own is None:
            return scps, ()
        return scps, tuple(target.target_id for target in self._rcps.path(first))


class _ReducedTree:
    """The chains of one tree's targets, without what a guardrail does not need."""

    def __init__(self, tree: TargetTree, plan: GuardrailPlan, binding: LevelBinding) -> None:
        self._tree = tree.by_id
        self._plan = plan
        self._binding = binding
        self._chains: dict[str | None, Levels] = {None: ()}

    def below(self, parent_id: str | None, level: PolicyLevel) -> Levels:
        """Return the chain of a target with a level, below another."""
        above = self._chains.get(parent_id)
        if above is None:
            parent = self._tree[str(parent_id)]
            above = self._chains[parent_id] = self.below(parent.parent_id, parent.level)
        own = self._plan.reduced(level, self._binding)
        return above if own is None or own in above else (*above, own)
