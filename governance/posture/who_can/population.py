"""Every principal of an organization at one time, in arrays: who they are, what they hold.

Principals that hold the same policies, by content, are of one class.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy

from governance.posture.who_can.numbering import Numbers
from inventory.selectors.population import with_account

USER: Final = "user"
GROUP: Final = "group"
ROLE: Final = "role"
ROOT: Final = "root"
KINDS: Final = (ROOT, USER, ROLE)


@dataclass(frozen=True, slots=True)
class Held:
    """A policy as a class holds it. `kind`: managed, inline or boundary.

    `arn` and `name` are without the account's id (see `MARK`). `sha256` is None where the policy
    is attached and its content was not collected.
    """

    kind: str
    name: str
    arn: str
    via_group: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class IdentityClass:
    """What principals hold that hold the same. `kind`: user, group, role or root."""

    kind: str
    is_service_linked: bool
    policies: tuple[Held, ...]
    boundary: Held | None


@dataclass(frozen=True)
class Population:
    """All users, roles and root users, in the order of account id and ARN, and the groups' number.

    Arrays hold one number a principal: `pks` (0 for root users, which are no rows), `accounts`
    (places in `account_ids`), `called` (in `names`: ARNs without the account's id), `tagged` (in
    `tags`) and `classes` (in `identities`).
    """

    key: tuple[object, ...]
    account_ids: tuple[str, ...]
    names: tuple[str, ...]
    tags: tuple[str, ...]
    identities: tuple[IdentityClass, ...]
    pks: Numbers
    accounts: Numbers
    called: Numbers
    tagged: Numbers
    classes: Numbers
    _read_tags: dict[int, dict[str, str]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.pks)

    def arn(self, row: int) -> str:
        """Return a principal's ARN."""
        return with_account(self.names[self.called[row]], self.account_ids[int(self.accounts[row])])

    def account_id(self, row: int) -> str:
        """Return a principal's account."""
        return self.account_ids[int(self.accounts[row])]

    def identity(self, row: int) -> IdentityClass:
        """Return what a principal holds."""
        return self.identities[int(self.classes[row])]

    def tags_of(self, row: int) -> dict[str, str]:
        """Return a principal's tags; root users have none."""
        place = int(self.tagged[row])
        found = self._read_tags.get(place)
        if found is None:
            found = self._read_tags[place] = json.loads(self.tags[place])
        return found

    @cached_property
    def kinds(self) -> Numbers:
        """The place in `KINDS` of each principal's kind."""
        by_class = [KINDS.index(identity.kind) for identity in self.identities]
        return numpy.array(by_class, dtype=numpy.int64)[self.classes]

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The place of each account."""
        return {account_id: place for place, account_id in enumerate(self.account_ids)}

    @cached_property
    def short_names(self) -> tuple[str, ...]:
        """The last part of each of `names`, which is what people call a principal by."""
        return tuple(
            "root" if name.endswith(":root") else name.rpartition("/")[2] for name in self.names
        )
