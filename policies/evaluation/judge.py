"""Decides what bears on principals, also where some of it is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policies.compiled import CompiledStatement, Compiler
from policies.evaluation.aws_rules import AwsRule, rules_of_action
from policies.evaluation.bearing import EVERYBODY, RESOURCE_KEY, Bearing, Place
from policies.evaluation.evaluate import TRUST_ACTIONS, Evaluator
from policies.evaluation.gaps import decide_under_gaps
from policies.evaluation.layers import Decider, Layer, layer_of_statements
from policies.evaluation.policy_set import PolicySet
from policies.evaluation.principal import Principal
from policies.evaluation.request import Organization, Request
from policies.evaluation.verdict import Decision
from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.language.document import Effect, PrincipalElement
from policies.language.policy_types import PolicyType

_MOST_EVALUATORS: Final = 16384


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A place of a bearing that is open. `level`: which, of SCP or RCP levels."""

    decider: Decider
    level: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, and the open places that can turn it."""

    decision: Decision
    gaps: tuple[OpenGap, ...]


class Judge:
    """Decides bearings for principals; what it learns of one serves all that share it."""

    def __init__(self, organization: Organization, compiler: Compiler) -> None:
        self._policy_set = PolicySet(organization)
        self._compiler = compiler
        self._rules = Evaluator.of_layers(self._policy_set, (), compiler)
        self.allow = self._extreme(Effect.ALLOW, None)
        self._deny = self._extreme(Effect.DENY, None)
        self.allow_everybody = self._extreme(Effect.ALLOW, EVERYBODY)
        self._deny_everybody = self._extreme(Effect.DENY, EVERYBODY)
        self._evaluators: dict[Bearing, Evaluator] = {}

    def is_bound_by_rcp(self, action: str) -> bool:
        """Whether resource control policies can bind an action at all."""
        return self._rules.is_bound_by_rcp(action.lower())

    def rules_of(self, action: str) -> tuple[bool, bool, tuple[AwsRule, ...]]:
        """Return which rules of single actions hold: of KMS, of trust, and AWS's own."""
        lowered = action.lower()
        return (
            lowered.startswith("kms:"),
            lowered in TRUST_ACTIONS,
            rules_of_action(lowered),
        )

    def unknown_level(self) -> Place:
        """Return the levels of an account that are not known at all, as one."""
        return Place(frozenset({self.allow}), is_open=True)

    def decide(
        self,
        bearing: Bearing,
        principal: Principal,
        request: Request,
        context: Mapping[str, ContextValue],
    ) -> Judged:
        """Decide for one principal.

        `request` tells action, resource and the resource's account; `context` holds every key
        that a statement reads, derived ones too.
        """
        asked = request._replace(principal=principal, context={**context, RESOURCE_KEY: UNKNOWN})
        known = self._evaluator(bearing).evaluate(asked)
        gaps = _gaps(bearing)

        def decided(is_worst: Callable[[OpenGap], bool]) -> Decision:
            filled = bearing
            for gap in gaps:
                filled = self._filled(filled, gap, is_worst(gap))
            return self._evaluator(filled).evaluate(asked)

        decision, turning = decide_under_gaps(known, gaps, decided)
        return Judged(decision, turning)

    def _evaluator(self, bearing: Bearing) -> Evaluator:
        found = self._evaluators.get(bearing)
        if found is None:
            if len(self._evaluators) >= _MOST_EVALUATORS:
                self._evaluators.clear()
            found = Evaluator.of_layers(
                self._policy_set, _layers(bearing, self.allow), self._compiler
            )
            self._evaluators[bearing] = found
        return found

    def _filled(self, bearing: Bearing, gap: OpenGap, worst: bool) -> Bearing:
        extreme = self._deny if worst else self.allow
        match gap.decider:
            case Decider.IDENTITY_POLICY:
                return replace(bearing, identity=_with(bearing.identity, extreme))
            case Decider.PERMISSION_BOUNDARY:
                return replace(bearing, boundary=Place(frozenset({extreme})))
            case Decider.SERVICE_CONTROL_POLICY:
                levels = _at(bearing.service_control, gap.level, extreme)
                return replace(bearing, service_control=levels)
            case Decider.RESOURCE_CONTROL_POLICY:
                levels = _at(bearing.resource_control, gap.level, extreme if worst else None)
                return replace(bearing, resource_control=levels)
            case _:
                own = self._deny_everybody if worst else self.allow_everybody
                resource = Place(frozenset({own}))
                return replace(bearing, resource=resource, is_trust=False)

    def _extreme(
        self, effect: Effect, principals: tuple[PrincipalElement, ...] | None
    ) -> CompiledStatement:
        return CompiledStatement(
            effect=effect,
            action_patterns=("*",),
            not_action=False,
            action_bits=self._compiler.catalogue.all_bits,
            resources=None,
            not_resource=False,
            principals=principals,
            not_principal=False,
            conditions=(),
            resource_templates=(),
            resource_variable_keys=frozenset(),
        )


def _with(place: Place, extreme: CompiledStatement) -> Place:
    return Place(place.statements | {extreme})


def _at(
    levels: Sequence[Place], level: int, extreme: CompiledStatement | None
) -> tuple[Place, ...]:
    own = levels[level]
    added = own.statements if extreme is None else own.statements | {extreme}
    return (*levels[:level], Place(added), *levels[level + 1 :])


def _gaps(bearing: Bearing) -> tuple[OpenGap, ...]:
    single = (
        (Decider.IDENTITY_POLICY, bearing.identity),
        (Decider.PERMISSION_BOUNDARY, bearing.boundary),
        (Decider.RESOURCE_POLICY, bearing.resource),
    )
    levels = (
        (Decider.SERVICE_CONTROL_POLICY, bearing.service_control),
        (Decider.RESOURCE_CONTROL_POLICY, bearing.resource_control),
    )
    found = [
        OpenGap(decider, number)
        for decider, places in levels
        for number, place in enumerate(places)
        if place.is_open
    ]
    found += [OpenGap(decider) for decider, place in single if place is not None and place.is_open]
    return tuple(found)


def _layers(bearing: Bearing, allow: CompiledStatement) -> tuple[Layer, ...]:
    layers = [
        *(
            layer_of_statements(place.statements, Decider.RESOURCE_CONTROL_POLICY)
            for place in bearing.resource_control
        ),
        *(
            layer_of_statements(place.statements, Decider.SERVICE_CONTROL_POLICY)
            for place in bearing.service_control
        ),
    ]
    # An open resource policy is none as far as is known.
    if bearing.resource is not None and not bearing.resource.is_open:
        kind = PolicyType.TRUST_POLICY if bearing.is_trust else PolicyType.RESOURCE_POLICY
        layers.append(
            layer_of_statements(bearing.resource.statements, Decider.RESOURCE_POLICY, kind)
        )
    layers.append(layer_of_statements(bearing.identity.statements, Decider.IDENTITY_POLICY))
    if bearing.boundary is not None:
        # An open boundary is there, which matters by itself; as far as is known it limits nothing.
        statements = {allow} if bearing.boundary.is_open else bearing.boundary.statements
        layers.append(layer_of_statements(statements, Decider.PERMISSION_BOUNDARY))
    return tuple(layers)
