"""Tests of facts: `{at_least: 14}` of 20 → True; None: the fact is not known."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

WHOLE: Final = "value"
"""The name of a setting's value where it is not an object."""


class NotRead:
    """What stands for a fact that could not be read."""

    __slots__ = ()


NOT_READ: Final = NotRead()


def passes(tests: Mapping[str, Any], fact: Callable[[str], Any]) -> bool | None:
    """Return whether all tests pass; None: that hangs on a fact that is not known."""
    known = True
    for name, test in tests.items():
        passed = _passes(test, fact(name))
        if passed is False:
            return False
        known = known and passed is not None
    return True if known else None


def _passes(test: Any, value: Any) -> bool | None:
    if isinstance(value, NotRead):
        return None
    if not isinstance(test, Mapping):
        return bool(value == test)
    return all(_OPERATORS[operator](value, wanted) for operator, wanted in test.items())


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "equals": lambda value, wanted: value == wanted,
    "not": lambda value, wanted: value != wanted,
    "one_of": lambda value, wanted: value in wanted,
    "at_least": lambda value, wanted: _number(value) and value >= wanted,
    "at_most": lambda value, wanted: _number(value) and value <= wanted,
    "contains": lambda value, wanted: isinstance(value, (list, str)) and wanted in value,
    "lacks": lambda value, wanted: not (isinstance(value, (list, str)) and wanted in value),
    "matches": lambda value, wanted: isinstance(value, str) and fnmatchcase(value, str(wanted)),
    "present": lambda value, wanted: (value not in (None, "", [], {})) is bool(wanted),
}


def looked_up(content: Any, path: str) -> Any:
    """Return what stands in JSON at a path such as `a.b`; None: nothing does."""
    if not isinstance(content, Mapping):
        return content if path == WHOLE else None
    if path in content:
        return content[path]
    head, dot, rest = path.partition(".")
    if not dot:
        return content if path == WHOLE else None
    below = content.get(head)
    return looked_up(below, rest) if isinstance(below, Mapping) else None
