"""The organization as it stands: nodes, accounts, policies and what is attached to what."""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from demo.simulator.organizations.limits import DEFAULT_POLICIES

FULL_ACCESS: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
)
RCP_FULL_ACCESS: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*",'
    '"Resource":"*"}]}'
)


@dataclass(slots=True)
class Unit:
    """A root or an organizational unit. `parent_id` is empty for the root."""

    unit_id: str
    name: str
    parent_id: str
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Account:
    """An account. `state`: AWS's State, from which the older Status is derived."""

    account_id: str
    name: str
    email: str
    parent_id: str
    joined_at: datetime
    joined_method: str = "CREATED"
    state: str = "ACTIVE"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Policy:
    policy_id: str
    name: str
    policy_type: str
    description: str
    content: str
    aws_managed: bool = False
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class AccountRequest:
    """What became of a CreateAccount."""

    request_id: str
    account_name: str
    account_id: str
    requested_at: datetime


@dataclass
class Organization:
    """One organization with its indexes; `attachments` and `targets` mirror each other."""

    organization_id: str
    management_account_id: str
    root_id: str
    feature_set: str = "ALL"
    units: dict[str, Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    attachments: dict[str, dict[str, None]] = field(default_factory=dict)
    targets: dict[str, dict[str, None]] = field(default_factory=dict)
    root_access_features: list[str] = field(default_factory=list)
    responsibility_transfers: list[dict[str, Any]] = field(default_factory=list)
    token_issuers: dict[str, str] = field(default_factory=dict)
    child_units: dict[str, dict[str, None]] = field(default_factory=dict)
    child_accounts: dict[str, dict[str, None]] = field(default_factory=dict)
    enabled_types: dict[str, None] = field(default_factory=dict)
    trusted_services: dict[str, datetime] = field(default_factory=dict)
    delegated: dict[str, dict[str, datetime]] = field(default_factory=dict)
    resource_policy: str = ""
    resource_policy_tags: dict[str, str] = field(default_factory=dict)
    account_requests: dict[str, AccountRequest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._serial = itertools.count(1)
        self.units[self.root_id] = Unit(self.root_id, "Root", "")
        for policy_type, policy_id in DEFAULT_POLICIES.items():
            name = policy_id.removeprefix("p-")
            content = FULL_ACCESS if name == "FullAWSAccess" else RCP_FULL_ACCESS
            words = "Allows access to every operation"
            if policy_type == "RESOURCE_CONTROL_POLICY":
                words = "Allows access to every resource"
            self.policies[policy_id] = Policy(policy_id, name, policy_type, words, content, True)

    def new_id(self, prefix: str, length: int, *names: str) -> str:
        """Return an unused id; the same history of calls always gives the same ids."""
        alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
        while True:
            seed = "/".join((self.organization_id, prefix, *names, str(next(self._serial))))
            digest = hashlib.sha256(seed.encode()).digest()
            found = prefix + "".join(alphabet[byte % 36] for byte in digest[:length])
            if found not in self.units and found not in self.policies:
                return found

    def new_account_id(self, name: str) -> str:
        """Return an unused account id of 12 digits."""
        while True:
            seed = f"{self.organization_id}/account/{name}/{next(self._serial)}"
            number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
            account_id = str(100_000_000_000 + number % 900_000_000_000)
            if account_id not in self.accounts:
                return account_id

    def add_unit(self, unit: Unit) -> None:
        self.units[unit.unit_id] = unit
        self.child_units.setdefault(unit.parent_id, {})[unit.unit_id] = None
        self._attach_defaults(unit.unit_id)

    def add_account(self, account: Account) -> None:
        self.accounts[account.account_id] = account
        self.child_accounts.setdefault(account.parent_id, {})[account.account_id] = None
        self._attach_defaults(account.account_id)

    def move(self, account: Account, parent_id: str) -> None:
        del self.child_accounts[account.parent_id][account.account_id]
        account.parent_id = parent_id
        self.child_accounts.setdefault(parent_id, {})[account.account_id] = None

    def remove_target(self, target_id: str) -> None:
        """Forget a unit or account and all that was attached to it."""
        for policy_id in list(self.attachments.get(target_id, ())):
            self.detach(policy_id, target_id)
        self.attachments.pop(target_id, None)
        if unit := self.units.pop(target_id, None):
            del self.child_units[unit.parent_id][target_id]
        if account := self.accounts.pop(target_id, None):
            del self.child_accounts[account.parent_id][target_id]

    def attach(self, policy_id: str, target_id: str) -> None:
        self.attachments.setdefault(target_id, {})[policy_id] = None
        self.targets.setdefault(policy_id, {})[target_id] = None

    def detach(self, policy_id: str, target_id: str) -> None:
        del self.attachments[target_id][policy_id]
        del self.targets[policy_id][target_id]

    def attached(self, target_id: str, policy_type: str) -> list[Policy]:
        policies = (self.policies[each] for each in self.attachments.get(target_id, ()))
        return [policy for policy in policies if policy.policy_type == policy_type]

    def enable_type(self, policy_type: str) -> None:
        """Enable a type and attach what AWS attaches with it everywhere."""
        self.enabled_types[policy_type] = None
        if default := DEFAULT_POLICIES.get(policy_type):
            for target_id in (*self.units, *self.accounts):
                self.attach(default, target_id)

    def disable_type(self, policy_type: str) -> None:
        """Disable a type, which detaches all its policies."""
        del self.enabled_types[policy_type]
        for target_id in (*self.units, *self.accounts):
            for policy in self.attached(target_id, policy_type):
                self.detach(policy.policy_id, target_id)

    def ancestors(self, target_id: str) -> list[str]:
        """Return the ids from the root down to `target_id` itself."""
        chain = [target_id]
        account = self.accounts.get(target_id)
        parent_id = account.parent_id if account else self.units[target_id].parent_id
        while parent_id:
            chain.append(parent_id)
            parent_id = self.units[parent_id].parent_id
        return chain[::-1]

    def path(self, target_id: str) -> str:
        """Return AWS's path of an entity: `o-…/r-…/ou-…/…/`."""
        return "/".join((self.organization_id, *self.ancestors(target_id), ""))

    def units_below(self, unit_id: str) -> Iterator[Unit]:
        for child_id in self.child_units.get(unit_id, ()):
            yield self.units[child_id]
            yield from self.units_below(child_id)

    def _attach_defaults(self, target_id: str) -> None:
        for policy_type, policy_id in DEFAULT_POLICIES.items():
            if policy_type in self.enabled_types:
                self.attach(policy_id, target_id)
