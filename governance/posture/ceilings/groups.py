"""Where the accounts below an OU differ from each other: groups of accounts with equal ceilings."""

from collections.abc import Hashable
from dataclasses import dataclass

from governance.posture.ceilings.organization_ceilings import (
    Binding,
    OrganizationCeilings,
    TargetCeiling,
)


@dataclass(frozen=True, slots=True)
class CeilingGroup:
    """Accounts that may do the same, under the same conditions.

    `removed`: actions that the OU leaves and these accounts do not have. `made_conditional`:
    those that are always possible at the OU and depend here. `gained`: what these accounts have
    beyond the OU, as the management account does. All are ints over the catalogue, the ceiling
    within the scope of the policies' type.
    """

    account_ids: tuple[str, ...]
    ceiling: TargetCeiling
    removed: int
    made_conditional: int
    gained: int
    binding: Binding

    @property
    def is_as_the_unit(self) -> bool:
        """Whether nothing below the OU narrows these accounts."""
        return not (self.removed or self.made_conditional or self.gained)


def account_groups(ceilings: OrganizationCeilings, target_id: str) -> list[CeilingGroup]:
    """Return the groups of the accounts at any depth below a target, the largest first.

    :raises KeyError: no such target.
    """
    unit = ceilings.of(target_id)
    members: dict[Hashable, list[str]] = {}
    for account_id in ceilings.organization.accounts_below(target_id):
        members.setdefault(ceilings.meaning(account_id), []).append(account_id)
    groups = []
    for account_ids in members.values():
        ceiling = ceilings.of(account_ids[0])
        groups.append(
            CeilingGroup(
                account_ids=tuple(account_ids),
                ceiling=ceiling.within(ceilings.scope),
                removed=unit.possible & ~ceiling.possible,
                made_conditional=unit.always & ceiling.conditional,
                gained=ceiling.possible & ~unit.possible,
                binding=ceilings.binding(account_ids[0]),
            )
        )
    return sorted(groups, key=lambda group: (-len(group.account_ids), group.account_ids[0]))
