"""External parties: who is let in from outside, by name, and naming accounts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.audit.services import audit_record, changed_fields
from governance.posture.trust.dispatch import refresh_send
from governance.posture.trust.models import ExternalParty, TrustEdge
from governance.posture.trust.selectors import ExternalAccount, external_accounts
from governance.posture.trust.vendors import AWS, VendorName, vendor_of
from inventory.models import Account, Connection
from inventory.viewing import Viewer

UNKNOWN: Final = "unknown"
"""The kind of accounts outside that nobody has named."""

LONGEST_PARTY_NAME: Final = 200
MOST_ACCOUNTS: Final = 200
_ACCOUNT: Final = re.compile(r"\d{12}")
KIND_LABELS: Final = {
    **dict(ExternalParty.Kind.choices),
    AWS: "AWS",
    UNKNOWN: "Unknown",
}


class CannotNameParty(ValueError):
    """A party cannot be named so. `member`: which part is wrong."""

    def __init__(self, member: str, message: str) -> None:
        self.member = member
        super().__init__(message)


class NoSuchParty(LookupError):
    """Nobody named a party so in this organization."""


class PartyMoved(ValueError):
    """Somebody else changed the party in between."""


@dataclass(frozen=True, slots=True)
class ObservedParty:
    """A party that something lets in, or that is named here.

    `name`: empty for an account that nobody knows. `source`: the page that publishes its accounts.
    `named`: the row that names it here. `edges`: ways in that are not blocked, of which `open` have
    no guard that holds.
    """

    name: str
    kind: str
    account_ids: tuple[str, ...]
    accounts: tuple[ExternalAccount, ...]
    named: ExternalParty | None = None
    source: str = ""
    checked_on: str = ""

    @property
    def key(self) -> str:
        """What addresses name it by: its name, or the account's id."""
        return self.name or self.account_ids[0]

    @property
    def edges(self) -> int:
        """Edges that are not blocked."""
        return sum(account.edges for account in self.accounts)

    @property
    def open(self) -> int:
        """Ways in without a guard that holds."""
        return sum(account.open for account in self.accounts)

    @property
    def blocked(self) -> int:
        """Ways in that no request passes."""
        return sum(account.blocked for account in self.accounts)

    @property
    def worst_state(self) -> str:
        """The state of the ways in that is worst; empty where there is none."""
        if self.open:
            return TrustEdge.EdgeState.OPEN
        if self.edges:
            return TrustEdge.EdgeState.GUARDED
        return TrustEdge.EdgeState.BLOCKED if self.blocked else ""

    @property
    def since(self) -> datetime | None:
        """Since when the oldest way in is there."""
        return min((account.since for account in self.accounts), default=None)


