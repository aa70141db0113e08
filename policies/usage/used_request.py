"""One recorded request: what of two states can decide it, and what it decides.

Statement by statement first: one that does not hold, whatever the unknown keys are, is left out;
where no statement of only one state may hold, or one that both have denies it for certain, nothing
changes. What is left is decided in both states at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

from policies.compiled import CompiledStatement
from policies.evaluation.applicable import EVERYBODY
from policies.evaluation.principal import RequestPrincipal
from policies.evaluation.program import Ternary
from policies.language.conditions.values import ABSENT, ContextValue
from policies.usage.chains import NOTHING_OPEN, ChainPair, OpenPair, UsedAction
from policies.usage.joint import UNCHANGED, DerivedKeys, JointDecision
from policies.usage.pair_program import PairPrograms
from policies.usage.resources import UsedResource
from policies.usage.value_classes import ValueClasses


class _Apart(NamedTuple):
    """A key's values before and after."""

    before: ContextValue
    after: ContextValue


class UsedRequest:
    """A record as policies meet it. `context`: by lower-case key, UNKNOWN where not recorded.

    `derive` and `find_resource` are asked only where something reads what they give.
    """

    def __init__(
        self,
        principal: RequestPrincipal,
        owner_id: str | None,
        action: UsedAction,
        context: Mapping[str, ContextValue],
        derive: Callable[[RequestPrincipal, str | None], DerivedKeys],
        find_resource: Callable[[], UsedResource],
        *,
        has_moved: bool,
    ) -> None:
        """`has_moved`: the caller's or the resource's account stands elsewhere after the change."""
        self._principal = principal
        self._owner_id = owner_id
        self._action = action
        self._context = context
        self._derive = derive
        self._find_resource = find_resource
        self._has_moved = has_moved

    @cached_property
    def derived(self) -> DerivedKeys:
        """The context keys that follow from caller and resource."""
        return self._derive(self._principal, self._owner_id)

    @property
    def _is_apart(self) -> bool:
        """Whether the change changes a derived key; nothing is derived where no account moves."""
        return self._has_moved and bool(self.derived.apart)

    @cached_property
    def _resource(self) -> UsedResource:
        return self._find_resource()

    def decided(
        self,
        by_service: ChainPair | None,
        by_resource: ChainPair | None,
        programs: PairPrograms,
    ) -> JointDecision:
        """Return what changes. None: no SCPs bind the caller, no RCPs the resource."""
        is_apart = self._is_apart
        service_open, resource_open = self._differing(by_service), self._differing(by_resource)
        if service_open.is_same and resource_open.is_same and not is_apart:
            return UNCHANGED
        covering = self._action.covering
        open_pairs: list[OpenPair] = []
        for pair, found in ((by_service, service_open), (by_resource, resource_open)):
            common: list[CompiledStatement] = []
            for statement in [s for s in pair.common if covering[s]] if pair else ():
                answer = self._holds(statement)
                if answer and self._binds(pair is by_service, statement):
                    return UNCHANGED
                if answer is not False:
                    common.append(statement)
            open_pairs.append(found.with_common(common) if common else found)
        program = programs.program(self._principal, self._owner_id, self._action, *open_pairs)
        return program.decide(self._find_resource, self._context, self.derived)

    def _differing(self, pair: ChainPair | None) -> OpenPair:
        if pair is None or pair.delta.is_empty:
            return NOTHING_OPEN
        view = pair.delta.view(self._action)
        values: tuple[object, ...] = tuple(
            [self._class(key, classes) for key, classes in view.keys]
        )
        if view.reads_resource:
            values = (*values, self._resource)
        return view.open_statements(values, self._holds)

    def _class(self, key: str, classes: ValueClasses | None) -> object:
        """Return what a key's value is one of; two values where the change changes it."""
        value = self._context.get(key)
        if value is None:
            derived = self.derived
            value = derived.before.get(key, ABSENT)
            if key in derived.apart:
                return _Apart(value, derived.after.get(key, ABSENT))
        return value if classes is None else classes[value]

    def _binds(self, of_service_control: bool, statement: CompiledStatement) -> bool:
        """Whether a deny that holds denies for certain: an RCP's may leave a key or caller out."""
        if statement.principals not in (None, EVERYBODY):
            return False
        return of_service_control or not self._action.lowered.startswith("kms:")

    def _holds(self, statement: CompiledStatement) -> Ternary:
        before = self._holds_with(statement, before=True)
        # The derived keys are read only by statements with conditions or variables.
        if before is None or not (statement.conditions or statement.resource_variable_keys):
            return before
        if not self._is_apart:
            return before
        return before if before is self._holds_with(statement, before=False) else None

    def _holds_with(self, statement: CompiledStatement, *, before: bool) -> Ternary:
        def lookup(key: str) -> ContextValue:
            value = self._context.get(key)
            if value is not None:
                return value
            derived = self.derived.before if before else self.derived.after
            return derived.get(key, ABSENT)

        answer: Ternary = True
        for condition in statement.conditions:
            found = condition.holds(lookup)
            if found is False:
                return False
            if found is None:
                answer = None
        if statement.resources is None:
            return answer
        covered = self._resource.covered_by(statement, lookup)
        return covered if answer or covered is False else None
