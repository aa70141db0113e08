"""Owners of targets: whom to ask, and who may decide."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from governance.access.owners.absences import Attendance, attendance
from governance.access.owners.parties import Party, PartyKind
from governance.access.owners.reading import OwnersState, owners_state
from governance.access.owners.standing import StandingOwner, TargetOwners
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class Deputy:
    """Somebody who stands in."""

    user_id: int
    name: str
    label: str
    email: str


@dataclass(frozen=True, slots=True)
class Contact:
    """An owner to ask. `away_until`: they are away, so ask the deputies; None: they are here."""

    owner: StandingOwner
    counts: bool
    away_until: datetime | None
    deputies: tuple[Deputy, ...]

    @property
    def party(self) -> Party:
        """The person or group."""
        return self.owner.party


@dataclass(frozen=True, slots=True)
class WhoToAsk:
    """Whom to ask about a target. `approvers`: who decides where that is somebody else."""

    found: TargetOwners
    contacts: tuple[Contact, ...]
    approvers: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class EntitledPerson:
    """A person who may decide about a target, once however many ways they come to it.

    `deputy_for`: ids of the absent owners for whom they stand in; empty for an owner themselves.
    `through`: the owning groups or people.
    """

    user_id: int
    through: tuple[Party, ...]
    deputy_for: tuple[int, ...] = ()

    def counts_without(self, excluded: Collection[int]) -> bool:
        """Whether they may decide where nobody acts in the name of these people."""
        return not self.deputy_for or not set(self.deputy_for).issubset(excluded)


def owners_of(
    connection: Connection, target_id: str, *, as_of: datetime | None = None
) -> TargetOwners | None:
    """Return the owners of one target and where they come from; None: no such target."""
    return owners_state(connection, as_of=as_of, target_ids={target_id}).owners.at(target_id)


def owners_of_all(
    connection: Connection, *, as_of: datetime | None = None
) -> Mapping[str, TargetOwners]:
    """Return the owners of every target by id, in a number of queries that does not grow."""
    state = owners_state(connection, as_of=as_of)
    found = ((target_id, state.owners.at(target_id)) for target_id in state.tree.by_id)
    return {target_id: owners for target_id, owners in found if owners is not None}


def who_to_ask(state: OwnersState, target_id: str, *, now: datetime) -> WhoToAsk | None:
    """Return whom to ask about a target of `state`, in three queries; None: no such target."""
    found = state.owners.at(target_id)
    if found is None:
        return None
    asked = _people(owner.party for owner in (*found.owners, *found.entitled))
    present = attendance(asked, now=now)
    wanted = {one for user_id in asked for one in present.deputies.get(user_id, ())}
    deputies = {
        user.pk: Deputy(
            user.pk, user.get_username(), user.get_full_name() or user.get_username(), user.email
        )
        for user in User.objects.filter(pk__in=wanted)
    }
    entitled = set(found.entitled)

    def contact(owner: StandingOwner) -> Contact:
        user_id = owner.party.key.pk if owner.party.key.kind is PartyKind.PERSON else None
        if user_id is None:
            return Contact(owner, owner in entitled, None, ())
        return Contact(
            owner,
            owner in entitled,
            present.away_until.get(user_id),
            tuple(deputies[one] for one in present.deputies.get(user_id, ())),
        )

    approvers = () if entitled <= set(found.owners) else found.entitled
    return WhoToAsk(found, tuple(map(contact, found.owners)), tuple(map(contact, approvers)))


def _people(parties: Iterable[Party]) -> set[int]:
    return {user_id for party in parties for user_id in party.members}


def deciders(
    state: OwnersState, target_ids: Collection[str], *, now: datetime
) -> dict[str, dict[int, EntitledPerson]]:
    """Return, by target, the people who may decide about it, in two queries.

    Entitled owners who are here, the members of entitled groups, and the deputies of those who
    are away. A target that nobody entitled owns has nobody: who decides then is not said here.
    """
    entitled = {
        target_id: () if (found := state.owners.at(target_id)) is None else found.entitled
        for target_id in target_ids
    }
    everybody = _people(one.party for owners in entitled.values() for one in owners)
    present = attendance(everybody, now=now)
    return {target_id: _deciders(owners, present) for target_id, owners in entitled.items()}


def _deciders(owners: Collection[StandingOwner], present: Attendance) -> dict[int, EntitledPerson]:
    found: dict[int, EntitledPerson] = {}
    absent: dict[int, list[Party]] = {}
    for owner in owners:
        for user_id in sorted(owner.party.members):
            if user_id in present.away_until:
                absent.setdefault(user_id, []).append(owner.party)
                continue
            through = found[user_id].through if user_id in found else ()
            found[user_id] = EntitledPerson(user_id, (*through, owner.party))
    for user_id, parties in absent.items():
        for deputy_id in present.stand_ins(user_id):
            known = found.get(deputy_id)
            if known is None:
                found[deputy_id] = EntitledPerson(deputy_id, tuple(parties), (user_id,))
            elif known.deputy_for:
                found[deputy_id] = EntitledPerson(
                    deputy_id, (*known.through, *parties), (*known.deputy_for, user_id)
                )
    return found


def may_decide(
    user: User, connection: Connection, target_id: str, *, now: datetime
) -> EntitledPerson | None:
    """Return as what somebody may decide about a target: owner, member or deputy; None: they may
    not.

    Owners from tags count once security has confirmed them, those given by hand in production
    once a second person has. Somebody who is away does not count; their deputies do.
    """
    if not user.is_active:
        return None
    state = owners_state(connection, target_ids={target_id})
    return deciders(state, [target_id], now=now)[target_id].get(user.pk)
