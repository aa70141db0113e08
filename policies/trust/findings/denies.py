"""What the denies around a statement ask of whoever comes in, as guards.

"Deny unless the key is this" asks what "allow if the key is this" does. A deny with several
conditions lets in whoever fails one of them, so that it is a choice of guards. Denies of the policy
itself and of resource control policies count; only those that cover all actions and resources of
the edge, and its principal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from policies.compiled import CompiledStatement, default_compiler
from policies.language.document import (
    Condition,
    Effect,
    Operator,
    PolicyDocument,
    SetOperator,
    Statement,
)
from policies.language.operators import NEGATABLE, OperatorParts, operator_name
from policies.language.patterns import resource_glob
from policies.language.policy_types import PolicyType
from policies.trust.edges import PolicyEdge, TrustPrincipalKind
from policies.trust.guard_keys import is_saml
from policies.trust.guards import GuardReading, read_guards
from policies.trust.question import TrustQuestion

_OPPOSITE: Final = {"true": "false", "false": "true"}
_BY_SAML: Final = "sts:assumerolewithsaml"
_BY_WEB_IDENTITY: Final = "sts:assumerolewithwebidentity"
_IS_SERVICE: Final = "aws:principalisawsservice"
_SOURCE_ACCOUNT: Final = "aws:sourceaccount"


def guards_by_denies(
    question: TrustQuestion, edge: PolicyEdge
) -> tuple[tuple[GuardReading, ...], ...]:
    """Return, for each deny that is in an edge's way, the guards of which a request meets one."""
    statement = question.policy.statements[edge.statement]
    asked: list[list[tuple[Condition, ...]]] = []
    is_trust = question.policy_type is PolicyType.TRUST_POLICY
    assuming = _assuming_bits(edge) if is_trust else 0
    for deny, compiled in _denies(question):
        if not _covers(deny, compiled, statement, edge, assuming):
            continue
        negated = [_negated(c) for c in deny.conditions if not _always_holds(c, edge)]
        if negated and None not in negated:
            asked.append([choice for choice in negated if choice is not None])
    # What one deny says of a key's absence counts for the other denies on the key.
    there = tuple(choices[0][0] for choices in asked if len(choices) == 1 and _is_null(choices[0]))
    found: list[tuple[GuardReading, ...]] = []
    for choices in asked:
        readings: list[GuardReading] = []
        for choice in choices:
            guarded = replace(statement, conditions=(*statement.conditions, *there, *choice))
            readings += read_guards(question, guarded, edge.principal)[-1:]
        found.append(tuple(readings))
    return tuple(found)


def _is_null(choice: tuple[Condition, ...]) -> bool:
    return len(choice) == 1 and choice[0].operator is Operator.NULL


def _denies(question: TrustQuestion) -> Iterator[tuple[Statement, CompiledStatement]]:
    documents: list[PolicyDocument] = [question.policy]
    for level in question.resource_control_policies or ():
        documents += level.policies
    for document in documents:
        for place, statement in enumerate(document.statements):
            if statement.effect is Effect.DENY and statement.conditions:
                yield statement, default_compiler().document(document)[place]


def _covers(
    deny: Statement,
    compiled: CompiledStatement,
    statement: Statement,
    edge: PolicyEdge,
    assuming: int,
) -> bool:
    return (
        _covers_principal(deny, edge)
        and _covers_actions(compiled, edge, assuming)
        and _covers_resources(deny, statement)
    )


def _covers_principal(deny: Statement, edge: PolicyEdge) -> bool:
    if deny.not_principals is not None:
        return False
    named = deny.principals
    if named is None or any(element.kind == "*" for element in named):
        return True
    kind = {
        TrustPrincipalKind.SERVICE: "Service",
        TrustPrincipalKind.FEDERATED: "Federated",
    }.get(edge.principal.kind, "AWS")
    return any(
        element.kind == kind and element.value in ("*", edge.principal.id) for element in named
    )


