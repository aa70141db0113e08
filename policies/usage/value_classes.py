"""Values of a context key that some conditions do not tell apart.

Usage holds a principal for each caller and few conditions read it, so that thousands of values of
a key come down to a handful of ways in which the conditions on it hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from policies.compiled import CompiledStatement
from policies.evaluation.program import Ternary
from policies.language.conditions import Test
from policies.language.conditions.values import ContextValue

_MOST_REMEMBERED = 65536


class ValueClasses(dict[ContextValue, int]):
    """By value the number of its class: equal for values that some tests do not tell apart."""

    def __init__(self, tests: tuple[Test, ...]) -> None:
        super().__init__()
        self._tests = tests
        self._numbers: dict[tuple[Ternary, ...], int] = {}

    def __missing__(self, value: ContextValue) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        answers: tuple[Ternary, ...] = tuple([test(value) for test in self._tests])
        number = self[value] = self._numbers.setdefault(answers, len(self._numbers))
        return number


class KeyClasses:
    """The classes of keys; statements with the same conditions on a key share them."""

    def __init__(self) -> None:
        self._found: dict[tuple[Test | None, ...], ValueClasses] = {}

    def of(
        self, statements: Iterable[CompiledStatement], keys: Iterable[str]
    ) -> tuple[tuple[str, ValueClasses | None], ...]:
        """Return each key with its classes; None where its value is put in place of a variable."""
        on_key: dict[str, dict[Test | None, None]] = {}
        read: set[str] = set()
        for statement in statements:
            read |= statement.resource_variable_keys
            for condition in statement.conditions:
                read |= condition.variable_keys
                on_key.setdefault(condition.key, {})[condition.fixed_test] = None
        found: list[tuple[str, ValueClasses | None]] = []
        for key in keys:
            tests = tuple(on_key.get(key, ()))
            if key in read or None in tests:
                found.append((key, None))
                continue
            classes = self._found.get(tests)
            if classes is None:
                classes = self._found[tests] = ValueClasses(cast("tuple[Test, ...]", tests))
            found.append((key, classes))
        return tuple(found)
