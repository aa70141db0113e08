"""Reads an organization in memory into the inventory, as a complete run would."""

from datetime import datetime
from typing import Any

from inventory.models import (
    Account,
    Connection,
    DelegatedAdministrator,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    Policy,
    PolicyAttachment,
    Root,
    TrustedService,
)
from tests.factories.organization import (
    AccountFactory,
    DelegatedAdministratorFactory,
    OrganizationalUnitFactory,
    OrganizationResourcePolicyFactory,
    RootFactory,
    TrustedServiceFactory,
)
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.runs import CoverageFactory, InventoryRunFactory, store_coverage
from tests.factories.snapshots import ORGANIZATION_COLLECTORS
from tests.factories.versions import changed, ended
from tests.governance.changes.rollout.aws import AwsInMemory


def read_organization(connection: Connection, aws: AwsInMemory, *, at: datetime) -> None:
    """Store what AWS holds as seen by a run that started at `at`; what is as it was stays."""
    run = InventoryRunFactory.create(connection=connection, started_at=at)
    store_coverage(
        [
            CoverageFactory.build(run=run, account_id="", collector=collector)
            for collector in ORGANIZATION_COLLECTORS
        ]
    )
    common = {"connection": connection, "seen_from": at}
    organization = aws.organization
    held: dict[str, Any] = {"connection": connection, "seen_until": None}
    enabled = dict.fromkeys(organization.enabled_types, "ENABLED")
    root = Root.objects.filter(**held).first()
    if root is None:
        RootFactory.create(target_id=organization.root_id, policy_types=enabled, **common)
    elif root.policy_types != enabled:
        changed(root, at=at, policy_types=enabled)
    units = {row.target_id: row for row in OrganizationalUnit.objects.filter(**held)}
    for unit in organization.units.values():
        if not unit.parent_id:
            continue
        if unit.unit_id not in units:
            path = f"{organization.root_id}/{unit.unit_id}/"
            OrganizationalUnitFactory.create(
                target_id=unit.unit_id,
                name=unit.name,
                parent_id=unit.parent_id,
                path=path,
                **common,
            )
        elif units[unit.unit_id].name != unit.name:
            changed(units[unit.unit_id], at=at, name=unit.name)
    for unit_id in units.keys() - organization.units.keys():
        ended(units[unit_id], at=at)
    _services(organization, held, common, at)
    _accounts(organization, held, common, at)
    _policies(organization, held, common, at)


def _services(organization: Any, held: Any, common: Any, at: datetime) -> None:
    trusted = {row.service_principal: row for row in TrustedService.objects.filter(**held)}
    for service in organization.trusted_services.keys() - trusted.keys():
        TrustedServiceFactory.create(service_principal=service, **common)
    for service in trusted.keys() - organization.trusted_services.keys():
        ended(trusted[service], at=at)
    delegated = {
        (row.account_id, row.service_principal): row
        for row in DelegatedAdministrator.objects.filter(**held)
    }
    now = {
        (account_id, service)
        for account_id, services in organization.delegated.items()
        for service in services
    }
    for account_id, service in now - delegated.keys():
        DelegatedAdministratorFactory.create(
            account_id=account_id, service_principal=service, **common
        )
    for key in delegated.keys() - now:
        ended(delegated[key], at=at)
    delegating = OrganizationResourcePolicy.objects.filter(**held).first()
    text = organization.resource_policy
    if delegating is not None and not text:
        ended(delegating, at=at)
    elif delegating is not None and delegating.content.text != text:
        changed(delegating, at=at, content=content(text))
    elif delegating is None and text:
        OrganizationResourcePolicyFactory.create(text=text, **common)


def _accounts(organization: Any, held: Any, common: Any, at: datetime) -> None:
    rows = {row.account_id: row for row in Account.objects.filter(**held)}
    for account in organization.accounts.values():
        row = rows.get(account.account_id)
        if row is None:
            AccountFactory.create(
                account_id=account.account_id,
                name=account.name,
                parent_id=account.parent_id,
                path=f"{organization.root_id}/",
                **common,
            )
        elif row.parent_id != account.parent_id:
            changed(row, at=at, parent_id=account.parent_id)
    for account_id in rows.keys() - organization.accounts.keys():
        ended(rows[account_id], at=at)


def _policies(organization: Any, held: Any, common: Any, at: datetime) -> None:
    rows = {row.policy_id: row for row in Policy.objects.filter(**held)}
    for policy in organization.policies.values():
        row = rows.pop(policy.policy_id, None)
        if row is None:
            PolicyFactory.create(
                policy_id=policy.policy_id,
                name=policy.name,
                type=policy.policy_type,
                text=policy.content,
                aws_managed=policy.aws_managed,
                tags=dict(policy.tags),
                **common,
            )
        elif (row.name, row.content.text, row.tags) != (policy.name, policy.content, policy.tags):
            changed(
                row,
                at=at,
                name=policy.name,
                content=content(policy.content),
                tags=dict(policy.tags),
            )
    for row in rows.values():
        ended(row, at=at)
    attached = {
        (row.policy_id, row.target_id): row for row in PolicyAttachment.objects.filter(**held)
    }
    now = {
        (policy_id, target_id)
        for target_id, policies in organization.attachments.items()
        for policy_id in policies
    }
    for policy_id, target_id in now - attached.keys():
        PolicyAttachmentFactory.create(policy_id=policy_id, target_id=target_id, **common)
    for key in attached.keys() - now:
        ended(attached[key], at=at)
