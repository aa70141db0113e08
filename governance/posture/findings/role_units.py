"""The accounts of each OU with their roles, for kinds that compare roles of one name."""

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.selectors.roles import RoleRow


@dataclass(frozen=True, slots=True)
class RoleUnit:
    """The accounts directly in an OU that are in use. `roles`: by name and path.

    `known`: the accounts whose IAM was read. `unknown`: the others, whose roles are unknown.
    """

    unit_id: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    roles: dict[tuple[str, str], list[RoleRow]]

    def shared(self, least_holders: int) -> Iterator[list[RoleRow]]:
        """Yield the roles of one name and path that so many accounts have."""
        for roles in self.roles.values():
            if len(roles) >= least_holders:
                yield roles
