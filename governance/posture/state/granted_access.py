"""Access that something other than a policy gives, as the statements that would give it.

Source: KMS developer guide, "Grants in AWS KMS" (a grant allows beside key and IAM policies) and
"Using grant constraints"; S3 user guide, "Access control list (ACL) overview".
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from governance.posture.state.organization import CompiledOrganization
from governance.posture.state.resources import Resource
from inventory.resource_facts import AccessGrant, GranteeKind
from policies import PolicyDocument, PolicyType, parse_policy

_ENCRYPTION_CONTEXT: Final = "kms:EncryptionContext:"
_CONSTRAINTS: Final = frozenset({"EncryptionContextSubset", "EncryptionContextEquals"})


def granted_policy(resource: Resource, organization: CompiledOrganization) -> PolicyDocument | None:
    """Return the policy that would give what a resource's grants give; None: they give nobody any.

    Grants to AWS services, and those for which IAM has no action, are left out.
    """
    statements = list(_statements(resource, organization))
    if not statements:
        return None
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return parse_policy(text, PolicyType.RESOURCE_POLICY).document


def _statements(
    resource: Resource, organization: CompiledOrganization
) -> Iterator[Mapping[str, Any]]:
    for grant in resource.grants:
        who = grantee_elements(grant, organization)
        if who is None or not grant.actions or grant.kind is GranteeKind.SERVICE:
            continue
        statement = {"Effect": "Allow", "Action": list(grant.actions), "Resource": "*", **who}
        condition = dict(who.get("Condition", {}))
        condition |= _constraints(grant)
        if grant.expires_at:
            condition["DateLessThan"] = {"aws:CurrentTime": grant.expires_at}
        yield statement | ({"Condition": condition} if condition else {})


def _constraints(grant: AccessGrant) -> dict[str, Any]:
    """Return the conditions of a KMS grant's constraints: what its encryption context must hold.

    That it may hold nothing else is left out, so the result allows no less than the grant.
    """
    pairs = {
        f"{_ENCRYPTION_CONTEXT}{name}": value
        for constraint in sorted(_CONSTRAINTS & grant.conditions.keys())
        for name, value in sorted(dict(grant.conditions[constraint]).items())
    }
    return {"StringEquals": pairs} if pairs else {}


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
