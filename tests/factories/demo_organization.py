"""The demo organization as one complete run would store it, read from its files.

Only what structure findings look at: the tree, policies, attachments, roles and coverage. The
accounts in `UNREAD` could not be read, as weaknesses.yaml says.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from moto.moto_api._internal.models import moto_api_backend

from demo.seeding import seeding_of
from demo.simulator.callers import iam_of
from demo.simulator.organizations.state import Organization as SimulatedOrganization
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import (
    AccountFactory,
    OrganizationalUnitFactory,
    OrganizationFactory,
    RootFactory,
)
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content
from tests.factories.principals import RoleFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory, store_coverage
from tests.factories.snapshots import ORGANIZATION_COLLECTORS
from tests.factories.times import FIRST_RUN_AT

FOLDER = Path(__file__).parents[2] / "demo" / "organization"
UNREAD = ("customs-documents-prod", "loyalty-legacy")


@dataclass(frozen=True)
class DemoOrganization:
    """The stored organization. `ids`: of accounts by name, of OUs by path, of policies by name."""

    connection: Connection
    ids: dict[str, str]


def demo_organization() -> DemoOrganization:
    """Store the organization."""
    moto_api_backend.reset()
    try:
        found = seeding_of(FOLDER)(datetime(2026, 11, 23, 12, tzinfo=UTC)).organization
        connection = ConnectionFactory.create()
        ids = {
            **_store_tree(found, connection),
            **_store_policies(found, connection),
        }
        for account in found.accounts.values():
            if account.name not in UNREAD and account.state == "ACTIVE":
                _store_roles(account.account_id, connection)
        _store_coverage(found, connection)
    finally:
        moto_api_backend.reset()
    return DemoOrganization(connection, ids)


def _store_tree(found: SimulatedOrganization, connection: Connection) -> dict[str, str]:
    OrganizationFactory.create(
        connection=connection,
        organization_id=found.organization_id,
        management_account_id=found.management_account_id,
    )
    RootFactory.create(
        connection=connection,
        target_id=found.root_id,
        policy_types=dict.fromkeys(found.enabled_types, "ENABLED"),
    )
    ids = {}
    for unit in found.units.values():
        if unit.unit_id == found.root_id:
            continue
        way = [found.units[step] for step in found.ancestors(unit.unit_id)]
        ids["/".join(step.name for step in way[1:])] = unit.unit_id
        OrganizationalUnitFactory.create(
            connection=connection,
            target_id=unit.unit_id,
            name=unit.name,
            parent_id=unit.parent_id,
            path="".join(f"{step.unit_id}/" for step in way),
            tags=unit.tags,
        )
    for account in found.accounts.values():
        ids[account.name] = account.account_id
        AccountFactory.create(
            connection=connection,
            account_id=account.account_id,
            name=account.name,
            state=account.state,
            parent_id=account.parent_id,
            path="".join(f"{step}/" for step in found.ancestors(account.parent_id)),
            tags=account.tags,
        )
    return ids


def _store_policies(found: SimulatedOrganization, connection: Connection) -> dict[str, str]:
    for policy in found.policies.values():
        PolicyFactory.create(
            connection=connection,
            policy_id=policy.policy_id,
            name=policy.name,
            type=policy.policy_type,
            aws_managed=policy.aws_managed,
            text=policy.content,
        )
    for target_id, policy_ids in found.attachments.items():
        for policy_id in policy_ids:
            PolicyAttachmentFactory.create(
                connection=connection, policy_id=policy_id, target_id=target_id
            )
    return {policy.name: policy.policy_id for policy in found.policies.values()}


def _text(document: Any) -> str:
    if not isinstance(document, str):
        return json.dumps(document)
    return unquote(document) if document.startswith("%") else document


def _store_roles(account_id: str, connection: Connection) -> None:
    for role in iam_of(account_id).roles.values():
        boundary = role.permissions_boundary_arn or ""
        RoleFactory.create(
            connection=connection,
            account_id=account_id,
            name=role.name,
            path=role.path,
            trust_policy=content(_text(role.assume_role_policy_document)),
            boundary_arn=boundary,
            attached_policy_arns=sorted(role.managed_policies),
            inline_policies={
                name: content(_text(text)).sha256 for name, text in role.policies.items()
            },
        )


def _store_coverage(found: SimulatedOrganization, connection: Connection) -> None:
    run = InventoryRunFactory.create(connection=connection, started_at=FIRST_RUN_AT)
    read = [
        account.account_id
        for account in found.accounts.values()
        if account.name not in UNREAD and account.state == "ACTIVE"
    ]
    places = [
        *(("", collector) for collector in ORGANIZATION_COLLECTORS),
        *(
            ("", collector)
            for kind in sorted(found.enabled_types)
            if (collector := f"organizations.policies.{kind}") not in ORGANIZATION_COLLECTORS
        ),
        *((account_id, "iam.authorization_details") for account_id in read),
    ]
    store_coverage(
        [
            CoverageFactory.build(run=run, account_id=account_id, collector=collector)
            for account_id, collector in places
        ]
    )
