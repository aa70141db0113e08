"""Asks the evaluator whether a chain of levels lets a request pass.

A level is given to the evaluator as documents made of its compiled statements, so that one level,
once compiled, serves every chain that has it. Every level of a chain must let a request pass
(Organizations user guide, "SCP evaluation").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policies.comparison.witness import Witness
from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.evaluation.aws_rules import never_permits
from policies.evaluation.derived_context import derived_context
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import NotAPrincipal
from policies.evaluation.program import RESOURCE, Program
from policies.evaluation.request import NotARequest, Request, make_request
from policies.evaluation.verdict import Decision, DecisionOutcome
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import (
    VERSION_WITH_VARIABLES,
    Condition,
    PolicyDocument,
    PrincipalElement,
    Statement,
)
from policies.language.policy_types import PolicyType
from policies.statement_cover import StatementCover

_DENIED = frozenset({DecisionOutcome.EXPLICIT_DENY, DecisionOutcome.IMPLICIT_DENY})


class _ActionStatements:
    """What is known of one action: which statements cover it, and what of each level they are.

    `about`: of a level those statements, as a level; or its answer where they hang on nothing
    but the action.
    """

    __slots__ = ("about", "covering", "levels")

    def __init__(self, covering: StatementCover) -> None:
        self.covering = covering
        self.about: dict[PolicyLevel, PolicyLevel | bool | None] = {}
        self.levels: dict[tuple[CompiledStatement, ...], PolicyLevel | bool | None] = {}


class _AskedWitness:
    """A witness as the evaluator takes it, with what each level said of it.

    `context` holds the keys that follow from the caller, too. `programs`: by level what decides
    for all callers whom the evaluator treats alike but for these keys.
    """

    __slots__ = ("action", "answers", "context", "programs", "request", "stand_in")

    def __init__(
        self,
        request: Request,
        action: _ActionStatements,
        stand_in: Request,
        programs: dict[PolicyLevel, Program],
    ) -> None:
        self.request = request
        self.action = action
        self.stand_in = stand_in
        self.programs = programs
        self.answers: dict[PolicyLevel, bool | None] = {}
        own = derived_context(request.principal, request.resource_account_id, None, None, None)
        self.context: Mapping[str, ContextValue] = {**own, **request.context}


class Confirmation:
    """Remembers evaluators of levels, and what they said of requests."""

    def __init__(self, compiler: Compiler, policy_type: PolicyType) -> None:
        self._compiler = compiler
        self._policy_type = policy_type
        self._decider = _DECIDERS.get(policy_type, Decider.IDENTITY_POLICY)
        self._evaluators: dict[PolicyLevel, Evaluator] = {}
        self._names_callers: set[PolicyLevel] = set()
        self._actions: dict[str, _ActionStatements] = {}
        self._kinds: dict[tuple[object, ...], tuple[Request, dict[PolicyLevel, Program]]] = {}
        self._asked: dict[Witness, _AskedWitness | None] = {}

    def passes(self, levels: Iterable[PolicyLevel], witness: Witness) -> bool | None:
        """Whether every level lets a request pass; None where the evaluator cannot tell."""
        asked = self._known(witness)
        if asked is None:
            return None
        about, answers = asked.action.about, asked.answers
        answer: bool | None = True
        for whole in levels:
            try:
                level = about[whole]
            except KeyError:
                level = self._covering_level(whole, asked)
            if level is True:
                continue
            if isinstance(level, PolicyLevel):
                try:
                    found = answers[level]
                except KeyError:
                    found = answers[level] = self._ask(level, asked)
            else:
                found = level
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    def is_permitted(self, witness: Witness) -> bool:
        """Whether AWS itself may permit a request, whatever policies say of it."""
        asked = self._known(witness)
        if asked is None:
            return True
        request, context = asked.request, asked.context

        def lookup(key: str) -> ContextValue:
            return context.get(key, ABSENT) if key != RESOURCE else request.resource

        return not never_permits(request.action.lower(), request.principal, lookup)

    def context(self, witness: Witness) -> Mapping[str, ContextValue] | None:
        """Return a request's keys, those that follow from its caller too; None if it is invalid."""
        asked = self._known(witness)
        return asked.context if asked is not None else None

    def _known(self, witness: Witness) -> _AskedWitness | None:
        try:
            return self._asked[witness]
        except KeyError:
            asked = self._asked[witness] = self._ask_about(witness)
            return asked

    def _ask_about(self, witness: Witness) -> _AskedWitness | None:
        """Return a witness with its request; None where it is no valid request."""
        request = self._request(witness)
        if request is None:
            return None
        action = self._actions.get(request.action)
        if action is None:
            index = self._compiler.catalogue.index_of.get(request.action.lower())
            action = _ActionStatements(StatementCover(request.action, index))
            self._actions[request.action] = action
        caller, account_id = request.principal, request.resource_account_id
        kind = (
            request.action,
            caller.kind,
            caller.account_id,
            caller.is_service_linked_role,
            account_id,
        )
        known = self._kinds.get(kind)
        if known is None:
            # One caller stands for all of its kind, whatever the action, so that what was learnt
            # of one serves all.
            first, _ = self._kinds.setdefault(kind[1:], (request, {}))
            known = self._kinds[kind] = (request._replace(principal=first.principal), {})
        return _AskedWitness(request, action, *known)

    def _covering_level(
        self, whole: PolicyLevel, asked: _AskedWitness
    ) -> PolicyLevel | bool | None:
        """Return the level of those statements that cover an action; few levels differ in these.

        Where they hang on nothing else, what the evaluator says of one request goes for all.
        """
        action = asked.action
        covers = action.covering
        covering = (
            *[statement for statement in whole.allows if covers[statement]],
            *[statement for statement in whole.denies if covers[statement]],
        )
        try:
            found = action.levels[covering]
        except KeyError:
            level = self._compiler.level_of(covering)
            found = level
            if all(statement.is_unconditional for statement in covering):
                found = self._ask(level, asked)
            action.levels[covering] = found
        action.about[whole] = found
        return found

    def _ask(self, level: PolicyLevel, asked: _AskedWitness) -> bool | None:
        program = asked.programs.get(level)
        if program is None:
            evaluator = self._evaluators.get(level)
            if evaluator is None:
                evaluator = Evaluator(self._policy_set(level), self._compiler, policies_alone=True)
                self._evaluators[level] = evaluator
                if any(_names_callers(statement) for statement in level.statements):
                    self._names_callers.add(level)
            if level in self._names_callers:
                return self._verdict(evaluator.evaluate(asked.request))
            program = asked.programs[level] = evaluator.program(asked.stand_in)
        return self._verdict(program.decide(asked.request.resource, asked.context))

    def _verdict(self, decision: Decision) -> bool | None:
        if decision.decision is DecisionOutcome.UNKNOWN:
            return None
        return not (decision.decision in _DENIED and self._decider in decision.decided_by)

    @staticmethod
    def _request(witness: Witness) -> Request | None:
        try:
            return make_request(
                witness.principal,
                witness.action,
                witness.resource,
                resource_account_id=witness.resource_account_id,
                context=witness.context,
            )
        except (NotARequest, NotAPrincipal):
            return None

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


def _names_callers(statement: CompiledStatement) -> bool:
    """Whether a statement distinguishes callers by more than their context keys."""
    everybody = (PrincipalElement("*", "*"),)
    return statement.not_principal or statement.principals not in (None, everybody)


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
