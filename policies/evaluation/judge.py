"""Decides reduced policies for principals, also where some policies are not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policies.compiled import CompiledStatement, Compiler
from policies.evaluation.applicable import (
    EVERYBODY,
    RESOURCE_KEY,
    ApplicableLayer,
    ApplicableStatements,
)
from policies.evaluation.aws_rules import AwsRule, rules_of_action
from policies.evaluation.evaluate import TRUST_ACTIONS, Evaluator
from policies.evaluation.gaps import decide_under_gaps
from policies.evaluation.layers import Decider, Layer, layer_of_statements
from policies.evaluation.policy_set import PolicySet
from policies.evaluation.principal import RequestPrincipal
from policies.evaluation.request import OrganizationIds, Request
from policies.evaluation.verdict import Decision
from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.language.document import Effect, PrincipalElement
from policies.language.policy_types import PolicyType

_MOST_EVALUATORS: Final = 16384


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A layer whose policies are not all known. `level`: which, of SCP or RCP levels."""

    decider: Decider
    level: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, and the open layers that can turn it."""

    decision: Decision
    gaps: tuple[OpenGap, ...]


class Judge:
    """Decides applicable_sets for principals; what it learns of one serves all that share it."""

    def __init__(self, organization: OrganizationIds, compiler: Compiler) -> None:
        self.organization = organization
        self._policy_set = PolicySet(organization)
        self._compiler = compiler
        self._rules = Evaluator.of_layers(self._policy_set, (), compiler)
        self.allow = self._extreme(Effect.ALLOW, None)
        self._deny = self._extreme(Effect.DENY, None)
        self.allow_everybody = self._extreme(Effect.ALLOW, EVERYBODY)
        self._deny_everybody = self._extreme(Effect.DENY, EVERYBODY)
        self._evaluators: dict[ApplicableStatements, Evaluator] = {}

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

    def unknown_level(self) -> ApplicableLayer:
        """Return the levels of an account that are not known at all, as one."""
        return ApplicableLayer(frozenset({self.allow}), is_open=True)

    def decide(
        self,
        applicable: ApplicableStatements,
        principal: RequestPrincipal,
        request: Request,
        context: Mapping[str, ContextValue],
    ) -> Judged:
        """Decide for one principal.

        `request` gives action, resource and the resource's account; `context` holds every key
        that a statement reads, derived ones too.
        """
        asked = request._replace(principal=principal, context={**context, RESOURCE_KEY: UNKNOWN})
        known = self.evaluator(applicable).evaluate(asked)
        gaps = _gaps(applicable)

        def decided(is_worst: Callable[[OpenGap], bool]) -> Decision:
            filled = applicable
            for gap in gaps:
                filled = self._filled(filled, gap, is_worst(gap))
            return self.evaluator(filled).evaluate(asked)

        decision, turning = decide_under_gaps(known, gaps, decided)
        return Judged(decision, turning)

    def evaluator(self, applicable: ApplicableStatements) -> Evaluator:
        """Return the evaluator of such statements, one for equal ones."""
        found = self._evaluators.get(applicable)
        if found is None:
            if len(self._evaluators) >= _MOST_EVALUATORS:
                self._evaluators.clear()
            found = Evaluator.of_layers(
                self._policy_set, _layers(applicable, self.allow), self._compiler
            )
            self._evaluators[applicable] = found
        return found

    def _filled(
        self, applicable: ApplicableStatements, gap: OpenGap, worst: bool
    ) -> ApplicableStatements:
        extreme = self._deny if worst else self.allow
        match gap.decider:
            case Decider.IDENTITY_POLICY:
                return replace(applicable, identity=_with(applicable.identity, extreme))
            case Decider.PERMISSION_BOUNDARY:
                return replace(applicable, boundary=ApplicableLayer(frozenset({extreme})))
            case Decider.SERVICE_CONTROL_POLICY:
                levels = _at(applicable.service_control, gap.level, extreme)
                return replace(applicable, service_control=levels)
            case Decider.RESOURCE_CONTROL_POLICY:
                levels = _at(applicable.resource_control, gap.level, extreme if worst else None)
                return replace(applicable, resource_control=levels)
            case _ if (known := applicable.resource) is not None and not known.is_open:
                layer = ApplicableLayer(known.statements)
                more = layer if worst else _with(layer, self.allow_everybody)
                return replace(applicable, resource=more)
            case _:
                own = self._deny_everybody if worst else self.allow_everybody
                resource = ApplicableLayer(frozenset({own}))
                return replace(applicable, resource=resource, is_trust=False)

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


def _with(layer: ApplicableLayer, extreme: CompiledStatement) -> ApplicableLayer:
    return ApplicableLayer(layer.statements | {extreme})


def _at(
    levels: Sequence[ApplicableLayer], level: int, extreme: CompiledStatement | None
) -> tuple[ApplicableLayer, ...]:
    own = levels[level]
    added = own.statements if extreme is None else own.statements | {extreme}
    return (*levels[:level], ApplicableLayer(added), *levels[level + 1 :])


def _gaps(applicable: ApplicableStatements) -> tuple[OpenGap, ...]:
    single = (
        (Decider.IDENTITY_POLICY, applicable.identity),
        (Decider.PERMISSION_BOUNDARY, applicable.boundary),
        (Decider.RESOURCE_POLICY, applicable.resource),
    )
    levels = (
        (Decider.SERVICE_CONTROL_POLICY, applicable.service_control),
        (Decider.RESOURCE_CONTROL_POLICY, applicable.resource_control),
    )
    found = [
        OpenGap(decider, number)
        for decider, layers in levels
        for number, layer in enumerate(layers)
        if layer.is_open
    ]
    found += [
        OpenGap(decider)
        for decider, layer in single
        if layer is not None and (layer.is_open or layer.may_allow_more)
    ]
    return tuple(found)


def _layers(applicable: ApplicableStatements, allow: CompiledStatement) -> tuple[Layer, ...]:
    layers = [
        *(
            layer_of_statements(layer.statements, Decider.RESOURCE_CONTROL_POLICY)
            for layer in applicable.resource_control
        ),
        *(
            layer_of_statements(layer.statements, Decider.SERVICE_CONTROL_POLICY)
            for layer in applicable.service_control
        ),
    ]
    # An open resource policy is none as far as is known.
    if applicable.resource is not None and not applicable.resource.is_open:
        kind = PolicyType.TRUST_POLICY if applicable.is_trust else PolicyType.RESOURCE_POLICY
        layers.append(
            layer_of_statements(applicable.resource.statements, Decider.RESOURCE_POLICY, kind)
        )
    layers.append(layer_of_statements(applicable.identity.statements, Decider.IDENTITY_POLICY))
    if applicable.boundary is not None:
        # An open boundary is there, which matters by itself; as far as is known it limits nothing.
        statements = {allow} if applicable.boundary.is_open else applicable.boundary.statements
        layers.append(layer_of_statements(statements, Decider.PERMISSION_BOUNDARY))
    return tuple(layers)
