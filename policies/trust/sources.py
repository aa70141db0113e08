"""Whom a statement lets in: one source of an edge for each of its principals.

A wildcard comes to whom its conditions leave; NotPrincipal with Allow is everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.language.document import Effect, PrincipalElement, Statement
from policies.language.policy_types import PolicyType
from policies.trust.edges import TrustPrincipal, TrustPrincipalKind
from policies.trust.narrowing import narrowed
from policies.trust.principals import EVERYONE, named_principal


@dataclass(frozen=True, slots=True)
class EdgeSource:
    """Whom an edge comes from, and the element that names them.

    `element` of None: NotPrincipal, which names those who are left out.
    """

    principal: TrustPrincipal
    element: PrincipalElement | None


def sources_of(statement: Statement, policy_type: PolicyType) -> tuple[EdgeSource, ...]:
    """Return the sources of a statement's edges, in order, each principal once.

    None for a statement that denies, or that has neither Principal nor NotPrincipal: AWS takes
    no such statement in a resource's policy. A wildcard that the conditions leave to nobody is
    everyone.
    """
    if statement.effect is not Effect.ALLOW:
        return ()
    found: dict[TrustPrincipal, EdgeSource] = {}
    if statement.not_principals is not None:
        for principal in narrowed(statement) or (EVERYONE,):
            found.setdefault(principal, EdgeSource(principal, None))
    for element in statement.principals or ():
        for principal in _principals(element, statement, policy_type):
            found.setdefault(principal, EdgeSource(principal, element))
    return tuple(found.values())


def _principals(
    element: PrincipalElement, statement: Statement, policy_type: PolicyType
) -> tuple[TrustPrincipal, ...]:
    principal = named_principal(element)
    if principal.kind is not TrustPrincipalKind.EVERYONE:
        return (principal,)
    by_services = element.kind == "*" or policy_type is not PolicyType.TRUST_POLICY
    return narrowed(statement, by_services=by_services) or (EVERYONE,)
