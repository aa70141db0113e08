"""Who owns what: owners stand at targets and count below until another owner stands there.

Pure: it is given what was read, and answers for each target. Three things differ: an owner who
stands nearest is shown; one who is confirmed, or need not be, counts for approvals; and one who
has left does neither but as a gap. Owners who do not count never keep those above from counting:
whoever tags an account must not take a vote away either.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from governance.access.owners.labels import target_words
from governance.access.owners.parties import Party
from governance.access.owners.targets import OwnedTarget, OwnedTree


class OwnerSource(StrEnum):
    """How an owner was given."""

    HAND = "hand"
    FILE = "file"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class StandingOwner:
    """An owner at the target where they stand.

    `row_id`: of the ownership, or of the tag's confirmation; None: none yet. `tag`: `key=value`.
    `confirmed`: by a second person, or security for a tag. `since`: last confirmed, given or
    recertified, from which the next recertification counts.
    """

    party: Party
    source: OwnerSource
    target_id: str
    confirmed: bool
    row_id: int | None = None
    tag: str = ""
    since: datetime | None = None
    due_at: datetime | None = None

    def counts_at(self, *, protected: bool) -> bool:
        """Whether approvals count them at a target."""
        if self.party.has_left:
            return False
        return self.confirmed or (self.source is not OwnerSource.TAG and not protected)


@dataclass(frozen=True, slots=True)
class TargetOwners:
    """The owners of one target.

    `owners`: those who stand nearest, counted or not; `stands_at`: where; None: nobody anywhere.
    `entitled`: those who count for approvals; they may stand further up.
    """

    target: OwnedTarget
    owners: tuple[StandingOwner, ...] = ()
    stands_at: OwnedTarget | None = None
    entitled: tuple[StandingOwner, ...] = ()
    entitled_at: OwnedTarget | None = None

    @property
    def is_inherited(self) -> bool:
        """Whether the owners shown stand above."""
        return self.stands_at is not None and self.stands_at.target_id != self.target.target_id

    @property
    def source_words(self) -> str:
        """Say where the owners come from: `own`, `inherited from OU Workloads`, and by a tag."""
        if self.stands_at is None:
            return "nobody owns it"
        place = f"inherited from {target_words(self.stands_at)}" if self.is_inherited else "own"
        tags = sorted({one.tag for one in self.owners if one.tag})
        return f"{place}, by tag {', '.join(tags)}" if tags else place

    @property
    def awaits(self) -> bool:
        """Whether an owner shown does not count yet for want of a confirmation."""
        counted = set(self.entitled)
        return any(one not in counted and not one.party.has_left for one in self.owners)


class OwnerMap:
    """The owners of every target of a tree, each worked out when it is asked for.

    `standing`: target id → who stands there. `protected`: whether a target counts as production.
    """

    def __init__(
        self,
        tree: OwnedTree,
        standing: Mapping[str, Sequence[StandingOwner]],
        protected: Callable[[str], bool],
    ) -> None:
        self.tree = tree
        self.standing = standing
        self._protected = protected
        self._known: dict[str, TargetOwners] = {}
        # What stands above a target is asked of its parent, once.
        self._shown: dict[str, _Standing] = {}
        self._any: dict[str, _Standing] = {}
        self._entitled: dict[tuple[str, bool], _Standing] = {}

    def at(self, target_id: str) -> TargetOwners | None:
        """Return the owners of a target, None where it is not known."""
        found = self._known.get(target_id)
        if found is None:
            target = self.tree.by_id.get(target_id)
            if target is None:
                return None
            found = self._known[target_id] = self._worked_out(target)
        return found

    def _worked_out(self, target: OwnedTarget) -> TargetOwners:
        owners, stands_at = self._shown_at(target.target_id)
        if stands_at is None:
            # Where everybody has left, they are shown rather than nobody.
            owners, stands_at = self._anybody_at(target.target_id)
        if stands_at is None:
            return TargetOwners(target)
        entitled, entitled_at = self._entitled_at(
            target.target_id, protected=self._protected(target.target_id)
        )
        return TargetOwners(target, owners, stands_at, entitled, entitled_at)

    def _shown_at(self, target_id: str) -> "_Standing":
        step = self.tree.by_id.get(target_id)
        if step is None:
            return _NOBODY
        if target_id not in self._shown:
            here = self.standing.get(target_id, ())
            self._shown[target_id] = (
                (tuple(here), step)
                if any(not one.party.has_left for one in here)
                else self._shown_at(step.parent_id)
            )
        return self._shown[target_id]

    def _anybody_at(self, target_id: str) -> "_Standing":
        step = self.tree.by_id.get(target_id)
        if step is None:
            return _NOBODY
        if target_id not in self._any:
            here = self.standing.get(target_id, ())
            self._any[target_id] = (tuple(here), step) if here else self._anybody_at(step.parent_id)
        return self._any[target_id]

    def _entitled_at(self, target_id: str, *, protected: bool) -> "_Standing":
        step = self.tree.by_id.get(target_id)
        if step is None:
            return _NOBODY
        key = (target_id, protected)
        if key not in self._entitled:
            here = self.standing.get(target_id, ())
            counted = tuple(one for one in here if one.counts_at(protected=protected))
            self._entitled[key] = (
                (counted, step)
                if counted
                else self._entitled_at(step.parent_id, protected=protected)
            )
        return self._entitled[key]


_Standing = tuple[tuple[StandingOwner, ...], OwnedTarget | None]
_NOBODY: Final[_Standing] = ((), None)
