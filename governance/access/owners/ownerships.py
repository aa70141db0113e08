"""Gives targets owners by hand, and takes them away."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.labels import LabelMap, label_map, target_words
from governance.access.owners.models import GrantProposal, Ownership
from governance.access.owners.parties import Parties, PartyKey, party_key, read_parties
from governance.access.owners.proposing import ownership_propose, withdraw
from governance.access.owners.targets import OwnedTarget
from governance.audit import actions
from governance.audit.services import audit_record
from inventory.models import Connection
from inventory.store.locks import hold_lock


class CannotOwn(ValueError):
    """Owners cannot be given as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class OwnersSet:
    """What giving owners came to. `waiting`: given, and not counted until a second person agrees.

    `unchanged`: nothing was to be done.
    """

    target: OwnedTarget
    given: tuple[PartyKey, ...]
    taken: tuple[PartyKey, ...]
    waiting: tuple[PartyKey, ...]

    @property
    def is_unchanged(self) -> bool:
        """Whether the owners were the same before."""
        return not self.given and not self.taken


@transaction.atomic
def owners_set(
    *,
    by: ActingPerson,
    connection: Connection,
    target_id: str,
    parties: Collection[PartyKey],
    reason: str = "",
    now: datetime,
) -> OwnersSet:
    """Make exactly these people and groups the owners that stand at a target by hand.

    None of them: the target inherits again, or its tag counts. Where the target or anything below
    it may be production, each new owner counts there only once a second person has confirmed.

    :raises CannotOwn: no such target, or somebody who is unknown or has left.
    :raises MayNot: without the right to manage owners there.
    """
    hold_lock(owners_lock(connection))
    labels = label_map(connection)
    return owners_set_locked(
        by=by,
        connection=connection,
        labels=labels,
        known=read_parties(parties),
        wanted={target_id: parties},
        source=Ownership.Source.HAND,
        reason=reason,
        now=now,
    )[0]


def owners_lock(connection: Connection) -> str:
    """Return the name of the lock under which owners and labels of an organization change."""
    return f"owners:{connection.pk}"


def owners_set_locked(
    *,
    by: ActingPerson,
    connection: Connection,
    labels: LabelMap,
    known: Parties,
    wanted: Mapping[str, Collection[PartyKey]],
    source: Ownership.Source,
    reason: str,
    now: datetime,
) -> list[OwnersSet]:
    """Do `owners_set` for several targets, within a transaction that holds the owners' lock."""
    for target_id, parties in wanted.items():
        if target_id not in labels.tree.by_id:
            raise CannotOwn(f"{target_id} is not a root, OU or account of {connection.name}")
        for key in parties:
            _check_party(known, key)
    by.require_at_all(rights.MANAGE_OWNERS, connection, labels.tree, wanted)
    open_rows: dict[str, dict[PartyKey, Ownership]] = {}
    for row in Ownership.objects.as_of(None).filter(
        Q(target_id__in=list(wanted)), connection=connection
    ):
        open_rows.setdefault(row.target_id, {})[party_key(row)] = row
    names = _names({key for rows in open_rows.values() for key in rows}, known)
    found = []
    for target_id, parties in wanted.items():
        before = open_rows.get(target_id, {})
        given = [key for key in dict.fromkeys(parties) if key not in before]
        taken = [key for key in before if key not in set(parties)]
        target = labels.tree.by_id[target_id]
        for key in taken:
            _end(before[key], by, now)
        waits = bool(given) and labels.holds_protected(target_id)
        for key in given:
            _give(by, connection, target_id, key, source, reason, now, waits=waits)
        asked = [
            key
            for key, row in before.items()
            if key in set(parties) and _ask_again(by, row, labels, reason, now)
        ]
        waiting = (*(given if waits else ()), *asked)
        done = OwnersSet(target, tuple(given), tuple(taken), waiting)
        found.append(done)
        if not done.is_unchanged:
            audit_record(
                actor=by.actor,
                action=actions.OWNER_SET,
                object_kind="owners",
                object_id=target_id,
                object_name=target_words(target),
                connection_id=connection.pk,
                target_id=target_id,
                before={"owners": sorted(names(key) for key in before)},
                after={
                    "owners": sorted(names(key) for key in parties),
                    "waiting": sorted(names(key) for key in done.waiting),
                    "source": source.value,
                    "reason": reason,
                },
                now=now,
            )
    return found


def _check_party(known: Parties, key: PartyKey) -> None:
    try:
        party = known.get(key)
    except KeyError:
        raise CannotOwn(f"there is no such {key.kind}") from None
    if key in known.service_accounts:
        raise CannotOwn(f"{party.label} is a service account; owners are people and groups")
    if party.has_left:
        why = "is deactivated" if key.kind == "person" else "has no active member"
        raise CannotOwn(f"{party.label} {why}")


def _names(keys: Collection[PartyKey], known: Parties) -> Callable[[PartyKey], str]:
    others = read_parties(set(keys))

    def name(key: PartyKey) -> str:
        try:
            return known.get(key).name
        except KeyError:
            return others.get(key).name

    return name


def _ask_again(
    by: ActingPerson, row: Ownership, labels: LabelMap, reason: str, now: datetime
) -> bool:
    """Propose an owner of what became production since, unless that waits already."""
    if row.confirmed_at is not None or not labels.holds_protected(row.target_id):
        return False
    if not row.proposals.filter(state=GrantProposal.State.PROPOSED).exists():
        ownership_propose(by=by, ownership=row, reason=reason, now=now)
    return True


def _end(row: Ownership, by: ActingPerson, now: datetime) -> None:
    row.ended_at, row.ended_by = now, by.user
    row.save(update_fields=["ended_at", "ended_by"])
    withdraw(now=now, ownership=row)


def _give(
    by: ActingPerson,
    connection: Connection,
    target_id: str,
    key: PartyKey,
    source: Ownership.Source,
    reason: str,
    now: datetime,
    *,
    waits: bool,
) -> None:
    row = Ownership.objects.create(
        connection=connection,
        target_id=target_id,
        source=source,
        created_at=now,
        created_by=by.user,
        **key.columns,
    )
    if waits:
        ownership_propose(by=by, ownership=row, reason=reason, now=now)
