"""The root, OUs up to five deep, and accounts in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Final

from demo.scale.shape import Shape, chance
from inventory.records import (
    AccountRecord,
    OrganizationalUnitRecord,
    OrganizationRecord,
    RootRecord,
)

ORGANIZATION_ID: Final = "o-scale10000"
ROOT_ID: Final = "r-sc10"
MANAGEMENT_ACCOUNT_ID: Final = "100000000001"
_ARN: Final = f"arn:aws:organizations::{MANAGEMENT_ACCOUNT_ID}"

_TOP: Final = (
    *("Workloads", "Sandbox", "Suspended", "Security", "Infrastructure", "Acquired"),
    *("Policy Staging", "Transitional"),
)
_DIVISIONS: Final = (
    *("Retail", "Payments", "Insurance", "Wealth", "Logistics", "Media", "Health", "Energy"),
    *("Mobility", "Public Sector", "Research", "Group Functions"),
)
_TEAMS: Final = ("Storefront", "Ledger", "Data Platform", "Partner APIs", "Back Office")
_ENVIRONMENTS: Final = ("Production", "Staging", "Test", "Development")
_DUTIES: Final = ("Regulated", "Standard")
_SYSTEMS: Final = (
    *("checkout", "billing", "search", "catalogue", "identity", "reporting", "pricing", "fraud"),
    *("notifications", "archive", "gateway", "scheduling", "claims", "telemetry", "exports"),
)
_SHORT: Final = {
    "Production": "prod", "Staging": "stage", "Test": "test", "Development": "dev",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScaleUnit:
    """An OU. `names`: those of the OUs from the top down to it."""

    record: OrganizationalUnitRecord
    names: tuple[str, ...]

    @property
    def environment(self) -> str:
        """The environment that the OU is for, empty where it is for none."""
        return next((_SHORT[name] for name in self.names if name in _SHORT), "")


@dataclass(slots=True)
class Tree:
    """The organization as it is now. `accounts`: with the place of each, None for the root."""

    organization: OrganizationRecord
    root: RootRecord
    places: list[ScaleUnit] = field(default_factory=list)
    accounts: list[tuple[AccountRecord, ScaleUnit | None]] = field(default_factory=list)


def make_tree(shape: Shape, *, policy_types: tuple[str, ...]) -> Tree:
    """Make the tree, each policy type enabled."""
    tree = Tree(
        OrganizationRecord(
            organization_id=ORGANIZATION_ID,
            arn=f"{_ARN}:organization/{ORGANIZATION_ID}",
            feature_set="ALL",
            management_account_id=MANAGEMENT_ACCOUNT_ID,
            management_account_arn=f"{_ARN}:account/{ORGANIZATION_ID}/{MANAGEMENT_ACCOUNT_ID}",
            management_account_email="aws-management@example.com",
        ),
        RootRecord(
            target_id=ROOT_ID,
            name="Root",
            arn=f"{_ARN}:root/{ORGANIZATION_ID}/{ROOT_ID}",
            policy_types=dict.fromkeys(policy_types, "ENABLED"),
            tags={},
        ),
    )
    tree.places = _places(shape.units)
    tree.accounts = list(_accounts(shape, tree.places))
    return tree


def _names() -> Iterator[tuple[str, ...]]:
    """Yield the ways to all OUs, level by level, so that parents come before their children."""
    levels: list[tuple[str, ...]] = [_DIVISIONS, _TEAMS, _ENVIRONMENTS, _DUTIES]
    yield from ((name,) for name in _TOP)
    for depth in range(1, len(levels) + 1):
        for names in product(("Workloads",), *levels[:depth]):
            if depth < 4 or names[3] == "Production":
                yield names


def _places(count: int) -> list[ScaleUnit]:
    by_names: dict[tuple[str, ...], ScaleUnit] = {}
    for number, names in enumerate(_names()):
        if number >= count:
            break
        parent = by_names[names[:-1]].record if len(names) > 1 else None
        target_id = f"ou-sc10-{chance('ou', *names).randrange(16**8):08x}"
        owner = names[1] if len(names) > 1 else "Platform"
        by_names[names] = ScaleUnit(
            OrganizationalUnitRecord(
                target_id=target_id,
                name=names[-1],
                arn=f"{_ARN}:ou/{ORGANIZATION_ID}/{target_id}",
                parent_id=parent.target_id if parent else ROOT_ID,
                path=f"{parent.path if parent else f'{ROOT_ID}/'}{target_id}/",
                tags={"owner": owner.lower().replace(" ", "-")},
            ),
            names,
        )
    return list(by_names.values())


def _accounts(
    shape: Shape, places: list[ScaleUnit]
) -> Iterator[tuple[AccountRecord, ScaleUnit | None]]:
    yield _account(shape, 0, MANAGEMENT_ACCOUNT_ID, "management", None), None
    inner = {place.record.parent_id for place in places}
    leaves = [place for place in places if place.record.target_id not in inner]
    # One flat OU of many accounts and one of suspended ones, as such organizations have.
    weights = [
        {"Sandbox": 28.0, "Suspended": 8.0, "Acquired": 5.0}.get(
            place.names[0], 0.4 if len(place.names) == 1 else 1.0
        )
        for place in leaves
    ]
    source = chance("accounts")
    identifiers: set[str] = {MANAGEMENT_ACCOUNT_ID}
    chosen = source.choices(leaves, weights, k=shape.accounts - 1)
    for number, place in enumerate(chosen, start=1):
        while (account_id := str(source.randrange(10**11, 10**12))) in identifiers:
            pass
        identifiers.add(account_id)
        system = source.choice(_SYSTEMS)
        words = [name.lower().replace(" ", "-") for name in place.names[1:3]] or [
            place.names[0].lower().replace(" ", "-")
        ]
        name = "-".join([*words, system, *filter(None, [place.environment]), f"{number:05}"])
        yield _account(shape, number, account_id, name, place), place


def _account(
    shape: Shape, number: int, account_id: str, name: str, place: ScaleUnit | None
) -> AccountRecord:
    tags = {"owner": place.names[1].lower() if place and len(place.names) > 1 else "platform"}
    if place and place.environment:
        tags["environment"] = place.environment
    if number % 3:
        tags["cost-centre"] = f"cc-{1000 + number % 220}"
    return AccountRecord(
        account_id=account_id,
        name=name[:50],
        email=f"aws+{account_id}@example.com",
        arn=f"{_ARN}:account/{ORGANIZATION_ID}/{account_id}",
        state="SUSPENDED" if place and place.names[0] == "Suspended" else "ACTIVE",
        parent_id=place.record.target_id if place else ROOT_ID,
        path=place.record.path if place else f"{ROOT_ID}/",
        joined_method="CREATED" if number % 17 else "INVITED",
        joined_at=shape.ended_at.replace(minute=0, second=0, microsecond=0)
        - timedelta(days=30 + number % 2000),
        tags=tags,
    )
