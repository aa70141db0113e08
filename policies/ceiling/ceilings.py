"""Ceilings of a tree of targets, each level and each chain of equal levels computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policies.catalogue import Catalogue
from policies.ceiling.assumptions import Assumptions
from policies.compiled import CompiledCondition, CompiledStatement, PolicyLevel
from policies.evaluation.aws_rules import unbound_bits
from policies.language.policy_types import PolicyType
from policies.targets import TargetTree


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalStatement:
    """A statement that decides by more than the action: the conditions that are left open."""

    statement: CompiledStatement
    conditions: tuple[CompiledCondition, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LevelCeiling:
    """What one level leaves: sets of actions (ints over the catalogue).

    `possible`: some request may pass; `always`: every request does. What is possible and not
    always depends on `open_statements`.
    """

    possible: int
    always: int
    open_statements: tuple[ConditionalStatement, ...]

    @property
    def conditional(self) -> int:
        """The actions for which it depends."""
        return self.possible & ~self.always


@dataclass(frozen=True, slots=True, eq=False)
class Ceiling:
    """What all levels down to a target leave. Targets under equal chains share one object.

    `possible` may hold an action that no request passes after all: levels whose conditions
    exclude one another are not compared here.
    """

    parent: Ceiling | None = field(repr=False)
    own: LevelCeiling = field(repr=False)
    possible: int = field(repr=False)
    always: int = field(repr=False)

    @property
    def conditional(self) -> int:
        """The actions for which it depends: see `residual`."""
        return self.possible & ~self.always

    def levels(self) -> Iterator[LevelCeiling]:
        """Yield the levels that leave less than everything, this target's first."""
        step: Ceiling | None = self
        while step is not None:
            yield step.own
            step = step.parent

    def counts(self, catalogue: Catalogue) -> dict[str, tuple[int, int, int]]:
        """Return for each service how many actions are always, conditionally, never possible."""
        counts: dict[str, tuple[int, int, int]] = {}
        always, conditional = self.always, self.conditional
        for service, span in catalogue.service_ranges.items():
            mask = (1 << len(span)) - 1
            free = (always >> span.start & mask).bit_count()
            depends = (conditional >> span.start & mask).bit_count()
            counts[service] = (free, depends, len(span) - free - depends)
        return counts


class CeilingMaker:
    """Makes ceilings under one set of assumptions, and remembers levels and chains.

    Keep it: the ceilings of a tree after an edit then cost what the edit changed. For RCPs the
    ceiling is a resource's: how far a request to a resource of the account can get. The actions
    of services that RCPs do not support, and kms:RetireGrant, they never limit: these, or what
    SCPs never limit, are `unbound`. Source:
    Organizations user guide, "SCP evaluation", "Resource control policies (RCPs)"; for actions
    that need no permission, see `aws_rules`.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        assumptions: Assumptions | None = None,
        policy_type: PolicyType = PolicyType.SERVICE_CONTROL_POLICY,
    ) -> None:
        self.catalogue = catalogue
        self.assumptions = assumptions or Assumptions()
        self.policy_type = policy_type
        self._is_rcp = policy_type is PolicyType.RESOURCE_CONTROL_POLICY
        all_bits = catalogue.all_bits
        if self._is_rcp:
            self.unbound = (all_bits & ~catalogue.rcp_bits) | catalogue.bits("kms:RetireGrant")
        else:
            self.unbound = unbound_bits(catalogue)
        self.everything = Ceiling(None, LevelCeiling(all_bits, all_bits, ()), all_bits, all_bits)
        self._levels: dict[PolicyLevel, LevelCeiling] = {}
        self._chains: dict[tuple[Ceiling, PolicyLevel], Ceiling] = {}

    def level(self, level: PolicyLevel) -> LevelCeiling:
        """Return what one level leaves, whatever is above."""
        found = self._levels.get(level)
        if found is None:
            found = self._levels[level] = self._level(level)
        return found

    def ceilings(self, tree: TargetTree) -> Mapping[str, Ceiling]:
        """Return the ceiling of every target of a tree, by its id.

        A root's own level counts for it as for what is below it.
        """
        found: dict[str, Ceiling] = {}
        chains, everything = self._chains, self.everything
        for target_id, target in tree.by_id.items():
            parent_id = target.parent_id
            above = everything if parent_id is None else found[parent_id]
            key = (above, target.level)
            ceiling = chains.get(key)
            if ceiling is None:
                ceiling = chains[key] = self._below(above, target.level)
            found[target_id] = ceiling
        return found

    def _below(self, above: Ceiling, level: PolicyLevel) -> Ceiling:
        own = self.level(level)
        all_bits = self.catalogue.all_bits
        if own.always == all_bits:
            return above
        return Ceiling(above, own, above.possible & own.possible, above.always & own.always)

    def _level(self, level: PolicyLevel) -> LevelCeiling:
        all_bits = self.catalogue.all_bits
        possible = always = all_bits if self._is_rcp else 0
        open_statements: list[ConditionalStatement] = []
        # Every target has RCPFullAWSAccess, so that no other allow of a level decides anything.
        for statement in () if self._is_rcp else level.allows:
            left = self.assumptions.remaining(statement)
            if left is None:
                continue
            possible |= statement.action_bits
            if _decides_by_action(statement, left):
                always |= statement.action_bits
            else:
                open_statements.append(ConditionalStatement(statement, left))
        for statement in level.denies:
            left = self.assumptions.remaining(statement)
            if left is None:
                continue
            always &= ~statement.action_bits
            if _decides_by_action(statement, left):
                possible &= ~statement.action_bits
            else:
                open_statements.append(ConditionalStatement(statement, left))
        always |= self.unbound
        possible |= always
        conditional = possible & ~always
        return LevelCeiling(
            possible,
            always,
            tuple(o for o in open_statements if o.statement.action_bits & conditional),
        )


def _decides_by_action(
    statement: CompiledStatement, conditions: tuple[CompiledCondition, ...]
) -> bool:
    return (
        not conditions
        and statement.resources is None
        and not statement.not_principal
        and (statement.principals is None or all(p.value == "*" for p in statement.principals))
    )
