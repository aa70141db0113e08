"""Gives the demo organization owners, labels, a rule over tags and a grant that waits.

Some gaps stay on purpose: tags that name nobody, tags that security has not confirmed, accounts
that nobody owns, an owner who has left, one overdue for recertification, a rule that matches
nothing. Nothing is done where owners were given before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

if TYPE_CHECKING:
    from django.contrib.auth.models import Group, User

    from governance.access.owners.acting import ActingPerson
    from governance.access.owners.parties import PartyKey
    from inventory.models import Connection

DOMAIN: Final = "halden-freight.example"
_TAG: Final = "owner"
# User name → first and last name. `demo.people` gives those who have not left a password and the
# role of an approver, so that changes can be agreed to at once.
OWNERS: Final = {
    "amira": ("Amira", "Haddad"),
    "jonas": ("Jonas", "Weber"),
    "leila": ("Leila", "Osei"),
    "tomasz": ("Tomasz", "Nowak"),
    "wiebke": ("Wiebke", "Petersen"),
    "marit": ("Marit", "Solberg"),
    "ola": ("Ola", "Nordby"),
}
LEFT: Final = "ola"
# Group → its members, and the mailboxes that tags name it by.
_GROUPS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Engineering": (("amira", "jonas"), ("engineering",)),
    "Cloud platform": (("jonas", "tomasz"), ("cloud-platform", "network", "identity")),
    "Booking team": (("leila",), ("booking", "pricing", "partners")),
    "Tracking team": (("wiebke",), ("tracking", "telematics")),
    "Customs team": (("marit",), ("customs",)),
    "Payments team": (("amira", "marit"), ("payments",)),
    "Security team": ((), ("security",)),
}


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who is in the demo, by name."""

    people: Mapping[str, "User"]
    groups: Mapping[str, "Group"]


def ensure_owners(connection: "Connection", *, now: datetime) -> bool:
    """Give the organization owners; False where it has some, or lacks people or OUs.

    Needs the demo people of the roles security and administrator, who act.
    """
    from django.contrib.auth.models import User

    from governance.access.owners.acting import ActingPerson
    from governance.access.owners.models import OwnerRule, Ownership
    from governance.audit.actors import Actor

    known = (
        Ownership.objects.filter(connection=connection).exists()
        or OwnerRule.objects.filter(connection=connection).exists()
    )
    acting = {
        user.username: ActingPerson(user, Actor(kind="person", user_id=user.pk, name=user.username))
        for user in User.objects.filter(username__in=("security", "administrator"))
    }
    if known or len(acting) < 2:
        return False
    units = units_by_path(connection)
    if "Workloads" not in units or "Sandbox" not in units:
        return False
    with transaction.atomic():
        cast = _people(acting["security"].user)
        _give(connection, units, cast, acting, now)
        _rules(connection, cast, acting, now)
        _labels(connection, units, acting["security"], now)
        _propose(connection, units, cast, acting["security"], now)
        _absence(cast, now)
    return True


def units_by_path(connection: "Connection") -> dict[str, str]:
    """Return the ids of OUs by their path, such as `Workloads/Prod`."""
    from inventory.models import OrganizationalUnit

    rows = OrganizationalUnit.objects.filter(connection=connection, seen_until__isnull=True)
    names = {row.target_id: row.name for row in rows}
    return {
        "/".join(names[step] for step in row.path.split("/") if step in names): row.target_id
        for row in rows
    }


def _people(security: "User") -> _Cast:
    from django.contrib.auth.models import Group, User

    people = {}
    for name, (first, last) in OWNERS.items():
        user, made = User.objects.get_or_create(
            username=name,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{name}@{DOMAIN}",
                "is_active": name != LEFT,
            },
        )
        if made:
            user.set_unusable_password()
            user.save()
        people[name] = user
    groups = {}
    for name, (members, _) in _GROUPS.items():
        groups[name], _ = Group.objects.get_or_create(name=name)
        groups[name].user_set.add(*(people[one] for one in members))
    groups["Security team"].user_set.add(security)
    return _Cast(people, groups)


