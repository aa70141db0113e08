"""Owners as rows: of a target, of a list, on the pages of accounts and OUs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.access.owners.absences import Attendance
from governance.access.owners.labels import TargetLabel
from governance.access.owners.parties import PartyKind
from governance.access.owners.reading import OwnersState
from governance.access.owners.standing import OwnerSource, StandingOwner, TargetOwners
from governance.access.owners.targets import ACCOUNT, ROOT, OwnedTarget

KIND_WORDS: Final = {ROOT: "Root", ACCOUNT: "Account"}


@dataclass(frozen=True, slots=True)
class ShownOwner:
    """An owner with what to know before asking them. `mark`: a state, empty where all is well."""

    owner: StandingOwner
    icon: str
    mark: str
    mark_words: str
    away_until: datetime | None = None

    @property
    def label(self) -> str:
        """The name as shown."""
        return self.owner.party.label


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """A root, OU or account with its owners and labels. `unit_words`: the OUs it lies in."""

    target: OwnedTarget
    found: TargetOwners
    shown: tuple[ShownOwner, ...]
    entitled_words: str
    environment: TargetLabel
    criticality: TargetLabel
    unit_words: str
    due_at: datetime | None
    href: str
    may_edit: bool

    @property
    def kind_words(self) -> str:
        """What it is."""
        return KIND_WORDS.get(self.target.kind, "OU")


def shown_owner(
    owner: StandingOwner, *, protected: bool, away: Attendance | None = None
) -> ShownOwner:
    """Describe an owner where they are shown. `protected`: the target counts as production."""
    is_person = owner.party.key.kind is PartyKind.PERSON
    until = away.away_until.get(owner.party.key.pk) if away and is_person else None
    mark, words = "", ""
    if owner.party.has_left:
        mark, words = "left", "Deactivated" if is_person else "Nobody in the group"
    elif not owner.counts_at(protected=protected):
        mark = "unconfirmed"
        words = "Tag not confirmed" if owner.source is OwnerSource.TAG else "Not confirmed"
    return ShownOwner(owner, "user" if is_person else "users", mark, words, until)


def shown_owners(
    state: OwnersState, found: TargetOwners, *, away: Attendance | None = None
) -> tuple[ShownOwner, ...]:
    """Describe the owners shown for a target."""
    if not found.owners:
        return ()
    protected = state.labels.is_protected(found.target.target_id)
    return tuple(shown_owner(one, protected=protected, away=away) for one in found.owners)


def entitled_words(found: TargetOwners) -> str:
    """Say who decides where that is not who is shown; empty where it is."""
    if set(found.entitled) >= set(found.owners) or found.entitled_at is None:
        return ""
    return names_of(found.entitled)


def names_of(owners: Iterable[StandingOwner]) -> str:
    """Return owners' names as words."""
    return ", ".join(one.party.label for one in owners)


GAPS: Final[Mapping[str, str]] = {
    "unowned": "No owner",
    "left": "Owner left",
    "unconfirmed": "Not confirmed",
    "unnamed": "Tag names nobody",
    "overdue": "Recertification overdue",
}


def gap_targets(gaps: object, gap: str) -> frozenset[str]:
    """Return the ids of the targets with a gap."""
    found = []
    for one in getattr(gaps, gap):
        target = getattr(one, "target", None)
        found.append(target.target_id if target is not None else one.target_id)
    return frozenset(found)
