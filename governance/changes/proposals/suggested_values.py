"""Values for a template's parameters that the inventory suggests, to be looked through."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from governance.changes.proposals.templates import ParameterKind, PolicyTemplate
from governance.posture.state.organization import CompiledOrganization
from governance.posture.state.parsed_policies import parsed_policy
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import trust_edges
from inventory.models import Connection, IamPolicy
from inventory.selectors.principals import principals
from inventory.selectors.roles import policy_texts
from inventory.viewing import Viewer, visible
from policies import Effect, PolicyType, default_compiler
from policies.trust import TrustPrincipalKind

_ASSUME: Final = "sts:AssumeRole"
_ROLE: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):role/")
_MENTIONS: Final = re.compile(r"sts:|\"\*\"", re.IGNORECASE)
_SERVICE_LINKED: Final = ":role/aws-service-role/"


def suggested_values(
    viewer: Viewer,
    *,
    connection: Connection,
    organization: CompiledOrganization,
    template: PolicyTemplate,
) -> Mapping[str, tuple[str, ...]]:
    """Return values by parameter: its defaults, or what the viewer's inventory suggests.

    The organization's id; services that roles trust; accounts outside whose roles identity policies
    name.
    """
    found: dict[str, tuple[str, ...]] = {}
    for each in template.parameters:
        values = each.default
        if each.kind is ParameterKind.ORGANIZATION_ID and organization.organization.organization_id:
            values = (organization.organization.organization_id,)
        elif each.kind is ParameterKind.SERVICES:
            values = _trusted_services(viewer, connection)
        elif each.kind is ParameterKind.ACCOUNT_IDS:
            values = _named_outside(viewer, connection, organization)
        found[each.name] = values
    return found


def _trusted_services(viewer: Viewer, connection: Connection) -> tuple[str, ...]:
    rows = (
        trust_edges(viewer, connection=connection)
        .filter(principal_kind=TrustPrincipalKind.SERVICE, service="iam", resource_type="role")
        .exclude(state=TrustEdge.EdgeState.BLOCKED)
        .exclude(resource_arn__contains=_SERVICE_LINKED)
        .exclude(principal_id="*")
        .order_by("principal_id")
        .values_list("principal_id", flat=True)
        .distinct()
    )
    return tuple(rows)


def _named_outside(
    viewer: Viewer, connection: Connection, organization: CompiledOrganization
) -> tuple[str, ...]:
    inside = {*organization.account_ids, *organization.unplaced}
    found: set[str] = set()
    for sha256, text in policy_texts(_identity_hashes(viewer, connection)).items():
        if _MENTIONS.search(text) and _ROLE.search(text):
            found.update(_assumed_accounts(sha256, text))
    return tuple(sorted(found - inside - {organization.management_account_id}))


def _identity_hashes(viewer: Viewer, connection: Connection) -> set[str]:
    managed = visible(IamPolicy.objects.as_of(None), viewer).filter(connection=connection)
    hashes = set(managed.order_by().values_list("content_id", flat=True))
    inline = principals(viewer, connection=connection).exclude(inline_policies={}).order_by()
    for held in inline.values_list("inline_policies", flat=True).iterator(chunk_size=5000):
        hashes.update(held.values())
    return hashes


def _assumed_accounts(sha256: str, text: str) -> Iterator[str]:
    """Yield the accounts of the roles that a policy allows by name to be assumed."""
    document = parsed_policy(sha256, text, PolicyType.IDENTITY_POLICY).document
    if document is None:
        return
    compiled = default_compiler().document(document)
    for statement, meaning in zip(document.statements, compiled, strict=True):
        if statement.effect is Effect.ALLOW and meaning.covers_action(_ASSUME):
            for resource in statement.resources or ():
                match = _ROLE.match(resource)
                if match is not None:
                    yield match[1]
