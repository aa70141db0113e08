"""Access that something other than a policy gives, as the statements that would give it.

Source: KMS developer guide, "Grants in AWS KMS" (a grant allows beside key and IAM policies),
"Using grant constraints", and CreateGrant of its API reference (to which operations constraints
apply); RAM user guide, "How AWS RAM works" and "Managed permissions"; S3 user guide, "Access
control list (ACL) overview".
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from governance.posture.state.organization import CompiledOrganization
from governance.posture.state.resources import Resource
from inventory.resource_facts import RAM_SHARE, AccessGrant, GranteeKind
from policies import PolicyDocument, PolicyType, parse_policy

Statement = Mapping[str, Any]
_ENCRYPTION_CONTEXT: Final = "kms:EncryptionContext:"
_CONTEXT_EQUALS: Final = "EncryptionContextEquals"
_CONTEXTS: Final = frozenset({"EncryptionContextSubset", _CONTEXT_EQUALS})
_SOURCE_ARN: Final = "SourceArn"
# Operations of a grant to which its constraints do not apply.
_WITHOUT_CONTEXT: Final = frozenset({"kms:DescribeKey", "kms:RetireGrant"})
_WITHOUT_SOURCE: Final = frozenset({"kms:RetireGrant"})


def granted_policy(
    resource: Resource, organization: CompiledOrganization, *, services_too: bool = False
) -> PolicyDocument | None:
    """Return the policy that would give what a resource's grants give; None: they give nobody any.

    Grants whose actions IAM has not, or that are not known, are left out; those to AWS services
    unless `services_too`.
    """
    statements = [
        statement
        for grant in resource.grants
        if services_too or grant.kind is not GranteeKind.SERVICE
        for statement in grant_statements(grant, organization)
    ]
    if not statements:
        return None
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return parse_policy(text, PolicyType.RESOURCE_POLICY).document


def grant_statements(grant: AccessGrant, organization: CompiledOrganization) -> list[Statement]:
    """Return the statements that would give what a grant gives; none: no policy could.

    Those of one grant differ in the operations to which its constraints apply.
    """
    who = grantee_elements(grant, organization)
    if who is None or not grant.actions:
        return []
    statements: list[Statement] = []
    for actions, narrowed in _narrowed(grant):
        condition: dict[str, Any] = json.loads(json.dumps(who.get("Condition", {})))
        for operator, keys in narrowed.items():
            condition.setdefault(operator, {}).update(keys)
        if grant.expires_at:
            condition["DateLessThan"] = {"aws:CurrentTime": grant.expires_at}
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*", **who}
        if grant.name:
            statement["Sid"] = grant.name
        statements.append(statement | ({"Condition": condition} if condition else {}))
    return statements


def _narrowed(grant: AccessGrant) -> Iterator[tuple[list[str], Mapping[str, Mapping[str, Any]]]]:
    """Yield actions of a grant with the conditions that narrow them."""
    if grant.through == RAM_SHARE:
        yield list(grant.actions), grant.conditions
        return
    for actions, constraints in _by_constraints(grant.actions, grant.conditions.keys()):
        yield actions, _conditions({name: grant.conditions[name] for name in constraints})


def _by_constraints(
    actions: Sequence[str], constraints: Collection[str]
) -> Iterator[tuple[list[str], frozenset[str]]]:
    """Yield the actions of a KMS grant by the constraints that apply to them."""
    found: dict[frozenset[str], list[str]] = {}
    for action in actions:
        applying = set(constraints)
        if action in _WITHOUT_CONTEXT:
            applying -= _CONTEXTS
        if action in _WITHOUT_SOURCE:
            applying -= {_SOURCE_ARN}
        found.setdefault(frozenset(applying), []).append(action)
    for applying_all, together in found.items():
        yield together, applying_all


def _conditions(constraints: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the conditions that say the same as constraints of a KMS grant.

    `EncryptionContextEquals` also asks that the context hold nothing else.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(_CONTEXTS & constraints.keys()):
        pairs = dict(constraints[name])
        for key, value in sorted(pairs.items()):
            found.setdefault("StringEquals", {})[f"{_ENCRYPTION_CONTEXT}{key}"] = _literal(value)
        if name == _CONTEXT_EQUALS:
            found["ForAllValues:StringEquals"] = {
                "kms:EncryptionContextKeys": sorted(_literal(key) for key in pairs)
            }
    if _SOURCE_ARN in constraints:
        source = {"aws:SourceArn": _literal(constraints[_SOURCE_ARN])}
        found.setdefault("StringEquals", {}).update(source)
    return found


def _literal(text: str) -> str:
    """Return a text as a condition has it that takes none of it for a policy variable."""
    return text.replace("${", "${$}{")


def grantee_elements(
    grant: AccessGrant, organization: CompiledOrganization
) -> dict[str, Any] | None:
    """Return Principal and Condition of a statement for a grantee; None: no policy names such."""
    match grant.kind:
        case GranteeKind.ACCOUNT | GranteeKind.PRINCIPAL:
            return {"Principal": {"AWS": grant.grantee}}
        case GranteeKind.SERVICE:
            return {"Principal": {"Service": grant.grantee}}
        case GranteeKind.CANONICAL_USER:
            return {"Principal": {"CanonicalUser": grant.grantee}}
        case GranteeKind.EVERYONE:
            return {"Principal": "*"}
        case GranteeKind.ORGANIZATION:
            return _of_organization("StringEquals", "aws:PrincipalOrgID", last_part(grant.grantee))
        case GranteeKind.ORGANIZATIONAL_UNIT:
            path = _unit_path(grant.grantee, organization)
            return path and _of_organization(
                "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{path}*"
            )
    return None


def _of_organization(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Principal": "*", "Condition": {operator: {key: value}}}


def last_part(arn: str) -> str:
    """Return what stands behind the last slash of an ARN."""
    return arn.rpartition("/")[2]


def _unit_path(arn: str, organization: CompiledOrganization) -> Any:
    """Return the path of an OU of the organization; None: there is no such OU."""
    unit_id, names = last_part(arn), organization.names
    steps = []
    while unit_id in names:
        steps.append(unit_id)
        unit_id = names[unit_id].parent_id or ""
    own = organization.organization.organization_id
    return "/".join([own, *reversed(steps), ""]) if steps and own else None
