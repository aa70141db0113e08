"""Many accounts in few words: whole OUs by their names, the rest by the OU they are in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from governance.posture.state.organization import CompiledOrganization


@dataclass(frozen=True, slots=True)
class ReachedPlace:
    """Accounts at or below one target. `whole`: all of its accounts are meant."""

    target_id: str
    kind: str
    name: str
    accounts: int
    whole: bool


class Reaches:
    """Says where accounts are; keeps what was said, since many effects have the same accounts."""

    def __init__(self, organization: CompiledOrganization) -> None:
        self._organization = organization
        self._all = self._counted(organization.account_ids)
        management = organization.management_account_id
        if management is not None and management in organization.names:
            self._all.subtract(self._counted((management,)))
        self._known: dict[tuple[str, ...], tuple[ReachedPlace, ...]] = {}

    def of(self, account_ids: tuple[str, ...]) -> tuple[ReachedPlace, ...]:
        """Return the places of some accounts, those with most accounts first."""
        found = self._known.get(account_ids)
        if found is None:
            found = self._known[account_ids] = self._places(account_ids)
        return found

    def _places(self, account_ids: tuple[str, ...]) -> tuple[ReachedPlace, ...]:
        names, counted = self._organization.names, self._counted(account_ids)
        if len(account_ids) == 1:
            name = names[account_ids[0]]
            return (ReachedPlace(name.target_id, name.kind, name.name, 1, True),)
        places = []
        steps = [self._organization.root_id] if self._organization.root_id else []
        while steps:
            target_id = steps.pop()
            name, here = names[target_id], counted[target_id]
            below = [
                child
                for child in self._organization.children.get(target_id, ())
                if counted[child] and names[child].kind != "ACCOUNT"
            ]
            directly = here - sum(counted[child] for child in below)
            if here == self._all[target_id]:
                places.append(ReachedPlace(target_id, name.kind, name.name, here, True))
                continue
            if directly:
                places.append(ReachedPlace(target_id, name.kind, name.name, directly, False))
            steps += below
        return tuple(sorted(places, key=lambda place: (-place.accounts, place.name)))

    def _counted(self, account_ids: Iterable[str]) -> Counter[str]:
        """Count accounts at every target of their paths."""
        names = self._organization.names
        parents = Counter(names[account_id].parent_id for account_id in account_ids)
        counted: Counter[str] = Counter(account_ids)
        for parent_id, accounts in parents.items():
            step = parent_id
            while step is not None:
                counted[step] += accounts
                step = names[step].parent_id
        return counted
