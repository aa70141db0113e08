"""Access into accounts by neither role nor resource: sign-in, delegation, billing.

Each becomes a resource with grants, so that its edges are worked out like all others.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

from django.db.models import QuerySet

from governance.posture.trust.account_facts import TrustingResource
from governance.posture.trust.edge_rows import EdgeTarget
from inventory.models import (
    AccountSetting,
    Connection,
    DelegatedAdministrator,
    IdentityCenterPrincipal,
    Organization,
    OrganizationResourcePolicy,
    OrganizationSetting,
    PermissionSet,
    PermissionSetAssignment,
    ResponsibilityTransfer,
)
from inventory.models.versions import Version
from inventory.resource_facts import GRANTS, AccessGrant, GranteeKind

ACCEPTED: Final = "ACCEPTED"
ROOT_SESSIONS: Final = "RootSessions"
_GLOBAL: Final = "global"
_OUTBOUND: Final = AccountSetting.Name.OUTBOUND_FEDERATION


def open_rows(model: type[Version], connection: Connection) -> "QuerySet[Any]":
    """Return the rows of a table that hold now, in no order."""
    rows: QuerySet[Any] = model.objects.as_of(None).filter(connection=connection)
    return rows.order_by()


def crossings_of_accounts(
    connection: Connection, account_ids: Collection[str]
) -> Iterator[TrustingResource]:
    """Yield what lets into some accounts: assignments of Identity Center, outbound federation."""
    assigned = open_rows(PermissionSetAssignment, connection).filter(
        account_id__any_of=sorted(account_ids)
    )
    rows = list(
        assigned.order_by("account_id", "permission_set_arn", "principal_kind", "principal_id")
    )
    names = dict(open_rows(PermissionSet, connection).values_list("arn", "name")) if rows else {}
    people: dict[str, str] = {}
    if rows:
        people = dict(
            open_rows(IdentityCenterPrincipal, connection).values_list("principal_id", "name")
        )
    grants: dict[tuple[str, str], list[AccessGrant]] = {}
    for row in rows:
        who = people.get(row.principal_id, row.principal_id)
        grants.setdefault((row.account_id, row.permission_set_arn), []).append(
            AccessGrant(
                GranteeKind.IDENTITY,
                f"{row.principal_kind}/{who}",
                "identity center assignment",
                name=row.principal_id,
            )
        )
    for (account_id, arn), given in grants.items():
        name = names.get(arn, arn.rpartition("/")[2])
        yield _made(account_id, arn, name, "sso", "permission-set", given)
    settings = open_rows(AccountSetting, connection).filter(
        account_id__any_of=sorted(account_ids), name=_OUTBOUND
    )
    for account_id, value in settings.values_list("account_id", "value"):
        if value and value.get("enabled"):
            issuer = value["issuer"]
            grant = AccessGrant(GranteeKind.FEDERATED, issuer, "outbound federation")
            name = "Tokens for services outside AWS"
            yield _made(account_id, issuer, name, "sts", "outbound-federation", [grant])


def crossings_of_organization(connection: Connection) -> Iterator[TrustingResource]:
    """Yield what lets into the management account, and through it into the organization."""
    own = open_rows(Organization, connection).first()
    if own is None:
        return
    account_id, arn = own.management_account_id, own.arn
    delegated: list[AccessGrant] = [
        AccessGrant(
            GranteeKind.ACCOUNT,
            row.account_id,
            "delegated administrator",
            name=row.service_principal,
        )
        for row in open_rows(DelegatedAdministrator, connection).order_by(
            "account_id", "service_principal"
        )
    ]
    if delegated:
        yield _made(account_id, arn, "Organization", "organizations", "organization", delegated)
    for row in open_rows(OrganizationResourcePolicy, connection).select_related("content"):
        target = EdgeTarget(
            account_id, arn, "Delegation policy", "organizations", "resourcepolicy", _GLOBAL
        )
        yield TrustingResource(target, row.content_id, {}, {})
    for row in open_rows(ResponsibilityTransfer, connection).order_by("transfer_id"):
        is_out = row.direction == ResponsibilityTransfer.TransferDirection.OUTBOUND
        if is_out and row.status == ACCEPTED and row.target_account_id:
            grant = AccessGrant(
                GranteeKind.ACCOUNT, row.target_account_id, "billing transfer", name=row.transfer_id
            )
            name = row.name or "Billing"
            yield _made(account_id, row.arn, name, "organizations", "billing-transfer", [grant])
    for value in (
        open_rows(OrganizationSetting, connection)
        .filter(name=OrganizationSetting.OrganizationSettingName.ROOT_ACCESS_FEATURES)
        .values_list("value", flat=True)
    ):
        if ROOT_SESSIONS in (value or ()):
            grant = AccessGrant(GranteeKind.ACCOUNT, account_id, "central root sessions")
            name = "Root user of every member account"
            yield _made(account_id, f"{arn}/root-sessions", name, "sts", "root-session", [grant])


def _made(
    account_id: str,
    arn: str,
    name: str,
    service: str,
    resource_type: str,
    grants: list[AccessGrant],
) -> TrustingResource:
    target = EdgeTarget(account_id, arn, name, service, resource_type, _GLOBAL)
    return TrustingResource(target, None, {GRANTS: [one.as_json() for one in grants]}, {})
