"""An organization as it is to be, before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.seeding.reading import Node

# Principals and providers of one account: kind (roles, users, …) → name → what the files say.
Inventory = dict[str, dict[str, Node]]


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """`path`: names from below the root, with slashes. `unit_id`: empty for one from the path."""

    path: str
    name: str
    parent_path: str
    unit_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """One account. `full_access`: whether FullAWSAccess stays attached. `rates`: service → rate.

    `opted_in_regions`: those that it has beside AWS's default ones.
    """

    account_id: str
    name: str
    email: str
    unit_path: str
    joined_days: float
    joined_method: str = "CREATED"
    state: str = "ACTIVE"
    tags: Mapping[str, str] = field(default_factory=dict)
    full_access: bool = True
    iam: Inventory = field(default_factory=dict)
    settings: Mapping[str, Node] = field(default_factory=dict)
    rates: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    root_user: Mapping[str, Any] = field(default_factory=dict)
    opted_in_regions: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """One policy. `targets`: `unit:PATH` (`unit:` is the root) or `account:NAME`."""

    name: str
    policy_type: str
    description: str
    content: str
    targets: tuple[str, ...]
    where: str
    policy_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrganizationPlan:
    """`aliases`: further names for accounts, by which profiles speak of them.

    `identity_center`, `crossings`, `protection`, `control_tower`, `activity`, `planted_events`:
    their files, if there are any.
    `root_access_features`: as IAM names them.
    """

    organization_id: str
    root_id: str
    management_account: str
    policy_types: tuple[str, ...]
    trusted_services: tuple[str, ...]
    delegated: Mapping[str, tuple[str, ...]]
    resource_policy: str
    units: tuple[UnitPlan, ...]
    accounts: tuple[AccountPlan, ...]
    policies: tuple[PolicyPlan, ...]
    without_full_access: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    root_tags: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    identity_center: Node | None = None
    crossings: Node | None = None
    protection: Node | None = None
    control_tower: Node | None = None
    activity: Node | None = None
    planted_events: Node | None = None
    root_access_features: tuple[str, ...] = ()
    responsibility_transfers: tuple[Node, ...] = ()