def _party(of: "User | Group") -> "PartyKey":
    from django.contrib.auth.models import User

    from governance.access.owners.parties import PartyKey, PartyKind

    return PartyKey(PartyKind.PERSON if isinstance(of, User) else PartyKind.GROUP, of.pk)


def _give(
    connection: "Connection",
    units: Mapping[str, str],
    cast: _Cast,
    acting: Mapping[str, "ActingPerson"],
    now: datetime,
) -> None:
    """Give OUs owners, as they were given long before the demo began."""
    from governance.access.owners.models import Ownership

    long_ago, of_late = now - timedelta(days=220), now - timedelta(days=20)
    owned: tuple[tuple[str, User | Group, datetime], ...] = (
        ("Security", cast.groups["Security team"], of_late),
        ("Infrastructure", cast.groups["Cloud platform"], of_late),
        ("Workloads", cast.groups["Engineering"], of_late),
        ("Sandbox", cast.groups["Cloud platform"], long_ago),
        # He has left since, so its accounts need somebody else.
        ("Acquired", cast.people[LEFT], long_ago),
    )
    for path, owner, at in owned:
        if path in units:
            Ownership.objects.create(
                connection=connection,
                target_id=units[path],
                created_at=at,
                created_by=acting["administrator"].user,
                confirmed_at=at,
                confirmed_by=acting["security"].user,
                **_party(owner).columns,
            )


def _rules(
    connection: "Connection", cast: _Cast, acting: Mapping[str, "ActingPerson"], now: datetime
) -> None:
    """Let the tag `owner` name owners, and have security confirm two teams' tags."""
    from governance.access.owners.reading import owners_state
    from governance.access.owners.rules import ShownTag, owner_rule_set, tag_owners_confirm

    values = {
        f"{mailbox}@{DOMAIN}": _party(cast.groups[name])
        for name, (_, mailboxes) in _GROUPS.items()
        for mailbox in mailboxes
    }
    administrator = acting["administrator"]
    owner_rule_set(by=administrator, connection=connection, tag_key=_TAG, values=values, now=now)
    # Nothing bears this tag: the page of rules says so.
    owner_rule_set(by=administrator, connection=connection, tag_key="Team", values={}, now=now)
    confirmed = {_party(cast.groups[name]) for name in ("Tracking team", "Payments team")}
    shown = [
        ShownTag(match.target.target_id, match.tag_key, match.tag_value, match.key)
        for match in owners_state(connection).tag_owners.values()
        if match.key in confirmed and match.key is not None
    ]
    tag_owners_confirm(by=acting["security"], connection=connection, shown=shown, now=now)


def _labels(
    connection: "Connection", units: Mapping[str, str], by: "ActingPerson", now: datetime
) -> None:
    from governance.access.owners.labelling import label_set
    from governance.access.owners.models.labels import LabelKind

    for path, kind, value in (
        ("Sandbox", LabelKind.ENVIRONMENT, "sandbox"),
        ("Security", LabelKind.ENVIRONMENT, "shared"),
        ("Workloads/Regulated", LabelKind.CRITICALITY, "critical"),
        ("Workloads/Prod", LabelKind.CRITICALITY, "high"),
    ):
        if path in units:
            label_set(
                by=by,
                connection=connection,
                target_id=units[path],
                kind=kind,
                value=value,
                reason="First set-up.",
                now=now,
            )


def _propose(
    connection: "Connection",
    units: Mapping[str, str],
    cast: _Cast,
    by: "ActingPerson",
    now: datetime,
) -> None:
    """Leave one owner in production waiting for a second person."""
    from governance.access.owners.ownerships import owners_set

    path = "Workloads/Prod/Customs"
    if path in units:
        owners_set(
            by=by,
            connection=connection,
            target_id=units[path],
            parties=[_party(cast.people["marit"])],
            reason="Marit leads customs since May.",
            now=now,
        )


def _absence(cast: _Cast, now: datetime) -> None:
    """Have one owner be away, with a deputy."""
    from governance.access.owners.models import Absence, DeputyTerm

    away = cast.people["wiebke"]
    span = {
        "user": away,
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=12),
        "created_at": now,
        "created_by": away,
    }
    Absence.objects.create(**span)
    DeputyTerm.objects.create(deputy=cast.people["leila"], **span)
