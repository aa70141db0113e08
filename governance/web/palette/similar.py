"""Names that a mistyped one may have meant."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import Final

from inventory.models import Account, Connection, OrganizationalUnit, Policy
from inventory.selectors.search import SearchHit
from inventory.viewing import Viewer, visible

_SHORTEST: Final = 4
_MOST: Final = 5
# How alike two names are: 1 is equal. "paymnets" and "payments" are 0.88 alike.
_ALIKE: Final = 0.72
_MOST_WORDS: Final = 5
_MOST_ALIKE: Final = 50
# "leaving" and "leave" have one stem: so many letters, and at most so many behind it.
_STEM: Final = 4
_ENDING: Final = 4
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


def similar_names(viewer: Viewer, *, connection: Connection, words: str) -> list[SearchHit]:
    """Return accounts, OUs and policies whose name, or parts of it, come close to `words`.

    Each word has to come close to the whole name or to a part of it, in any order. All names are
    compared, so it is asked only where nothing was found.
    """
    wanted = words.replace("-", " ").replace("_", " ").casefold().split()[:_MOST_WORDS]
    if len("".join(wanted)) < _SHORTEST:
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


def _closest(
    kind: str, rows: Iterable[tuple[str, str, str]], wanted: Iterable[str]
) -> list[SearchHit]:
    """Return the rows (key, name, detail) with the closest names, the closest first."""
    by_part: dict[str, list[SearchHit]] = defaultdict(list)
    for key, name, detail in rows:
        parts = {part.casefold() for part in _PARTS.findall(name)}
        for part in {name.casefold(), *parts}:
            by_part[part].append(SearchHit(kind, key, name, detail))
    by_word = [_by_closeness(word, by_part) for word in wanted]
    common = [found for found in by_word[0] if all(found in one for one in by_word)]
    return sorted(common, key=lambda found: -sum(one[found] for one in by_word))[:_MOST]


def _by_closeness(word: str, by_part: Mapping[str, list[SearchHit]]) -> dict[SearchHit, float]:
    """Return the rows of the parts that a word comes close to, with how close."""
    close = get_close_matches(word, by_part, n=_MOST_ALIKE, cutoff=_ALIKE)
    close += [part for part in by_part if _have_one_stem(word, part)]
    closeness: dict[SearchHit, float] = {}
    for part in dict.fromkeys(close):
        ratio = SequenceMatcher(None, word, part).ratio()
        for found in by_part[part]:
            closeness[found] = max(closeness.get(found, 0.0), ratio)
    return closeness


def _have_one_stem(word: str, part: str) -> bool:
    stem = max(_STEM, len(word) - _ENDING, len(part) - _ENDING)
    return min(len(word), len(part)) >= stem and word[:stem] == part[:stem]
