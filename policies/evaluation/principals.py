"""Which of many principals may do one action on one resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policies.compiled import CompiledStatement, Compiler, default_compiler
from policies.evaluation.aws_rules import RuleKind, rules_of_action
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.layers import Decider, layer_of_statements
from policies.evaluation.policy_set import PolicySet
from policies.evaluation.principal import PrincipalKind, RequestPrincipal, parse_principal
from policies.evaluation.request import Request
from policies.evaluation.verdict import Decision
from policies.language.document import Effect, PolicyDocument, Statement
from policies.language.patterns import action_glob, resource_glob
from policies.language.policy_types import PolicyType


class Candidate(NamedTuple):
    """A principal (as `parse_principal` takes it), its identity policies and its boundary."""

    principal: str
    identity_policies: Sequence[PolicyDocument]
    permission_boundary: PolicyDocument | None = None


def allowed_principals(
    shared: PolicySet,
    candidates: Iterable[Candidate],
    request: Request,
    compiler: Compiler | None = None,
) -> list[tuple[str, Decision]]:
    """Return each candidate that is, or may be, allowed, with its decision, in order.

    `shared` holds all policies but those of the candidates, who are of the account whose SCPs it
    has; `request` gives everything but the principal. Candidates that are denied are left out;
    unknown decisions are not.
    :raises NotAPrincipal: a candidate's principal is none.
    """
    search = _Search(shared, request, compiler or default_compiler())
    found = []
    for candidate in candidates:
        decision = search.decide(candidate)
        if decision is not None and not decision.is_denied:
            found.append((candidate.principal, decision))
    return found


class _Relevant(NamedTuple):
    """The statements of a document that can apply to the request.

    `allows`: some statement allows it, whatever the context. `others`: statements that cover it,
    or may, and need a closer look.
    """

    allows: bool
    others: tuple[CompiledStatement, ...]


_NOTHING = _Relevant(False, ())


class _Search:
    def __init__(self, shared: PolicySet, request: Request, compiler: Compiler) -> None:
        self._shared = shared
        self._request = request
        self._compiler = compiler
        self._action = request.action.lower()
        self._action_matches: dict[str, bool] = {}
        self._resource_matches: dict[str, bool | None] = {}
        self._relevant: dict[int, _Relevant] = {}
        self._base: dict[int, Evaluator] = {}
        self._evaluators: dict[tuple[int, bool, frozenset[CompiledStatement]], Evaluator] = {}
        self._stand_ins: dict[tuple[PrincipalKind, str | None, bool], Request] = {}
        # Where policies name principals, candidates differ by more than context keys.
        self._names_principals = (
            bool(shared.resource_documents) or shared.vpc_endpoint_policy is not None
        )
        self._needs_no_permission = any(
            rule.kind is RuleKind.NO_PERMISSION_NEEDED for rule in rules_of_action(self._action)
        )
        self._everything = _allow_everything(compiler)

    def decide(self, candidate: Candidate) -> Decision | None:
        """Decide for one candidate; None where no policy grants it anything."""
        allows = False
        others: list[CompiledStatement] = []
        for document in candidate.identity_policies:
            relevant = self._relevant.get(id(document)) or self._look(document)
            allows = allows or relevant.allows
            if relevant.others:
                others.extend(relevant.others)
        grants = allows or any(s.effect is Effect.ALLOW for s in others)
        needs_none = (
            self._needs_no_permission
            or bool(self._shared.resource_documents)
            or candidate.principal.endswith(":root")
        )
        if not grants and not needs_none:
            return None
        principal = parse_principal(candidate.principal)
        evaluator = self._evaluator(candidate.permission_boundary, allows, frozenset(others))
        if self._names_principals:
            return evaluator.evaluate(self._request._replace(principal=principal))
        return evaluator.decide_as(self._stand_in(principal), principal)

    def _stand_in(self, principal: RequestPrincipal) -> Request:
        key = (principal.kind, principal.account_id, principal.is_service_linked_role)
        found = self._stand_ins.get(key)
        if found is None:
            found = self._stand_ins[key] = self._request._replace(principal=principal)
        return found

    def _evaluator(
        self,
        boundary: PolicyDocument | None,
        allows: bool,
        others: frozenset[CompiledStatement],
    ) -> Evaluator:
        key = (id(boundary), allows, others)
        found = self._evaluators.get(key)
        if found is None:
            base = self._base.get(id(boundary))
            if base is None:
                base = self._base[id(boundary)] = Evaluator(
                    _with_boundary(self._shared, boundary), self._compiler
                )
            statements = (*self._everything, *others) if allows else tuple(others)
            found = self._evaluators[key] = base.with_identity_layer(
                layer_of_statements(statements, Decider.IDENTITY_POLICY)
            )
        return found

    def _look(self, document: PolicyDocument) -> _Relevant:
        allows, covering = False, []
        for number, statement in enumerate(document.statements):
            if not self._covers_action(statement):
                continue
            covers = self._covers_resource(statement)
            if covers is False:
                continue
            if covers and statement.effect is Effect.ALLOW and not statement.conditions:
                allows = True
            else:
                covering.append(number)
        relevant = _NOTHING
        if allows or covering:
            compiled = self._compiler.document(document) if covering else ()
            relevant = _Relevant(allows, tuple(compiled[number] for number in covering))
        self._relevant[id(document)] = relevant
        return relevant

    def _covers_action(self, statement: Statement) -> bool:
        patterns = statement.actions
        if patterns is None:
            return not self._any_action(statement.not_actions or ())
        return self._any_action(patterns)

    def _any_action(self, patterns: Iterable[str]) -> bool:
        known = self._action_matches
        for pattern in patterns:
            matches = known.get(pattern)
            if matches is None:
                lowered = pattern.lower()
                matches = known[pattern] = _begins_alike(lowered, self._action) and (
                    action_glob(lowered).matches(self._action)
                )
            if matches:
                return True
        return False

    def _covers_resource(self, statement: Statement) -> bool | None:
        """Whether it covers the resource; None where a variable may decide."""
        negated = statement.not_resources is not None
        listed: bool | None = False
        for pattern in statement.not_resources or statement.resources or ("*",):
            matches = self._matches_resource(pattern)
            if matches:
                return not negated
            if matches is None:
                listed = None
        return None if listed is None else negated

    def _matches_resource(self, pattern: str) -> bool | None:
        if pattern in self._resource_matches:
            return self._resource_matches[pattern]
        found = None
        if "${" not in pattern:
            resource = self._request.resource
            found = _begins_alike(pattern, resource) and resource_glob((pattern,)).matches(resource)
        self._resource_matches[pattern] = found
        return found


def _begins_alike(pattern: str, text: str) -> bool:
    """Whether a text begins as a pattern does up to its first wildcard; most do not."""
    for at, char in enumerate(pattern):
        if char in "*?":
            return True
        if text[at : at + 1] != char:
            return False
    return len(pattern) == len(text)


def _with_boundary(shared: PolicySet, boundary: PolicyDocument | None) -> PolicySet:
    return PolicySet(
        shared.organization,
        shared.service_control_policies,
        shared.resource_control_policies,
        (),
        boundary or shared.permission_boundary,
        shared.session_policies,
        shared.resource_policy,
        shared.vpc_endpoint_policy,
        shared.resource_grants,
    )


def _allow_everything(compiler: Compiler) -> tuple[CompiledStatement, ...]:
    statement = Statement(
        None, Effect.ALLOW, ("*",), None, ("*",), None, None, None, (), ("Statement",)
    )
    return compiler.document(
        PolicyDocument(PolicyType.IDENTITY_POLICY, "2012-10-17", None, (statement,))
    )
