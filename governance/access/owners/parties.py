"""People and groups as owners."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.db.models.functions import Lower

from governance.access.models import Profile


class PartyKind(StrEnum):
    """A person or a group."""

    PERSON = "person"
    GROUP = "group"


@dataclass(frozen=True, slots=True, order=True)
class PartyKey:
    """Which person or group, by primary key."""

    kind: PartyKind
    pk: int

    @property
    def columns(self) -> dict[str, int | None]:
        """The values of a row's `user_id` and `group_id`."""
        person = self.kind is PartyKind.PERSON
        return {"user_id": self.pk if person else None, "group_id": None if person else self.pk}


def party_key(row: Any) -> PartyKey:
    """Return whom a row with `user_id` and `group_id` names."""
    if row.user_id is not None:
        return PartyKey(PartyKind.PERSON, row.user_id)
    return PartyKey(PartyKind.GROUP, row.group_id)


@dataclass(frozen=True, slots=True)
class Party:
    """A person or a group. `name`: user name or the group's; `label`: as shown.

    `members`: the active people whom it stands for; none where a person has left or a group has
    nobody left.
    """

    key: PartyKey
    name: str
    label: str
    email: str = ""
    members: frozenset[int] = field(default_factory=frozenset)

    @property
    def has_left(self) -> bool:
        """Whether nobody active is behind it."""
        return not self.members


def is_service_account(user: User) -> bool:
    """Whether a program uses the account; programs own nothing and decide nothing."""
    profile = getattr(user, "profile", None)
    return profile is not None and profile.kind == Profile.Kind.SERVICE_ACCOUNT


class Parties:
    """People and groups by key and by the words that tags and files name them with."""

    def __init__(self, people: Iterable[User], groups: Iterable[tuple[int, str, frozenset[int]]]):
        self._by_key: dict[PartyKey, Party] = {}
        self._by_words: dict[str, list[PartyKey]] = {}
        self.service_accounts: set[PartyKey] = set()
        for user in people:
            key = PartyKey(PartyKind.PERSON, user.pk)
            owns = user.is_active and not is_service_account(user)
            self._by_key[key] = Party(
                key,
                user.get_username(),
                user.get_full_name() or user.get_username(),
                user.email,
                frozenset({user.pk}) if owns else frozenset(),
            )
            if is_service_account(user):
                self.service_accounts.add(key)
                continue
            for words in {user.get_username().casefold(), user.email.casefold()} - {""}:
                self._by_words.setdefault(words, []).append(key)
        for pk, name, members in groups:
            key = PartyKey(PartyKind.GROUP, pk)
            self._by_key[key] = Party(key, name, name, "", members)
            self._by_words.setdefault(f"group:{name.casefold()}", []).append(key)

    def get(self, key: PartyKey) -> Party:
        """Return somebody who was read.

        :raises KeyError: they were not.
        """
        return self._by_key[key]

    def named(self, words: str) -> PartyKey | None:
        """Return the one person with this user name or e-mail, or else the group of this name.

        None where nobody is called so, or more than one person: who is meant is not guessed.
        `group:name` means the group alone.
        """
        wanted = words.strip().casefold()
        people = self._by_words.get(wanted, [])
        if people:
            return people[0] if len(people) == 1 else None
        found = self._by_words.get(f"group:{wanted}") or self._by_words.get(
            wanted if wanted.startswith("group:") else ""
        )
        return found[0] if found else None

    def all(self) -> list[Party]:
        """Return everybody, people first, by name."""
        return sorted(self._by_key.values(), key=lambda one: (one.key.kind != "person", one.label))


_ALWAYS: Final = Q(pk__isnull=False)


def read_parties(
    keys: Collection[PartyKey] | None = None, *, words: Collection[str] = ()
) -> Parties:
    """Read people and groups in three queries: everybody, or those of `keys` and of `words`."""
    if keys is not None and not keys and not words:
        return Parties([], [])
    of_people, of_groups = _ALWAYS, _ALWAYS
    if keys is not None:
        lowered = sorted({one.strip().lower() for one in words} - {""})
        names = sorted({one.removeprefix("group:") for one in lowered})
        of_people = (
            Q(pk__in=[key.pk for key in keys if key.kind is PartyKind.PERSON])
            | Q(lower_username__in=lowered)
            | Q(lower_email__in=lowered)
        )
        of_groups = Q(pk__in=[key.pk for key in keys if key.kind is PartyKind.GROUP]) | Q(
            lower_name__in=names
        )
    people = (
        User.objects.select_related("profile")
        .annotate(lower_username=Lower("username"), lower_email=Lower("email"))
        .filter(of_people)
    )
    groups = dict(
        Group.objects.annotate(lower_name=Lower("name")).filter(of_groups).values_list("pk", "name")
    )
    members = _members(groups)
    return Parties(
        people,
        [(pk, name, members.get(pk, frozenset())) for pk, name in groups.items()],
    )


def _members(groups: Mapping[int, str]) -> dict[int, frozenset[int]]:
    if not groups:
        return {}
    found: dict[int, set[int]] = {}
    for user_id, group_id in (
        User.groups.through.objects.filter(group_id__in=list(groups), user__is_active=True)
        .exclude(user__profile__kind=Profile.Kind.SERVICE_ACCOUNT)
        .values_list("user_id", "group_id")
    ):
        found.setdefault(group_id, set()).add(user_id)
    return {pk: frozenset(ids) for pk, ids in found.items()}
