"""Names that a mistyped one may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from inventory.models import Account, Connection, OrganizationalUnit, Policy
from inventory.selectors.search import Found
from inventory.viewing import Viewer, visible

_SHORTEST: Final = 4
_MOST: Final = 5
# How alike two names are: 1 is equal. "paymnets" and "payments" are 0.88 alike.
_ALIKE: Final = 0.72


def similar_names(viewer: Viewer, *, connection: Connection, words: str) -> list[Found]:
    """Return accounts, OUs and policies whose name, or a part of it, comes close to `words`.

    All names are compared, so it is asked only where nothing was found.
    """
    wanted = words.strip().casefold()
    if len(wanted) < _SHORTEST:
        return []
    here = {"connection": connection, "seen_until__isnull": True}
    accounts = visible(Account.objects.filter(**here), viewer).values_list("account_id", "name")
    units = visible(OrganizationalUnit.objects.filter(**here), viewer)
    policies = visible(Policy.objects.filter(**here), viewer)
    return [
        *_closest("account", ((key, name, key) for key, name in accounts), wanted),
        *_closest(
            "organizational-unit",
            ((key, name, key) for key, name in units.values_list("target_id", "name")),
            wanted,
        ),
        *_closest("policy", policies.values_list("policy_id", "name", "type"), wanted),
    ]


def _closest(kind: str, rows: Iterable[tuple[str, str, str]], wanted: str) -> list[Found]:
    """Return the rows (key, name, detail) with the closest names, the closest first."""
    by_part: dict[str, list[Found]] = {}
    for key, name, detail in rows:
        small = name.casefold()
        for part in {small, *small.replace("_", "-").replace(" ", "-").split("-")}:
            by_part.setdefault(part, []).append(Found(kind, key, name, detail))
    close = get_close_matches(wanted, by_part, n=_MOST, cutoff=_ALIKE)
    return list(dict.fromkeys(found for part in close for found in by_part[part]))[:_MOST]
