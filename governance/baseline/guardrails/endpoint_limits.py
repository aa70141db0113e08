"""Whether all that a resource's policy allows is limited to one organization.

Judged statement by statement, and only where that is certain: each statement that allows asks for
the organization, or it does not. Where a statement that denies names the key too it is not decided.
"""

from dataclasses import dataclass
from typing import Final

from governance.posture.state.parsed_policies import parsed_policy
from inventory.digests import sha256
from policies import CompiledStatement, Effect, Operator, PolicyType, default_compiler

PRINCIPAL_ORGANIZATION: Final = "aws:principalorgid"
RESOURCE_ORGANIZATION: Final = "aws:resourceorgid"
_EQUAL: Final = (Operator.STRING_EQUALS, Operator.STRING_LIKE, Operator.STRING_EQUALS_IGNORE_CASE)


@dataclass(frozen=True, slots=True)
class OrganizationLimits:
    """Whether everything allowed asks for principals, and for resources, of the organization.

    None: a statement that denies may limit it, which is not decided.
    """

    principals: bool | None
    resources: bool | None


def policy_limits_to(text: str, organization_id: str) -> OrganizationLimits:
    """Return how far a policy's text limits what it allows. No text allows everything."""
    if not text or not organization_id:
        return OrganizationLimits(principals=False, resources=False)
    parsed = parsed_policy(sha256(text), text, PolicyType.RESOURCE_POLICY)
    if parsed.document is None:
        return OrganizationLimits(principals=False, resources=False)
    statements = default_compiler().document(parsed.document)
    return OrganizationLimits(
        principals=_limits(statements, PRINCIPAL_ORGANIZATION, organization_id),
        resources=_limits(statements, RESOURCE_ORGANIZATION, organization_id),
    )


def _limits(
    statements: tuple[CompiledStatement, ...], key: str, organization_id: str
) -> bool | None:
    allows = [one for one in statements if one.effect is Effect.ALLOW]
    if all(_asks_for(one, key, organization_id) for one in allows):
        return True
    denies = (one for one in statements if one.effect is Effect.DENY)
    named = any(condition.key == key for one in denies for condition in one.conditions)
    return None if named else False


def _asks_for(statement: CompiledStatement, key: str, organization_id: str) -> bool:
    return any(
        condition.key == key
        and condition.operator in _EQUAL
        and not condition.negated
        and not condition.if_exists
        and condition.set_operator is None
        and set(condition.values) == {organization_id}
        for condition in statement.conditions
    )
