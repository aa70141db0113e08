"""Values of a context key that some conditions do not tell apart.

Usage holds a principal for each caller and few conditions read it, so that thousands of values of
a key come down to a handful of ways in which the conditions on it hold.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from policies.compiled import CompiledStatement
from policies.evaluation.program import Ternary
from policies.language.conditions import Test
from policies.language.conditions.values import ContextValue

_MOST_REMEMBERED = 65536


class ValueClasses(dict[ContextValue, Hashable]):
    """By value how some tests come out; equal for values that they do not tell apart."""

    def __init__(self, tests: tuple[Test, ...]) -> None:
        super().__init__()
        self._tests = tests

    def __missing__(self, value: ContextValue) -> Hashable:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        answers: tuple[Ternary, ...] = tuple([test(value) for test in self._tests])
        self[value] = answers
        return answers


class KeyClasses:
    """The classes of keys; statements with the same conditions on a key share them."""

    def __init__(self) -> None:
        self._found: dict[tuple[Test, ...], ValueClasses] = {}

    def of(
        self, statements: Iterable[CompiledStatement], keys: Iterable[str]
    ) -> tuple[tuple[str, ValueClasses | None], ...]:
        """Return each key with its classes; None where its value is put in place of a variable."""
        conditions = dict.fromkeys(c for one in statements for c in one.conditions)
        read = frozenset[str]().union(
            *(one.resource_variable_keys for one in statements),
            *(condition.variable_keys for condition in conditions),
        )
        found: list[tuple[str, ValueClasses | None]] = []
        for key in keys:
            on_key = [condition.fixed_test for condition in conditions if condition.key == key]
            tests = tuple(dict.fromkeys(test for test in on_key if test is not None))
            if key in read or None in on_key:
                found.append((key, None))
                continue
            classes = self._found.get(tests)
            if classes is None:
                classes = self._found[tests] = ValueClasses(tests)
            found.append((key, classes))
        return tuple(found)
