"""Actions outside the catalogue: names that stand for all of them.

Where every pattern is a beginning followed by one `*`, as nearly all are, two names are alike to
all statements if the longest pattern that matches them is the same. One name for each pattern then
stands for all names there are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from policies.catalogue import Catalogue
from policies.compiled import CompiledStatement

SOME_UNLISTED_ACTION: Final = "anotherservice:anotheraction"
_ENDINGS: Final = ("example", "another", "unlisted", "quite", "verynew", "0", "9", "-", "\u00a7")


def names_for_all(
    statements: Iterable[CompiledStatement], catalogue: Catalogue
) -> list[str] | None:
    """Return names, in lower case, of which each name outside the catalogue is like one.

    "Like" as to which of the statements cover it. None where a pattern has wildcards elsewhere.
    """
    patterns = dict.fromkeys(p for statement in statements for p in statement.action_patterns)
    begins: dict[str, None] = {"": None}
    exact: list[str] = []
    for pattern in patterns:
        if "*" not in pattern and "?" not in pattern:
            if pattern not in catalogue.index_of and pattern.count(":") == 1:
                exact.append(pattern)
            continue
        begin = pattern.rstrip("*")
        if "*" in begin or "?" in begin:
            return None
        begins[begin] = None
    names = list(exact)
    ordered = sorted({*begins, *exact})
    for begin in begins:
        if begin.count(":") > 1:
            continue
        name = _name(begin, ordered, catalogue)
        if name is None:
            return None
        names.append(name)
    return names


def _name(begin: str, ordered: list[str], catalogue: Catalogue) -> str | None:
    """Return a name that begins so, and with nothing longer of what is in `ordered`."""
    if not begin and _ends_at(SOME_UNLISTED_ACTION, begin, ordered):
        return SOME_UNLISTED_ACTION
    for ending in _ENDINGS:
        name = begin + ending
        if ":" not in name:
            name += f":{ending}"
        if name not in catalogue.index_of and _ends_at(name, begin, ordered):
            return name
    return None


def _ends_at(name: str, begin: str, ordered: list[str]) -> bool:
    """Whether no text of a sorted list that is longer than `begin` begins `name`."""
    for end in range(len(begin) + 1, len(name) + 1):
        at = bisect_left(ordered, name[:end])
        if at == len(ordered) or not ordered[at].startswith(name[:end]):
            return True
        if ordered[at] == name[:end]:
            return False
    return True
