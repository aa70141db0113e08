"""Before and after: for each target the requests that are newly denied and newly allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
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

MOST_TOLD_BOXES: Final = 500
"""How many different boxes all targets together may have before changes are told as such."""


@dataclass(frozen=True)
class Comparison:
    """What a change does. `targets`: those of `report_on`, in its order.

    A target without any difference is proven unchanged. `catalogue_version`: the actions that
    were compared by name; others were compared as "not in the catalogue".
    """

    targets: Mapping[str, TargetComparison]
    policy_type: PolicyType
    catalogue_version: str

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing changes for any of `targets`."""
        return not any(self.targets.values())

    @property
    def changed(self) -> dict[str, TargetComparison]:
        """The targets for which something changes or is undecided."""
        return {target_id: found for target_id, found in self.targets.items() if found}


class UnknownTarget(ValueError):
    """A target to report on is not in both trees."""


def compare(
    before: TargetTree,
    after: TargetTree,
    *,
    compiler: Compiler,
    report_on: Iterable[str] | None = None,
    policy_type: PolicyType = PolicyType.SERVICE_CONTROL_POLICY,
    unlisted_actions: bool = True,
    organization: OrganizationIds | None = None,
    most_boxes: int = MOST_TOLD_BOXES,
) -> Comparison:
    """Compare two states of an organization's policies of one type.

    `report_on`: target ids, each in both trees; without it every target that is in both. Levels
    must be of `compiler`. `unlisted_actions`: compare actions outside the catalogue too.
    `organization`: the trees' own, for callers of what RCPs bind; they may be of any account.
    `most_boxes`: if all targets together differ in more boxes, each change is told by itself, less
    what other policies of a target deny (`Difference.change`).
    Organizations user guide, "SCP evaluation", "RCP evaluation": a request passes where every
    level from the root to the account allows it and none denies it. RCPFullAWSAccess is attached
    to every target, listed or not, since AWS lets nobody detach it.

    :raises UnknownTarget: a target of `report_on` is not in both trees.
    """
    trees = ComparedTrees(before, after)
    reported = list(dict.fromkeys(report_on)) if report_on is not None else None
    if reported is None:
        reported = [target_id for target_id in before.by_id if target_id in after.by_id]
    for target_id in reported:
        if target_id not in before.by_id or target_id not in after.by_id:
            raise UnknownTarget(
                f"target {target_id} is not in both states, so there is nothing to compare"
            )
    found: dict[str, TargetComparison] = dict.fromkeys(reported, TargetComparison())
    changed = trees.changed()
    setting = _ComparisonSetting(trees, changed, compiler, policy_type, organization)
    questions = [
        one
        for question in _questions(setting, reported, unlisted_actions)
        for one in question.of_accounts()
    ]
    by_change = _are_more(chain.from_iterable(one.boxes() for one in questions), most_boxes)
    for question in questions:
        for target_id, comparison in question.answers(by_change=by_change):
            found[target_id] = found[target_id].with_more(comparison)
    return Comparison(found, policy_type, compiler.catalogue.version)


@dataclass(frozen=True, eq=False)
class _ComparisonSetting:
    """What all questions of one comparison are about."""

    trees: ComparedTrees
    changed: list[str]
    compiler: Compiler
    policy_type: PolicyType
    organization: OrganizationIds | None

    @cached_property
    def callers(self) -> CallersOrganization | None:
        """Whose resources are called; None for policies that bind callers instead."""
        if self.policy_type is not PolicyType.RESOURCE_CONTROL_POLICY:
            return None
        return CallersOrganization(self.trees.before, self.organization)


def _questions(
    setting: _ComparisonSetting, reported: Iterable[str], unlisted_actions: bool
) -> Iterator[_TargetQuestion]:
    """Yield the questions that the changed levels alone do not answer."""
    trees, changed = setting.trees, setting.changed
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
    listed = _TreeComparer(setting, named_actions=False)
    by_name = _TreeComparer(setting, named_actions=True) if unlisted_actions else None
    differs = listed.differs(levels, (*lost, *gained))
    if by_name is None or not by_name.differs(levels, (*lost, *gained)):
        by_name = None
    if not differs and by_name is None:
        return
    affected = trees.affected(changed)
    targets = [target_id for target_id in reported if target_id in affected]
    statements = statements_of(_levels(trees, targets))
    names = by_name.standing_for_all(statements) if by_name is not None else []
    if differs or names:
        yield _TargetQuestion(listed, targets, affected, statements, names or [])
    if by_name is not None and names is None:
        yield _TargetQuestion(by_name, targets, affected, statements, [])


