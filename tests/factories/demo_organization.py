"""The demo organization as one complete run would store it, read from its files.

Only what structure findings look at: the tree, policies, attachments, roles and coverage. The
accounts in `UNREAD` could not be read, as weaknesses.yaml says.
"""

import json
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from django.db.models import Model
from moto.moto_api._internal.models import moto_api_backend

from demo.seeding.organization_files import seeding_of
from demo.simulator.callers import iam_of
from demo.simulator.organizations.state import Account as SimulatedAccount
from demo.simulator.organizations.state import Organization as SimulatedOrganization
from inventory.models import Connection, PolicyContent, Principal
from inventory.models.versions import Version
from inventory.store.names import keep_names
from tests.factories.connections import ConnectionFactory
from tests.factories.demo_people import people_of
from tests.factories.organization import (
    AccountFactory,
    OrganizationalUnitFactory,
    OrganizationFactory,
    RootFactory,
)
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.principals import RoleFactory
from tests.factories.runs import (
    CoverageFactory,
    InventoryRunFactory,
    MadeCoverage,
    store_coverage,
)
from tests.factories.snapshots import ORGANIZATION_COLLECTORS
from tests.factories.times import FIRST_RUN_AT

FOLDER = Path(__file__).parents[2] / "demo" / "organization"
UNREAD = ("customs-documents-prod", "loyalty-legacy")

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class DemoOrganization:
    """The stored organization. `ids`: of accounts by name, of OUs by path, of policies by name."""

    connection: Connection
    ids: dict[str, str]


def demo_organization(*, with_people: bool = False) -> DemoOrganization:
    """Store the organization. `with_people`: users, keys, last uses and what roles hold, too."""
    rows = _rows()
    connection = ConnectionFactory.create()
    # All of a kind at once: the two thousand rows one by one take seconds of each test.
    PolicyContent.objects.bulk_create(map(copy, rows.contents.values()), ignore_conflicts=True)
    for model, alike in groupby(rows.versions, key=_model_of):
        model.objects.bulk_create(_belonging(alike, connection=connection))
    roles = (row.name for row in rows.versions if isinstance(row, Principal))
    keep_names(roles, connection=connection)
    if with_people:
        for kind, alike in groupby(sorted(rows.people, key=_kind_name), key=_kind_of):
            kind._default_manager.bulk_create(_belonging(alike, connection=connection))
    run = InventoryRunFactory.create(connection=connection, started_at=FIRST_RUN_AT)
    store_coverage([replace(row, run=run) for row in rows.coverage])
    return DemoOrganization(connection, dict(rows.ids))


def _model_of(row: Version) -> type[Version]:
    return type(row)


def _kind_of(row: Model) -> type[Model]:
    return type(row)


def _kind_name(row: Model) -> str:
    return type(row).__name__


def _belonging(rows: Iterable[M], **owners: Model) -> list[M]:
    """Return copies of `rows` that belong to a connection, or to it and a run."""
    made = [copy(row) for row in rows]
    for row in made:
        for name, owner in owners.items():
            setattr(row, name, owner)
    return made


@dataclass(frozen=True)
class _Rows:
    """All that is stored, without the connection and the run it belongs to; one kind by another."""

    ids: dict[str, str] = field(default_factory=dict)
    contents: dict[str, PolicyContent] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    coverage: list[MadeCoverage] = field(default_factory=list)
    people: list[Any] = field(default_factory=list)

    def content(self, text: str) -> PolicyContent:
        """Return the one row that holds `text`."""
        key = sha256(text.encode()).hexdigest()
        return self.contents.setdefault(key, PolicyContent(sha256=key, text=text))


@cache
def _rows() -> _Rows:
    """Read the organization, once a process."""
    rows = _Rows()
    moto_api_backend.reset()
    try:
        found = seeding_of(FOLDER)(datetime(2026, 11, 23, 12, tzinfo=UTC)).organization
        _add_tree(found, rows)
        _add_policies(found, rows)
        for account in _read_accounts(found):
            _add_roles(account.account_id, rows)
            iam = iam_of(account.account_id)
            rows.people.extend(people_of(iam, account.account_id, rows.content, _text))
        _add_coverage(found, rows)
    finally:
        moto_api_backend.reset()
    return rows


def _read_accounts(found: SimulatedOrganization) -> Iterator[SimulatedAccount]:
    for account in found.accounts.values():
        if account.name not in UNREAD and account.state == "ACTIVE":
            yield account


def _add_tree(found: SimulatedOrganization, rows: _Rows) -> None:
    rows.versions.append(
        OrganizationFactory.build(
            connection=None,
            organization_id=found.organization_id,
            management_account_id=found.management_account_id,
        )
    )
    rows.versions.append(
        RootFactory.build(
            connection=None,
            target_id=found.root_id,
            policy_types=dict.fromkeys(found.enabled_types, "ENABLED"),
        )
    )
    for unit in found.units.values():
        if unit.unit_id == found.root_id:
            continue
        way = [found.units[step] for step in found.ancestors(unit.unit_id)]
        rows.ids["/".join(step.name for step in way[1:])] = unit.unit_id
        rows.versions.append(
            OrganizationalUnitFactory.build(
                connection=None,
                target_id=unit.unit_id,
                name=unit.name,
                parent_id=unit.parent_id,
                path="".join(f"{step.unit_id}/" for step in way),
                tags=unit.tags,
            )
        )
    for account in found.accounts.values():
        rows.ids[account.name] = account.account_id
        rows.versions.append(
            AccountFactory.build(
                connection=None,
                account_id=account.account_id,
                name=account.name,
                state=account.state,
                parent_id=account.parent_id,
                path="".join(f"{step}/" for step in found.ancestors(account.parent_id)),
                tags=account.tags,
            )
        )


def _add_policies(found: SimulatedOrganization, rows: _Rows) -> None:
    for policy in found.policies.values():
        rows.ids[policy.name] = policy.policy_id
        rows.versions.append(
            PolicyFactory.build(
                connection=None,
                policy_id=policy.policy_id,
                name=policy.name,
                type=policy.policy_type,
                aws_managed=policy.aws_managed,
                content=rows.content(policy.content),
            )
        )
    for target_id, policy_ids in found.attachments.items():
        rows.versions.extend(
            PolicyAttachmentFactory.build(connection=None, policy_id=policy_id, target_id=target_id)
            for policy_id in policy_ids
        )


def _text(document: Any) -> str:
    if not isinstance(document, str):
        return json.dumps(document)
    return unquote(document) if document.startswith("%") else document


def _add_roles(account_id: str, rows: _Rows) -> None:
    for role in iam_of(account_id).roles.values():
        rows.versions.append(
            RoleFactory.build(
                connection=None,
                account_id=account_id,
                name=role.name,
                path=role.path,
                trust_policy=rows.content(_text(role.assume_role_policy_document)),
                boundary_arn=role.permissions_boundary_arn or "",
                attached_policy_arns=sorted(role.managed_policies),
                inline_policies={
                    name: rows.content(_text(text)).sha256 for name, text in role.policies.items()
                },
            )
        )


def _add_coverage(found: SimulatedOrganization, rows: _Rows) -> None:
    unowned = {"run": None, "collected_at": FIRST_RUN_AT}
    for collector in sorted(
        {
            *ORGANIZATION_COLLECTORS,
            *(f"organizations.policies.{kind}" for kind in found.enabled_types),
        }
    ):
        rows.coverage.append(CoverageFactory.build(**unowned, account_id="", collector=collector))
    for account in _read_accounts(found):
        rows.coverage.append(CoverageFactory.build(**unowned, account_id=account.account_id))
