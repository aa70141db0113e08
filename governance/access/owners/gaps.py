"""What is missing about owners: the list that somebody should work through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.access.owners.reading import OwnersState, RuleMatches, TagOwner
from governance.access.owners.standing import StandingOwner
from governance.access.owners.targets import ACCOUNT, OwnedTarget


@dataclass(frozen=True, slots=True)
class OwnerGaps:
    """Gaps of the targets that somebody may see.

    `unowned`: accounts nobody owns, closed ones left out. `left`: owners of whom nobody active is
    left. `unconfirmed`: owners that do not count where they stand, for security has not confirmed
    the tag or a second person the ownership. `unnamed`: tags whose value names nobody.
    `idle_rules`: rules that match nothing. `overdue`: owners to recertify.
    """

    unowned: tuple[OwnedTarget, ...]
    left: tuple[StandingOwner, ...]
    unconfirmed: tuple[StandingOwner, ...]
    unnamed: tuple[TagOwner, ...]
    idle_rules: tuple[RuleMatches, ...]
    overdue: tuple[StandingOwner, ...]

    @property
    def count(self) -> int:
        """How many gaps there are."""
        return sum(
            len(part)
            for part in (
                *(self.unowned, self.left, self.unconfirmed),
                *(self.unnamed, self.idle_rules, self.overdue),
            )
        )


def owner_gaps(
    state: OwnersState, *, seen: Iterable[str] | None = None, now: datetime
) -> OwnerGaps:
    """Return the gaps among targets. `seen`: ids of those that may be seen; None: all.

    Rules are of the whole organization, so they are left to who sees all of it.
    """
    ids = state.tree.by_id.keys() if seen is None else list(seen)
    known = [one for one in ids if one in state.tree.by_id]
    standing = [owner for one in known for owner in state.owners.standing.get(one, ())]
    return OwnerGaps(
        unowned=tuple(
            target
            for one in known
            if (target := state.tree.by_id[one]).kind == ACCOUNT
            and target.state not in ("SUSPENDED", "CLOSED")
            and is_unowned(state, one)
        ),
        left=tuple(one for one in standing if one.party.has_left),
        unconfirmed=tuple(
            one
            for one in standing
            if not one.party.has_left
            and not one.counts_at(protected=state.labels.is_protected(one.target_id))
        ),
        unnamed=tuple(
            match
            for one in known
            if (match := state.tag_owners.get(one)) is not None and match.key is None
        ),
        idle_rules=tuple(one for one in state.rules if not one.first_for) if seen is None else (),
        overdue=tuple(
            one
            for one in standing
            if one.due_at is not None and one.due_at <= now and not one.party.has_left
        ),
    )


def is_unowned(state: OwnersState, target_id: str) -> bool:
    """Whether nobody active owns a target, confirmed or not."""
    found = state.owners.at(target_id)
    return found is None or all(one.party.has_left for one in (*found.owners, *found.entitled))