def observed_parties(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> tuple[ObservedParty, ...]:
    """Return who is let in from outside, unknown accounts first, then by name.

    Parties that were named here are in it whether something lets them in or not.
    """
    vendors = vendor_of(connection)
    named = {party.name: party for party in parties_named(connection)}
    by_name: dict[str, list[ExternalAccount]] = {name: [] for name in named}
    unknown: list[ExternalAccount] = []
    for account in external_accounts(viewer, connection=connection, as_of=as_of):
        vendor = vendors.get(account.account_id)
        name = vendor.name if vendor is not None else account.vendor
        if name:
            by_name.setdefault(name, []).append(account)
        else:
            unknown.append(account)
    found = [
        ObservedParty("", UNKNOWN, (account.account_id,), (account,))
        for account in sorted(unknown, key=lambda one: (-one.open, -one.edges, one.account_id))
    ]
    found += [
        _party(name, by_name[name], named.get(name), vendors)
        for name in sorted(by_name, key=str.casefold)
    ]
    return tuple(found)


def _party(
    name: str,
    accounts: Sequence[ExternalAccount],
    row: ExternalParty | None,
    known: Mapping[str, VendorName],
) -> ObservedParty:
    ids = {account.account_id for account in accounts}
    published = next(
        (known[one] for one in sorted(ids) if one in known and not known[one].is_named_here), None
    )
    return ObservedParty(
        name=name,
        kind=row.kind if row else (published.kind if published else ExternalParty.Kind.VENDOR),
        account_ids=tuple(sorted(ids | set(row.account_ids if row else ()))),
        accounts=tuple(accounts),
        named=row,
        source=published.source if published else "",
        checked_on=published.checked_on if published else "",
    )


def parties_named(connection: Connection) -> "QuerySet[ExternalParty]":
    """Return the parties that were named here, by name."""
    return ExternalParty.objects.filter(connection=connection).select_related("updated_by")


@transaction.atomic
def party_set(
    *,
    by: ActingPerson,
    connection: Connection,
    name: str,
    kind: str,
    account_ids: Iterable[str],
    note: str = "",
    version: int | None = None,
    now: datetime,
) -> ExternalParty:
    """Name the accounts of a party, or change what is named; edges take the name over soon.

    An account that another party here has is taken from it. `version`: of the party that was read;
    None: whatever it is now, 0: it is not there yet.

    :raises MayNot: without the right to name external parties.
    :raises CannotNameParty: see there.
    :raises PartyMoved: see there.
    """
    by.require(rights.NAME_EXTERNAL_PARTIES, connection)
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    name, ids = _checked(connection, name, kind, account_ids)
    party = ExternalParty.objects.filter(connection=connection, name__iexact=name).first()
    if version is not None and version != (party.version if party else 0):
        raise PartyMoved(f"{name} was changed after you read it: read it again")
    before = _recorded(party)
    others = ExternalParty.objects.filter(connection=connection)
    for other in others.exclude(pk=party.pk) if party else others:
        left = [one for one in other.account_ids if one not in ids]
        if left == other.account_ids:
            continue
        was = _recorded(other)
        other.account_ids = left
        other.version += 1
        other.updated_by, other.updated_at = by.user, now
        other.save()
        _record(by, other, was, _recorded(other), now)
    if party is None:
        party = ExternalParty(connection=connection, name=name, version=0)
    party.kind, party.account_ids, party.note = kind, ids, note.strip()
    if before == _recorded(party):
        return party
    party.version += 1
    party.updated_by, party.updated_at = by.user, now
    party.save()
    _record(by, party, before, _recorded(party), now)
    refresh_send(connection.pk)
    return party


@transaction.atomic
def party_remove(*, by: ActingPerson, connection: Connection, name: str, now: datetime) -> None:
    """Forget a party that was named here; published names count again.

    :raises MayNot: without the right to name external parties.
    :raises NoSuchParty: see there.
    """
    by.require(rights.NAME_EXTERNAL_PARTIES, connection)
    party = (
        ExternalParty.objects.select_for_update()
        .filter(connection=connection, name__iexact=name)
        .first()
    )
    if party is None:
        raise NoSuchParty(f"nobody named a party {name} here")
    audit_record(
        actor=by.actor,
        action=actions.EXTERNAL_PARTY_REMOVE,
        object_kind="external_party",
        object_id=str(party.pk),
        object_name=party.name,
        connection_id=connection.pk,
        before=_recorded(party),
        now=now,
    )
    party.delete()
    refresh_send(connection.pk)


def _checked(
    connection: Connection, name: str, kind: str, account_ids: Iterable[str]
) -> tuple[str, list[str]]:
    said = " ".join(name.split())
    if not said or len(said) > LONGEST_PARTY_NAME or "\0" in said or "/" in said:
        raise CannotNameParty(
            "name", f"give a name of {LONGEST_PARTY_NAME} characters at most, without /"
        )
    if _ACCOUNT.fullmatch(said):
        raise CannotNameParty("name", "a name is not an account id")
    if kind not in ExternalParty.Kind.values:
        raise CannotNameParty("kind", f"choose one of {', '.join(ExternalParty.Kind.values)}")
    ids = sorted({one.strip() for one in account_ids if one.strip()})
    if not ids or len(ids) > MOST_ACCOUNTS:
        raise CannotNameParty("account_ids", f"give 1 to {MOST_ACCOUNTS} account ids")
    for one in ids:
        if not _ACCOUNT.fullmatch(one):
            raise CannotNameParty("account_ids", f"{one} is not an account id: give 12 digits")
    own = Account.objects.as_of(None).filter(connection=connection, account_id__in=ids)
    inside = own.values_list("account_id", flat=True).first()
    if inside is not None:
        raise CannotNameParty("account_ids", f"{inside} is an account of this organization")
    return said, ids


def _recorded(party: ExternalParty | None) -> dict[str, object]:
    if party is None:
        return {}
    return {
        "name": party.name,
        "kind": str(party.kind),
        "account_ids": list(party.account_ids),
        "note": party.note,
    }


def _record(
    by: ActingPerson,
    party: ExternalParty,
    was: dict[str, object],
    is_now: dict[str, object],
    now: datetime,
) -> None:
    before, after = changed_fields(was, is_now)
    audit_record(
        actor=by.actor,
        action=actions.EXTERNAL_PARTY_SET,
        object_kind="external_party",
        object_id=str(party.pk),
        object_name=party.name,
        connection_id=party.connection_id,
        before=before,
        after=after,
        now=now,
    )
