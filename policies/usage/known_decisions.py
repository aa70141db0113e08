"""What was decided where the same statements cover an action, by all that they can tell apart.

Usage holds many callers, addresses and resources, and policies divide them into few classes: uses
of the same classes are decided alike, so each combination of classes is decided once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Final

from policies.compiled import CompiledStatement
from policies.evaluation.applicable import EVERYBODY, keys_of
from policies.evaluation.aws_rules import rules_of_action
from policies.evaluation.evaluate import TRUST_ACTIONS
from policies.evaluation.program import Ternary
from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.usage.chains import ChainPair, UsedAction
from policies.usage.joint import JointDecision
from policies.usage.resources import UsedResource
from policies.usage.value_classes import KeyClasses

_MOST_REMEMBERED: Final = 65536

ResourceClass = tuple[bool, ...]
"""Which statements cover a resource."""


class KnownDecisions:
    """The decisions on requests that the same statements cover, by the classes of what they hold.

    `keys`: the context keys, in lower case, that a statement reads, with the classes of their
    values. `is_open`: decisions follow from classes; otherwise nothing is remembered.
    """

    __slots__ = ("_by_classes", "_resources", "is_open", "keys", "reads_resource")

    def __init__(
        self,
        statements: tuple[CompiledStatement, ...],
        action: UsedAction,
        key_classes: KeyClasses,
        resources: ResourceClasses,
    ) -> None:
        self.is_open = not (
            has_rules(action.lowered)
            or any(s.principals not in (None, EVERYBODY) for s in statements)
            or any(s.resource_variable_keys for s in statements)
        )
        read = sorted(frozenset[str]().union(*map(keys_of, statements)))
        self.keys = key_classes.of(statements, read) if self.is_open else ()
        self.reads_resource = any(s.resources is not None for s in statements)
        self._resources = resources
        self._by_classes: dict[tuple[object, ...], JointDecision] = {}

    def classes(
        self,
        traits: tuple[Hashable, ...],
        context: Mapping[str, ContextValue],
        derived: Callable[[str], ContextValue],
        resource: tuple[object, ...],
        find_resource: Callable[[], UsedResource],
    ) -> tuple[object, ...] | None:
        """Return the classes of a request; None where they do not decide it.

        `traits`: what rules look at beside context and resource. `derived`: the value of a key that
        is not in the context. `resource`: what tells `find_resource`'s resource from others.
        """
        covering: ResourceClass | None = ()
        if self.reads_resource:
            covering = self._resources.of(resource, find_resource)
            if covering is None:
                return None
        found: list[object] = [traits, covering]
        for key, classes in self.keys:
            value = context.get(key)
            if value is None:
                value = derived(key)
            # A key that is not known is named by the decision; one with an odd value is not.
            found.append(value if classes is None or value is UNKNOWN else classes[value])
        return tuple(found)

    def get(self, classes: tuple[object, ...]) -> JointDecision | None:
        """Return what was decided for some classes."""
        return self._by_classes.get(classes)

    def remember(self, classes: tuple[object, ...], decision: JointDecision) -> None:
        """Remember what was decided."""
        if len(self._by_classes) >= _MOST_REMEMBERED:
            self._by_classes.clear()
        self._by_classes[classes] = decision


class ResourceClasses:
    """Which of some statements cover resources; None where one covers a pattern in part."""

    def __init__(self, statements: tuple[CompiledStatement, ...]) -> None:
        self._statements = statements
        self._found: dict[tuple[object, ...], ResourceClass | None] = {}

    def of(
        self, key: tuple[object, ...], find_resource: Callable[[], UsedResource]
    ) -> ResourceClass | None:
        """Return which cover a resource. `key`: what tells it from others."""
        try:
            return self._found[key]
        except KeyError:
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            found = self._found[key] = self._of(find_resource())
            return found

    def _of(self, resource: UsedResource) -> ResourceClass | None:
        answers: list[bool] = []
        for statement in self._statements:
            covered: Ternary = resource.covered_by(statement, _no_variable)
            if covered is None:
                return None
            answers.append(covered)
        return tuple(answers)


def _no_variable(key: str) -> ContextValue:
    raise AssertionError(f"a resource without variables reads {key}")


class KnownPairs:
    """The decisions of each action below each pair of levels."""

    def __init__(self) -> None:
        self._of_action: dict[tuple[object, ...], KnownDecisions] = {}
        self._of_statements: dict[tuple[object, ...], KnownDecisions] = {}
        self._key_classes = KeyClasses()
        self._resources: dict[tuple[CompiledStatement, ...], ResourceClasses] = {}

    def of(
        self, by_service: ChainPair | None, by_resource: ChainPair | None, action: UsedAction
    ) -> KnownDecisions:
        """Return those of an action. None: no SCPs bind the caller, no RCPs the resource."""
        key = (by_service, by_resource, action)
        found = self._of_action.get(key)
        if found is None:
            found = self._of_action[key] = self._shared(by_service, by_resource, action)
        return found

    def _shared(
        self, by_service: ChainPair | None, by_resource: ChainPair | None, action: UsedAction
    ) -> KnownDecisions:
        """Return those of the statements that cover an action, whatever other ones they cover."""
        sides = [
            pair.covering(action) if pair is not None else None
            for pair in (by_service, by_resource)
        ]
        is_listed = action.index is not None and not has_rules(action.lowered)
        key = (*sides, action.is_bound_by_rcp, None if is_listed else action.lowered)
        found = self._of_statements.get(key)
        if found is None:
            statements = tuple(
                dict.fromkeys(
                    statement
                    for side in sides
                    if side is not None
                    for group in (side.common, *side.before.groups, *side.after.groups)
                    for statement in group
                )
            )
            with_resources = tuple(s for s in statements if s.resources is not None)
            resources = self._resources.get(with_resources)
            if resources is None:
                resources = self._resources[with_resources] = ResourceClasses(with_resources)
            found = KnownDecisions(statements, action, self._key_classes, resources)
            self._of_statements[key] = found
        return found


def has_rules(lowered: str) -> bool:
    """Whether AWS's own rules of an action read more than policies do."""
    return lowered.startswith("kms:") or lowered in TRUST_ACTIONS or bool(rules_of_action(lowered))
