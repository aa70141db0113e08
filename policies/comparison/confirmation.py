"""Asks the evaluator whether a chain of levels lets a request pass.

A level is given to the evaluator as documents made of its compiled statements, so that one level,
once compiled, serves every chain that has it. Every level of a chain must let a request pass
(Organizations user guide, "SCP evaluation").
"""

from __future__ import annotations

from collections.abc import Iterable

from policies.comparison.witness import Witness
from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import NotAPrincipal
from policies.evaluation.request import NotARequest, Request, make_request
from policies.evaluation.verdict import DecisionOutcome
from policies.language.document import (
    VERSION_WITH_VARIABLES,
    Condition,
    PolicyDocument,
    Statement,
)
from policies.language.policy_types import PolicyType

_DENIED = frozenset({DecisionOutcome.EXPLICIT_DENY, DecisionOutcome.IMPLICIT_DENY})


class Confirmation:
    """Remembers evaluators of levels, and what they said of requests."""

    def __init__(self, compiler: Compiler, policy_type: PolicyType) -> None:
        self._compiler = compiler
        self._policy_type = policy_type
        self._evaluators: dict[PolicyLevel, Evaluator] = {}
        self._requests: dict[Witness, Request | None] = {}
        self._about_action: dict[str, dict[PolicyLevel, PolicyLevel]] = {}
        self._answers: dict[tuple[PolicyLevel, Witness | None], bool | None] = {}
        # To these one request is as good as another; None stands for all.
        self._unconditional: set[PolicyLevel] = set()

    def passes(self, levels: Iterable[PolicyLevel], witness: Witness) -> bool | None:
        """Whether every level lets a request pass; None where the evaluator cannot tell."""
        answer: bool | None = True
        for whole in levels:
            level = self._about(whole, witness.action)
            key = (level, None if level in self._unconditional else witness)
            if key in self._answers:
                found = self._answers[key]
            else:
                found = self._answers[key] = self._ask(level, witness)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    def _about(self, level: PolicyLevel, action: str) -> PolicyLevel:
        """Return the level of those statements that cover an action; few differ in these."""
        known = self._about_action.setdefault(action, {})
        found = known.get(level)
        if found is None:
            covering = (s for s in (*level.allows, *level.denies) if s.covers_action(action))
            found = known[level] = self._compiler.level_of(covering)
            if all(statement.is_unconditional for statement in found.statements):
                self._unconditional.add(found)
        return found

    def _ask(self, level: PolicyLevel, witness: Witness) -> bool | None:
        request = self._request(witness)
        if request is None:
            return None
        evaluator = self._evaluators.get(level)
        if evaluator is None:
            evaluator = Evaluator(self._policy_set(level), self._compiler, policies_alone=True)
            self._evaluators[level] = evaluator
        decision = evaluator.evaluate(request)
        if decision.decision is DecisionOutcome.UNKNOWN:
            return None
        return not (decision.decision in _DENIED and self._decider in decision.decided_by)

    @property
    def _decider(self) -> Decider:
        return _DECIDERS.get(self._policy_type, Decider.IDENTITY_POLICY)

    def _request(self, witness: Witness) -> Request | None:
        if witness not in self._requests:
            try:
                self._requests[witness] = make_request(
                    witness.principal,
                    witness.action,
                    witness.resource,
                    resource_account_id=witness.resource_account_id,
                    context=witness.context,
                )
            except (NotARequest, NotAPrincipal):
                self._requests[witness] = None
        return self._requests[witness]

    def _policy_set(self, level: PolicyLevel) -> PolicySet:
        documents = documents_of(level, self._policy_type)
        here = (TargetPolicies("level", documents),)
        if self._decider is Decider.SERVICE_CONTROL_POLICY:
            return PolicySet(service_control_policies=here)
        if self._decider is Decider.RESOURCE_CONTROL_POLICY:
            return PolicySet(resource_control_policies=here)
        return PolicySet(identity_policies=documents)


_DECIDERS = {
    PolicyType.SERVICE_CONTROL_POLICY: Decider.SERVICE_CONTROL_POLICY,
    PolicyType.RESOURCE_CONTROL_POLICY: Decider.RESOURCE_CONTROL_POLICY,
}


def documents_of(level: PolicyLevel, policy_type: PolicyType) -> tuple[PolicyDocument, ...]:
    """Return documents that mean what a level means; two, where only some expand variables."""
    kinds: dict[str, list[Statement]] = {}
    for compiled in (*level.allows, *level.denies):
        version = "2008-10-17" if _is_plain(compiled) else VERSION_WITH_VARIABLES
        kinds.setdefault(version, []).append(_statement(compiled))
    return tuple(
        PolicyDocument(policy_type, version, None, tuple(statements))
        for version, statements in kinds.items()
    )


def _is_plain(statement: CompiledStatement) -> bool:
    """Whether a statement holds `${…}` as text."""
    pairs = list(zip(statement.resources or (), statement.resource_templates, strict=False))
    for condition in statement.conditions:
        pairs += zip(condition.values, condition.templates, strict=False)
    return any("${" in written and parts == (written,) for written, parts in pairs)


def _statement(compiled: CompiledStatement) -> Statement:
    patterns, resources = compiled.action_patterns, compiled.resources or ("*",)
    principals = compiled.principals
    return Statement(
        sid=None,
        effect=compiled.effect,
        actions=None if compiled.not_action else patterns,
        not_actions=patterns if compiled.not_action else None,
        resources=None if compiled.not_resource else resources,
        not_resources=resources if compiled.not_resource else None,
        principals=None if compiled.not_principal else principals,
        not_principals=principals if compiled.not_principal else None,
        conditions=tuple(
            Condition(
                written_operator=item.written_operator,
                operator=item.operator,
                negated=item.negated,
                set_operator=item.set_operator,
                if_exists=item.if_exists,
                key=item.key,
                values=item.values,
                path=(),
            )
            for item in compiled.conditions
        ),
        path=(),
    )