class _TreeComparer:
    """Settles by the changed levels alone which actions can differ at all."""

    def __init__(self, setting: _ComparisonSetting, *, named_actions: bool) -> None:
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
            for statement in statements
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


class _TargetQuestion:
    """Asks each target below a change, with only the actions that can differ."""

    def __init__(
        self,
        asker: _TreeComparer,
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

    def of_accounts(self) -> Iterator[_AccountsQuestion]:
        """Yield the question for each group of accounts that nothing tells apart."""
        asker, statements = self._asker, self._statements
        accounts = AccountGroups(statements, asker.policy_type)
        groups = asker.action_groups(asker.bits, statements, self._unlisted)
        for account_id, members in accounts.grouped(self._targets):
            algebra = asker.algebra(account_id, statements, groups)
            yield _AccountsQuestion(asker, algebra, groups, members, self._affected, statements)


class _AccountsQuestion:
    """Asks targets whose accounts no statement tells apart."""

    def __init__(
        self,
        asker: _TreeComparer,
        algebra: RegionAlgebra,
        groups: ActionGroups | None,
        members: Sequence[str],
        affected: set[str],
        statements: Iterable[CompiledStatement],
    ) -> None:
        self._trees = asker.trees
        self._algebra = algebra
        self._affected = affected
        self._statements = statements
        self._lost = Descent(algebra, asker.trees.before, asker.trees.after)
        self._gained = Descent(algebra, asker.trees.after, asker.trees.before)
        self._describer = DifferenceDescriber(
            algebra, groups, asker.trees, asker.compiler, asker.policy_type
        )
        # Targets of one parent with equal policies do not differ.
        self._places: dict[tuple[object, ...], list[str]] = {}
        for target_id in members:
            self._places.setdefault(asker.trees.place(target_id), []).append(target_id)

    def boxes(self) -> Iterator[RequestBox]:
        """Yield the boxes of all regions, some of them more than once."""
        seen: set[Region] = set()
        for first, *_ in self._places.values():
            for descent in (self._lost, self._gained):
                region = descent.region(first, self._affected)
                if region not in seen:
                    seen.add(region)
                    yield from region.boxes

    def answers(self, *, by_change: bool) -> Iterator[tuple[str, TargetComparison]]:
        """Yield each target for which something changes, with what does."""
        describer = self._describer
        find = self._box_by_box
        if by_change:
            find = ChangeDescriber(
                self._algebra, self._trees, self._affected, describer, self._statements
            ).comparison
        for members in self._places.values():
            shared = find(members[0])
            if shared is not None:
                for target_id in members:
                    yield target_id, describer.of_target(target_id, shared)

    def _box_by_box(self, target_id: str) -> SharedComparison | None:
        less = self._lost.region(target_id, self._affected)
        more = self._gained.region(target_id, self._affected)
        return self._describer.comparison(target_id, less, more) if less or more else None


def _are_more(boxes: Iterable[RequestBox], limit: int) -> bool:
    """Whether more than so many boxes differ from each other."""
    seen: set[RequestBox] = set()
    for box in boxes:
        seen.add(box)
        if len(seen) > limit:
            return True
    return False


def _levels(trees: ComparedTrees, targets: Iterable[str]) -> dict[PolicyLevel, None]:
    """Return the levels of all chains of some targets, before and after, in a fixed order."""
    found: dict[PolicyLevel, None] = {}
    for tree in (trees.before, trees.after):
        seen: set[str] = set()
        for target_id in targets:
            step: str | None = target_id
            while step is not None and step not in seen:
                seen.add(step)
                target = tree.by_id[step]
                found[target.level] = None
                step = target.parent_id
    return found
