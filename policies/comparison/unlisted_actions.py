"""Actions outside the catalogue: names that stand for all of them.

Where every pattern is a beginning followed by one `*`, as nearly all are, two names are alike to
all statements if the longest pattern that matches them is the same. One name for each pattern then
stands for all names there are.
"""

from __future__ import annotations

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
    for begin in begins:
        if begin.count(":") > 1:
            continue
        name = _name(begin, [*begins, *exact], catalogue)
        if name is None:
            return None
        names.append(name)
    return names


def _name(begin: str, others: Iterable[str], catalogue: Catalogue) -> str | None:
    """Return a name that begins so, and of which no longer beginning is one too."""
    longer = [other for other in others if other.startswith(begin) and other != begin]
    if not begin and not any(SOME_UNLISTED_ACTION.startswith(other) for other in longer):
        return SOME_UNLISTED_ACTION
    for ending in _ENDINGS:
        name = begin + ending
        if ":" not in name:
            name += f":{ending}"
        if name not in catalogue.index_of and not any(name.startswith(other) for other in longer):
            return name
    return None
