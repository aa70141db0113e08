"""A small organization as one complete run stores it.

    Root                      p-FullAWSAccess, deny-leaving
    ├── management            the management account, p-FullAWSAccess
    ├── Security              p-FullAWSAccess
    │   └── log-archive
    ├── Workloads             p-FullAWSAccess, deny-regions, tags-of-cost (a tag policy)
    │   ├── Prod              allow-listed alone: no p-FullAWSAccess
    │   │   ├── payments
    │   │   └── website       p-FullAWSAccess, deny-instances
    │   └── Test
    │       └── payments-test
    └── Suspended             p-FullAWSAccess
        └── retired           SUSPENDED

`unattached` is a policy that is attached nowhere.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from inventory.models import (
    Account,
    Connection,
    InventoryRun,
    Organization,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
)
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import (
    AccountFactory,
    OrganizationalUnitFactory,
    OrganizationFactory,
    RootFactory,
)
from tests.factories.policies import FULL_ACCESS, PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.replaying import Replay, belong_to
from tests.factories.runs import (
    CoverageFactory,
    InventoryRunFactory,
    TaskFactory,
    store_coverage,
)
from tests.factories.times import FIRST_RUN_AT

ORGANIZATION_COLLECTORS = (
    "organizations.organization",
    "organizations.delegated_administrators",
    "organizations.trusted_services",
    "organizations.resource_policy",
    "organizations.organizational_units",
    "organizations.accounts",
    "organizations.policies.SERVICE_CONTROL_POLICY",
    "organizations.policies.TAG_POLICY",
    "organizations.tags",
)
ACCOUNT_COLLECTORS = (
    "iam.authorization_details",
    "iam.account_summary",
    "iam.password_policy",
    "iam.account_aliases",
    "iam.credential_report",
    "iam.saml_providers",
    "iam.oidc_providers",
)


@dataclass
class Snapshot:
    """What was stored, by name."""

    connection: Connection
    run: InventoryRun
    organization: Organization
    root: Root
    units: dict[str, OrganizationalUnit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    attachments: list[PolicyAttachment] = field(default_factory=list)


def open_accounts(made: Snapshot) -> list[str]:
    """Return the ids of its active accounts, in order."""
    return sorted(each.account_id for each in made.accounts.values() if each.state == "ACTIVE")


def organization_snapshot(
    *,
    connection: Connection | None = None,
    at: datetime = FIRST_RUN_AT,
    covered: bool = True,
) -> Snapshot:
    """Store the organization above as seen by a run that started at `at`.

    `covered`: write complete coverage of the organization and of every active account.
    """
    connection = connection or ConnectionFactory.create()
    key = (at, covered)
    if key not in _REPLAYS:
        _REPLAYS[key] = _recorded(at=at, covered=covered)
    replay = _REPLAYS[key]
    if not replay.can_be_stored():
        return _built(connection, at=at, covered=covered)
    counts = {"tasks_total": replay.run.tasks_total, "tasks_done": replay.run.tasks_done}
    run = InventoryRunFactory.create(connection=connection, started_at=at, **counts)
    made: Snapshot = replay.stored(connection=connection, run=run)
    belong_to(
        connection,
        [
            *(made.organization, made.root, *made.units.values(), *made.accounts.values()),
            *(*made.policies.values(), *made.attachments),
        ],
    )
    return made


# By when it was seen, and whether coverage was written. Kept as long as the process.
_REPLAYS: dict[tuple[datetime, bool], Replay] = {}


def _recorded(*, at: datetime, covered: bool) -> Replay:
    """Store it for a connection that is gone afterwards."""
    with transaction.atomic():
        made = _built(ConnectionFactory.create(), at=at, covered=covered)
        made.run.refresh_from_db()
        replay = Replay.of(made, connection=made.connection, run=made.run, first=made.root)
        transaction.set_rollback(True)
    return replay


def _built(connection: Connection, *, at: datetime, covered: bool) -> Snapshot:
    """Store it by the factories."""
    common = {"connection": connection, "seen_from": at}
    made = Snapshot(
        connection=connection,
        run=InventoryRunFactory.create(connection=connection, started_at=at),
        organization=OrganizationFactory.create(**common),
        root=RootFactory.create(**common),
    )
    _store_tree(made, common)
    _store_policies(made, common)
    if covered:
        _store_coverage(made)
    return made


def _store_tree(made: Snapshot, common: dict[str, object]) -> None:
    for name, number, parent in (
        ("Security", "sec00001", None),
        ("Workloads", "work0001", None),
        ("Prod", "prod0001", "Workloads"),
        ("Test", "test0001", "Workloads"),
        ("Suspended", "susp0001", None),
    ):
        made.units[name] = OrganizationalUnitFactory.create(
            name=name,
            target_id=f"ou-ab12-{number}",
            parent=made.units[parent] if parent else None,
            **common,
        )
    for name, account_id, parent, tags in (
        ("management", "111111111111", None, {}),
        ("log-archive", "333333333331", "Security", {"owner": "security"}),
        ("payments", "222222222222", "Prod", {"owner": "payments", "environment": "prod"}),
        ("website", "222222222223", "Prod", {"owner": "web", "environment": "prod"}),
        ("payments-test", "222222222224", "Test", {"owner": "payments", "environment": "test"}),
        ("retired", "444444444441", "Suspended", {}),
    ):
        made.accounts[name] = AccountFactory.create(
            name=name,
            account_id=account_id,
            parent=made.units[parent] if parent else None,
            state="SUSPENDED" if name == "retired" else "ACTIVE",
            tags=tags,
            **common,
        )


def _store_policies(made: Snapshot, common: dict[str, object]) -> None:
    made.policies["FullAWSAccess"] = PolicyFactory.create(
        policy_id="p-FullAWSAccess",
        name="FullAWSAccess",
        aws_managed=True,
        text=FULL_ACCESS,
        **common,
    )
    for name, number, kind, text in (
        ("deny-leaving", "leave001", "SERVICE_CONTROL_POLICY", denying("organizations:Leave*")),
        ("deny-regions", "regio001", "SERVICE_CONTROL_POLICY", denying("ec2:*", "rds:*")),
        ("deny-instances", "insta001", "SERVICE_CONTROL_POLICY", denying("ec2:RunInstances")),
        ("allow-listed", "allow001", "SERVICE_CONTROL_POLICY", FULL_ACCESS.replace("*", "s3:*", 1)),
        ("tags-of-cost", "costs001", "TAG_POLICY", '{"tags": {"cost": {}}}'),
        ("unattached", "unatt001", "SERVICE_CONTROL_POLICY", denying("iam:CreateUser")),
    ):
        made.policies[name] = PolicyFactory.create(
            policy_id=f"p-{number}", name=name, type=kind, text=text, **common
        )
    targets = {
        "Root": made.root.target_id,
        **{name: unit.target_id for name, unit in made.units.items()},
        **{name: account.account_id for name, account in made.accounts.items()},
    }
    full_access = [name for name in targets if name != "Prod"]
    for policy, names in (
        ("FullAWSAccess", full_access),
        ("deny-leaving", ["Root"]),
        ("deny-regions", ["Workloads"]),
        ("deny-instances", ["website"]),
        ("allow-listed", ["Prod"]),
        ("tags-of-cost", ["Workloads"]),
    ):
        made.attachments += [
            PolicyAttachmentFactory.build(
                policy_id=made.policies[policy].policy_id, target_id=targets[name], **common
            )
            for name in names
        ]
    PolicyAttachment.objects.bulk_create(made.attachments)


def _store_coverage(made: Snapshot) -> None:
    active = [one.account_id for one in made.accounts.values() if one.state == "ACTIVE"]
    for account_id in active:
        TaskFactory.create(run=made.run, account_id=account_id)
    places = [
        *(("", collector) for collector in ORGANIZATION_COLLECTORS),
        *((one, collector) for one in active for collector in ACCOUNT_COLLECTORS),
    ]
    store_coverage(
        [
            CoverageFactory.build(run=made.run, account_id=account_id, collector=collector)
            for account_id, collector in places
        ]
    )
