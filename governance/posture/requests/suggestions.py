"""Completions while a request is filled in: from the catalogue and from the inventory."""

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import Final

from django.db.models import Q

from governance.access.owners.environments import Environment
from inventory.models import Connection, Principal
from inventory.selectors.hierarchy import accounts, organizational_units
from inventory.selectors.principals import principals_by_name
from inventory.viewing import Viewer
from policies import load_catalogue
from policies.context_keys import GLOBAL_KEYS, TAG_KEYS

MOST: Final = 20
SHORTEST: Final = 2
# Of a mistyped action: letters at its beginning that are right, how much longer or shorter it may
# be, and how alike the two must be; 1 is equal.
_BEGINS_ALIKE: Final = 2
_LENGTHS_APART: Final = 3
_ALIKE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that a field may take, with a word about it."""

    value: str
    label: str


SUGGESTED_FIELDS: Final = ("principal", "action", "account", "key", "under")


def suggestions(
    viewer: Viewer,
    *,
    connection: Connection,
    field: str,
    text: str,
    action: str = "",
    as_of: datetime | None = None,
) -> list[Suggestion]:
    """Return up to 20 completions of `text` in one of `SUGGESTED_FIELDS`; of keys for `action`."""
    wanted = text.strip()
    if field == "key":
        return _keys(wanted, action.strip())
    if len(wanted) < SHORTEST:
        return []
    if field == "action":
        return actions_named(wanted)
    if field == "under":
        return _places(viewer, connection, wanted, as_of)
    if field == "account":
        return _accounts(viewer, connection, wanted, as_of)
    return _principals(viewer, connection, wanted, as_of)


def actions_named(text: str) -> list[Suggestion]:
    """Return actions that begin with a text, then those so named, then those that hold it."""
    catalogue = load_catalogue()
    lowered = text.lower()
    by_name = f":{lowered}" if ":" not in lowered else lowered
    ends = catalogue.index_of.items() if ":" not in lowered else ()
    exactly = (index for name, index in ends if name.endswith(by_name))
    starting = (index for name, index in catalogue.index_of.items() if name.startswith(lowered))
    named = (index for name, index in catalogue.index_of.items() if by_name in name)
    holding = (index for name, index in catalogue.index_of.items() if lowered in name)
    chosen: dict[int, None] = {}
    for found in (starting, exactly, named, holding):
        chosen.update(dict.fromkeys(islice(found, MOST - len(chosen))))
    return [
        Suggestion(catalogue.names[index], catalogue.access_level(index))
        for index in list(chosen)[:MOST]
    ]


def actions_alike(text: str) -> list[Suggestion]:
    """Return the actions that a mistyped one comes close to, the closest first.

    Compared are those that begin alike and are about as long: all of them would take too long.
    """
    catalogue = load_catalogue()
    lowered = text.lower()
    service, _, action = lowered.rpartition(":")
    begins = f":{action[:_BEGINS_ALIKE]}"
    if len(action) <= _BEGINS_ALIKE:
        return []
    near = [
        name
        for name in catalogue.index_of
        if begins in name
        and name.startswith(f"{service}:" if service else "")
        and abs(len(name.partition(":")[2]) - len(action)) <= _LENGTHS_APART
    ]
    by_action: dict[str, list[str]] = {}
    for name in near:
        by_action.setdefault(name.partition(":")[2], []).append(name)
    close = get_close_matches(action, by_action, n=MOST, cutoff=_ALIKE)
    indexes = [catalogue.index_of[name] for one in close for name in by_action[one]]
    return [
        Suggestion(catalogue.names[index], catalogue.access_level(index))
        for index in indexes[:MOST]
    ]


def _keys(text: str, action: str) -> list[Suggestion]:
    """Return the keys of an action, then the global ones, that hold a text."""
    catalogue = load_catalogue()
    index = catalogue.index_of.get(action.lower())
    found: dict[str, str] = {}
    if index is not None:
        found = {key.name: f"of {action}" for key in catalogue.condition_keys(index)}
    for key in (*GLOBAL_KEYS.values(), *TAG_KEYS.values()):
        found.setdefault(key.name, "global")
    lowered = text.lower()
    return [
        Suggestion(name.split("${", 1)[0], label)
        for name, label in found.items()
        if lowered in name.lower()
    ][:MOST]


def _accounts(
    viewer: Viewer, connection: Connection, text: str, as_of: datetime | None
) -> list[Suggestion]:
    rows = accounts(viewer, connection=connection, as_of=as_of).filter(
        Q(account_id__startswith=text) | Q(name__icontains=text)
    )
    return [
        Suggestion(account_id, name)
        for account_id, name in rows.order_by("name").values_list("account_id", "name")[:MOST]
    ]


def _places(
    viewer: Viewer, connection: Connection, text: str, as_of: datetime | None
) -> list[Suggestion]:
    """Return OUs and accounts whose name holds a text, and environments that begin so."""
    rows = organizational_units(viewer, connection=connection, as_of=as_of).filter(
        Q(target_id__startswith=text) | Q(name__icontains=text)
    )
    found = [
        Suggestion(f"{name} · {target_id}", "OU")
        for target_id, name in rows.order_by("name").values_list("target_id", "name")[:MOST]
    ]
    found += [
        Suggestion(f"{one.label} · {one.value}", "account")
        for one in _accounts(viewer, connection, text, as_of)
    ]
    found += [
        Suggestion(f"environment:{one}", "all its accounts")
        for one in Environment
        if f"environment:{one}".startswith(text.lower()) or one.startswith(text.lower())
    ]
    return found[:MOST]


def _principals(
    viewer: Viewer, connection: Connection, text: str, as_of: datetime | None
) -> list[Suggestion]:
    """Return users and roles whose name, or name after the account of an ARN, begins so."""
    account_id = ""
    name = text
    if text.startswith("arn:") and text.count(":") >= 4:
        _, _, _, _, account_id, *rest = text.split(":", 5)
        name = rest[0].rpartition("/")[2] if rest else ""
    return [
        Suggestion(row.arn, f"{row.kind} in {row.account_id}")
        for row in principals_by_name(
            viewer,
            connection=connection,
            name=name,
            account_id=account_id,
            kinds=(Principal.Kind.USER, Principal.Kind.ROLE),
            as_of=as_of,
            limit=MOST,
        )
    ]
