"""Where the accounts below an OU differ from each other: groups of accounts with equal ceilings."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from governance.posture.ceilings.organization_ceilings import (
    Binding,
    OrganizationCeilings,
    TargetCeiling,
)
from governance.posture.state.organization import ControlPolicy


@dataclass(frozen=True, slots=True)
class SeparatingPolicy:
    """A policy below the OU that applies to accounts of one group and not to all below the OU.

    `target_ids`: where it is attached, in the organization's order. `accounts`: how many of the
    group's accounts it applies to.
    """

    policy: ControlPolicy
    target_ids: tuple[str, ...]
    accounts: int


@dataclass(frozen=True, slots=True)
class CeilingGroup:
    """Accounts that may do the same, under the same conditions.

    `removed`: actions that the OU leaves and these accounts do not have. `made_conditional`:
    those that are always possible at the OU and depend here. `gained`: what these accounts have
    beyond the OU, as the management account does. All are ints over the catalogue, the ceiling
    within the scope of the policies' type. `separated_by`: the policies that other accounts below
    the OU do not have, those of most accounts first.
    """

    account_ids: tuple[str, ...]
    ceiling: TargetCeiling
    removed: int
    made_conditional: int
    gained: int
    binding: Binding
    separated_by: tuple[SeparatingPolicy, ...] = ()

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
    chains = _chains(ceilings, target_id)
    policies = [{policy_id for policy_id, _ in chain} for chain in set(chains.values())]
    everywhere = set.intersection(*policies) if policies else set()
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
                separated_by=_separating(
                    ceilings, [chains[account_id] for account_id in account_ids], everywhere
                ),
            )
        )
    return sorted(groups, key=lambda group: (-len(group.account_ids), group.account_ids[0]))


_Chain = tuple[tuple[str, str], ...]


def _chains(ceilings: OrganizationCeilings, target_id: str) -> dict[str, _Chain]:
    """Return (policy id, where attached) below a target for each account below it."""
    organization = ceilings.organization
    attached = organization.control(ceilings.policy_type).attached
    found: dict[str, _Chain] = {target_id: ()}

    def chain(step: str) -> _Chain:
        if step not in found:
            own = tuple((policy.policy_id, step) for policy in attached.get(step, ()))
            found[step] = chain(organization.names[step].parent_id or target_id) + own
        return found[step]

    return {account_id: chain(account_id) for account_id in organization.accounts_below(target_id)}


def _separating(
    ceilings: OrganizationCeilings, chains: Iterable[_Chain], everywhere: Collection[str]
) -> tuple[SeparatingPolicy, ...]:
    organization = ceilings.organization
    by_id = organization.control(ceilings.policy_type).by_id
    counts: Counter[str] = Counter()
    places: dict[str, set[str]] = {}
    for chain, number in Counter(chains).items():
        for policy_id in {policy_id for policy_id, _ in chain}.difference(everywhere):
            counts[policy_id] += number
            places.setdefault(policy_id, set()).update(at for one, at in chain if one == policy_id)
    found = [
        SeparatingPolicy(
            by_id[policy_id],
            tuple(sorted(places[policy_id], key=organization.order.__getitem__)),
            number,
        )
        for policy_id, number in counts.items()
    ]
    found.sort(key=lambda one: (-one.accounts, one.policy.name))
    # What only some of these accounts have cannot separate them where something else does.
    return tuple(one for one in found if one.accounts == found[0].accounts)