def _assuming_bits(edge: PolicyEdge) -> int:
    """Return the actions of an edge by which its principal may assume a role.

    Without them nobody tags a session or sets its source identity.
    """
    principal, catalogue = edge.principal, default_compiler().catalogue
    actions = ["sts:assumerole"]
    if principal.kind is TrustPrincipalKind.FEDERATED:
        actions = [_BY_SAML if is_saml(principal) else _BY_WEB_IDENTITY]
    elif principal.kind is TrustPrincipalKind.EVERYONE:
        actions += [_BY_SAML, _BY_WEB_IDENTITY]
    assuming, allowed = 0, 0
    for action in actions:
        assuming |= catalogue.bits(action)
    for action in edge.actions:
        allowed |= catalogue.bits(action.lower())
    return assuming & allowed


def _covers_actions(compiled: CompiledStatement, edge: PolicyEdge, assuming: int) -> bool:
    """Whether a deny is of all actions of an edge; of `assuming` alone, where that is not 0."""
    if assuming:
        return not assuming & ~compiled.action_bits
    catalogue = default_compiler().catalogue
    for pattern in edge.actions:
        bits = catalogue.bits(pattern.lower())
        if not bits and not compiled.covers_action(pattern):
            return False
        if bits & ~compiled.action_bits:
            return False
    return True


def _covers_resources(deny: Statement, statement: Statement) -> bool:
    """Whether each resource pattern that is allowed lies, as a text, within one that is denied."""
    if deny.not_resources is not None:
        return False
    if deny.resources is None or "*" in deny.resources or statement.resources is None:
        return True
    globs = [resource_glob((text,)) for text in deny.resources]
    return all(any(glob.matches(text) for glob in globs) for text in statement.resources)


def _always_holds(condition: Condition, edge: PolicyEdge) -> bool:
    """Whether a deny's condition only says for which kind of principal it is meant, this one."""
    key, kind = condition.key.lower(), edge.principal.kind
    is_service = kind is TrustPrincipalKind.SERVICE
    if key == _IS_SERVICE and kind is not TrustPrincipalKind.EVERYONE:
        return condition.values == ("true" if is_service else "false",)
    if key == _SOURCE_ACCOUNT and condition.operator is Operator.NULL:
        # Services that act for others send aws:SourceAccount.
        return is_service and condition.values == ("false",)
    return False


def _negated(condition: Condition) -> tuple[Condition, ...] | None:
    """Return conditions that hold together exactly where one does not; None if none do so.

    The last of them is the one that says which values remain.
    """
    operator = condition.operator
    if operator in (Operator.BOOL, Operator.NULL):
        if len(condition.values) != 1 or condition.values[0].lower() not in _OPPOSITE:
            return None
        values = (_OPPOSITE[condition.values[0].lower()],)
        if operator is Operator.NULL or condition.if_exists:
            return (_written(condition, operator, False, None, values),)
        # Bool false denies nobody who lacks the key.
        return (replace(_written(condition, operator, False, None, values), if_exists=True),)
    if operator not in NEGATABLE:
        return None
    quantifier = {
        None: None,
        SetOperator.FOR_ALL_VALUES: SetOperator.FOR_ANY_VALUE,
        SetOperator.FOR_ANY_VALUE: SetOperator.FOR_ALL_VALUES,
    }[condition.set_operator]
    made = _written(condition, operator, not condition.negated, quantifier, condition.values)
    lets_absent_pass = quantifier is SetOperator.FOR_ALL_VALUES or (
        quantifier is None and made.negated
    )
    if condition.if_exists and lets_absent_pass:
        there = _written(condition, Operator.NULL, False, None, ("false",))
        return (there, made)
    return (made,)


def _written(
    condition: Condition,
    operator: Operator,
    negated: bool,
    set_operator: SetOperator | None,
    values: tuple[str, ...],
) -> Condition:
    name = operator_name(OperatorParts(operator, negated, set_operator, False))
    return replace(
        condition,
        written_operator=name,
        operator=operator,
        negated=negated,
        set_operator=set_operator,
        if_exists=False,
        values=values,
    )
