"""The questions of a comparison: which actions can differ, at which targets, for which accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from policies.comparison.account_groups import AccountGroups
from policies.comparison.action_groups import ActionGroups
from policies.comparison.by_change import ChangeDescriber
from policies.comparison.callers import CallersOrganization
from policies.comparison.descent import (
    ComparedTrees,
    Descent,
    LevelChange,
    changes_alone,
    statements_of,
)
from policies.comparison.describer import DifferenceDescriber, SharedComparison
from policies.comparison.differences import TargetComparison
from policies.comparison.domains import Domains
from policies.comparison.regions import Region, RegionAlgebra, RequestBox
from policies.comparison.space import Space
from policies.comparison.unlisted_actions import names_for_all
from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.evaluation.aws_rules import unbound_bits
from policies.evaluation.request import OrganizationIds
from policies.language.policy_types import PolicyType
from policies.targets import TargetTree

MOST_BOXES: Final = 600
"""How many boxes a region may have before the rest of it is left undecided."""


@dataclass(frozen=True, eq=False)
class ComparisonSetting:
    """What all questions of one comparison are about. `also`: a third state that is asked of."""

    trees: ComparedTrees
    compiler: Compiler
    policy_type: PolicyType
    organization: OrganizationIds | None
    also: TargetTree | None = None

    @cached_property
    def also_levels(self) -> Iterable[PolicyLevel]:
        """The levels of the third state, each once."""
        by_id = {} if self.also is None else self.also.by_id
        return dict.fromkeys(target.level for target in by_id.values())

    @cached_property
    def callers(self) -> CallersOrganization | None:
        """Whose resources are called; None for policies that bind callers instead."""
        if self.policy_type is not PolicyType.RESOURCE_CONTROL_POLICY:
            return None
        return CallersOrganization(self.trees.before, self.organization)


def questions(
    setting: ComparisonSetting, reported: Iterable[str], unlisted_actions: bool
) -> Iterator[TargetQuestion]:
    """Yield the questions that the changed levels alone do not answer."""
    trees = setting.trees
    changed = trees.changed()
    lost = changes_alone(trees, changed, forward=True)
    gained = changes_alone(trees, changed, forward=False)
    levels = {
        level: None
        for change in (*lost, *gained)
        for level in (change.kept, change.other)
        if level is not None
    }
    if not levels:
        return
    listed = TreeComparer(setting, named_actions=False)
    by_name = TreeComparer(setting, named_actions=True) if unlisted_actions else None
    differs = listed.differs(levels, (*lost, *gained))
    if by_name is None or not by_name.differs(levels, (*lost, *gained)):
        by_name = None
    if not differs and by_name is None:
        return
    affected = trees.affected(changed)
    targets = [target_id for target_id in reported if target_id in affected]
    statements = statements_of(_levels(setting, targets))
    names = by_name.standing_for_all(statements) if by_name is not None else []
    if differs or names:
        yield TargetQuestion(listed, targets, affected, statements, names or [])
    if by_name is not None and names is None:
        yield TargetQuestion(by_name, targets, affected, statements, [])


class TreeComparer:
    """Settles by the changed levels alone which actions can differ at all."""

    def __init__(self, setting: ComparisonSetting, *, named_actions: bool) -> None:
        self.setting = setting
        self.trees = setting.trees
        self.compiler = setting.compiler
        self.policy_type = setting.policy_type
        self.named_actions = named_actions
        self.bits = 0
        self.list_keys: frozenset[str] = frozenset()
        self._space: Space | None = None
        self._boxes: list[RequestBox] = []

    def differs(self, levels: Iterable[PolicyLevel], changes: Iterable[LevelChange]) -> bool:
        """Whether some request may be decided differently by the changed levels alone."""
        statements = statements_of(levels)
        self.list_keys = frozenset(
            condition.key
            for statement in statements_of((*levels, *self.setting.also_levels))
            for condition in statement.conditions
            if condition.set_operator is not None
        )
        bits = self.compiler.catalogue.all_bits & ~self.never_bound
        groups = self.action_groups(bits, statements)
        algebra = self.algebra(None, statements, groups)
        found = 0
        for change in changes:
            region = algebra.local(change.kept, change.other)
            found |= region.groups
            self._boxes += region.boxes
            if region.cut:
                self._boxes.append((region.cut, 0, 0))
        self._space = algebra.space
        self.bits = groups.action_bits(found) if groups is not None else found
        return bool(found)

    def standing_for_all(self, statements: Iterable[CompiledStatement]) -> list[str] | None:
        """Return names that stand for all actions outside the catalogue that may differ.

        None where the statements' patterns allow no such choice.
        """
        names = names_for_all(statements, self.compiler.catalogue)
        space = self._space
        if names is None or space is None:
            return None
        if self.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
            bound = self.compiler.catalogue.rcp_services
            names = [name for name in names if name.partition(":")[0] in bound]
        tests = {space.action_tests(true, false) for _, true, false in self._boxes}
        return [
            name
            for name in names
            if any(all(atom.test(name) is atom.holds for atom in atoms) for atoms in tests)
        ]

    @property
    def never_bound(self) -> int:
        """The actions that policies of this type do not bind at all."""
        catalogue = self.compiler.catalogue
        if self.policy_type is PolicyType.SERVICE_CONTROL_POLICY:
            return unbound_bits(catalogue)
        if self.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
            return (catalogue.all_bits & ~catalogue.rcp_bits) | catalogue.bits("kms:RetireGrant")
        return 0

    def action_groups(
        self, bits: int, statements: Iterable[CompiledStatement], unlisted: Sequence[str] = ()
    ) -> ActionGroups | None:
        """Return the groups of some actions; None where actions are compared by name."""
        if self.named_actions:
            return None
        size = len(self.compiler.catalogue)
        return ActionGroups(bits, statements, size=size, unlisted=unlisted)

    def algebra(
        self,
        account_id: str | None,
        statements: Iterable[CompiledStatement],
        groups: ActionGroups | None,
    ) -> RegionAlgebra:
        """Return what works on regions for the accounts of which `account_id` is one."""
        space = Space(
            self.compiler.catalogue,
            Domains(self.policy_type, account_id, self.compiler.catalogue.rcp_services),
            list_keys=self.list_keys,
            named_actions=self.named_actions,
            organization=self.setting.callers,
        )
        groups_of: Mapping[CompiledStatement, int]
        if groups is None:
            groups_of, all_groups = dict.fromkeys(statements, 1), 1
        else:
            groups_of, all_groups = groups.groups_of, groups.all_groups
        return RegionAlgebra(
            space,
            groups_of,
            all_groups,
            most_boxes=MOST_BOXES,
            denies_only=self.policy_type is PolicyType.RESOURCE_CONTROL_POLICY,
        )


class TargetQuestion:
    """Asks each target below a change, with only the actions that can differ."""

    def __init__(
        self,
        asker: TreeComparer,
        targets: Sequence[str],
        affected: set[str],
        statements: Iterable[CompiledStatement],
        unlisted: Sequence[str],
    ) -> None:
        self._asker = asker
        self._targets = targets
        self._affected = affected
        self._unlisted = unlisted
        whole = asker.named_actions or bool(unlisted)
        self._statements = [
            statement for statement in statements if whole or statement.action_bits & asker.bits
        ]

    def of_accounts(self) -> Iterator[AccountsQuestion]:
        """Yield the question for each group of accounts that nothing tells apart."""
        asker, statements = self._asker, self._statements
        accounts = AccountGroups(statements, asker.policy_type)
        groups = asker.action_groups(asker.bits, statements, self._unlisted)
        for account_id, members in accounts.grouped(self._targets):
            algebra = asker.algebra(account_id, statements, groups)
            yield AccountsQuestion(asker, algebra, groups, members, self._affected, statements)


class AccountsQuestion:
    """Asks targets whose accounts no statement tells apart."""

    def __init__(
        self,
        asker: TreeComparer,
        algebra: RegionAlgebra,
        groups: ActionGroups | None,
        members: Sequence[str],
        affected: set[str],
        statements: Iterable[CompiledStatement],
    ) -> None:
        self._trees = asker.trees
        self.algebra = algebra
        self._affected = affected
        self._statements = statements
        self._lost = Descent(algebra, asker.trees.before, asker.trees.after)
        self._gained = Descent(algebra, asker.trees.after, asker.trees.before)
        self.describer = DifferenceDescriber(
            algebra, groups, asker.trees, asker.compiler, asker.policy_type
        )
        # Targets of one parent with equal policies do not differ.
        self._places: dict[tuple[object, ...], list[str]] = {}
        for target_id in members:
            place = (*asker.trees.place(target_id), *_place_in(asker.setting.also, target_id))
            self._places.setdefault(place, []).append(target_id)

    def alike(self) -> Iterable[Sequence[str]]:
        """Return the targets, those together that do not differ."""
        return self._places.values()

    def regions(self, target_id: str) -> tuple[Region, Region]:
        """Return the requests that a target newly lacks, and those that it newly has."""
        affected = self._affected
        return self._lost.region(target_id, affected), self._gained.region(target_id, affected)

    def boxes(self) -> Iterator[RequestBox]:
        """Yield the boxes of all regions, some of them more than once."""
        seen: set[Region] = set()
        for first, *_ in self._places.values():
            for region in self.regions(first):
                if region not in seen:
                    seen.add(region)
                    yield from region.boxes

    def answers(self, *, by_change: bool) -> Iterator[tuple[str, TargetComparison]]:
        """Yield each target for which something changes, with what does."""
        describer = self.describer
        find = self._box_by_box
        if by_change:
            find = ChangeDescriber(
                self.algebra, self._trees, self._affected, describer, self._statements
            ).comparison
        for members in self._places.values():
            shared = find(members[0])
            if shared is not None:
                for target_id in members:
                    yield target_id, describer.of_target(target_id, shared)

    def _box_by_box(self, target_id: str) -> SharedComparison | None:
        less, more = self.regions(target_id)
        return self.describer.comparison(target_id, less, more) if less or more else None


def _place_in(tree: TargetTree | None, target_id: str) -> tuple[object, ...]:
    """Return what targets share that one further state treats alike."""
    if tree is None:
        return ()
    target = tree.by_id[target_id]
    return target.parent_id, target.level


def _levels(setting: ComparisonSetting, targets: Iterable[str]) -> dict[PolicyLevel, None]:
    """Return the levels of all chains of some targets, in each state, in a fixed order."""
    found: dict[PolicyLevel, None] = {}
    also = () if setting.also is None else (setting.also,)
    for tree in (setting.trees.before, setting.trees.after, *also):
        seen: set[str] = set()
        for target_id in targets:
            step: str | None = target_id
            while step is not None and step not in seen:
                seen.add(step)
                target = tree.by_id[step]
                found[target.level] = None
                step = target.parent_id
    return found
