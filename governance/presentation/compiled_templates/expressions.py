"""Writes names, filters and conditions of templates as Python expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.template.base import FilterExpression, Variable
from django.template.defaultfilters import default
from django.template.defaulttags import TemplateLiteral
from django.template.smartif import TokenBase
from django.utils.safestring import SafeString

# What every context holds at its bottom.
_ALWAYS: Final = ("True", "False", "None")


@dataclass(frozen=True, slots=True)
class Loop:
    """A `for`: the local names of the place in it and of its length."""

    at: str
    length: str
    parent: Loop | None

    def value(self, name: str) -> str | None:
        """Return the expression of `forloop.…`; None: it has no such attribute."""
        return {
            "first": f"({self.at} == 0)",
            "last": f"({self.at} == {self.length} - 1)",
            "counter": f"({self.at} + 1)",
            "counter0": self.at,
            "revcounter": f"({self.length} - {self.at})",
            "revcounter0": f"({self.length} - {self.at} - 1)",
        }.get(name)

    def state(self) -> str:
        """Return the expression of `forloop` itself."""
        parent = self.parent.state() if self.parent else "{}"
        return f"loop_state({self.at}, {self.length}, {parent})"


class Names:
    """Which local name of the function holds which name of the template.

    `free`: the names that the template takes from its context, each with its local name.
    """

    def __init__(self, fresh: Callable[[str], str]) -> None:
        self._fresh = fresh
        self._scopes: list[dict[str, str]] = [{}]
        self.free: dict[str, str] = {}
        self.loop: Loop | None = None

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Forget at the end what is bound meanwhile."""
        self._scopes.append({})
        yield
        self._scopes.pop()

    def bind(self, name: str, local: str | None = None) -> str:
        """Bind a name in the innermost scope; return its local name."""
        return self._scopes[-1].setdefault(name, local or self._fresh("v"))

    def local(self, name: str) -> str:
        """Return the local name that holds a name."""
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        if name not in self.free:
            self.free[name] = self._fresh("f")
        return self.free[name]

    def is_bound(self, name: str) -> bool:
        """Whether the template itself binds a name here."""
        return any(name in scope for scope in self._scopes)

    def bound(self) -> str:
        """Return the expression of a dictionary of all names that are bound here."""
        held: dict[str, str] = {}
        for scope in self._scopes:
            held.update(scope)
        if self.loop is not None:
            held["forloop"] = self.loop.state()
        return "{" + ", ".join(f"{name!r}: {local}" for name, local in held.items()) + "}"


class Expressions:
    """Writes expressions. `constant` returns the expression of a value that stays the same."""

    def __init__(self, constant: Callable[[Any], str]) -> None:
        self._constant = constant

    def unresolved(self, said: FilterExpression, names: Names) -> str:
        """Return the expression of a value that may be absent, or a function to be called."""
        if said.filters:
            return self.resolved(said, names)
        return self._variable(said.var, names) if said.is_var else self._constant(said.var)

    def resolved(self, said: FilterExpression, names: Names) -> str:
        """Return the expression of a value; an empty text where there is none."""
        return self._whole(said, names, "resolved")

    def or_none(self, said: FilterExpression, names: Names) -> str:
        """Return the expression of a value; None where there is none."""
        return self._whole(said, names, "resolved_or_none")

    def _whole(self, said: FilterExpression, names: Names, taking: str) -> str:
        if not said.is_var:
            written = self._constant(said.var)
        elif said.var.lookups is None:
            written = self._variable(said.var, names)
        else:
            written = f"{taking}({self._variable(said.var, names)})"
        for function, given in said.filters:
            written = self._filtered(written, function, given, names)
        return written

    def _filtered(
        self, value: str, function: Callable[..., Any], given: list[tuple[bool, Any]], names: Names
    ) -> str:
        arguments = [
            # A constant of the template itself, safe as in Django.
            self._argument(one, names) if is_variable else self._constant(SafeString(one))  # nosec B703
            for is_variable, one in given
        ]
        if getattr(function, "expects_localtime", False):
            value = f"template_localtime({value}, context.use_tz)"
        if getattr(function, "needs_autoescape", False):
            arguments.append("autoescape=True")
        if function is default:
            return f"({value} or {arguments[0]})"
        name = self._constant(function)
        if getattr(function, "is_safe", False):
            return f"filtered_as_safe({', '.join([name, value, *arguments])})"
        return f"{name}({', '.join([value, *arguments])})"

    def _argument(self, said: Variable, names: Names) -> str:
        written = self._variable(said, names)
        return written if said.lookups is None else f"argument({written})"

    def _variable(self, said: Variable, names: Names) -> str:
        if said.translate:
            return f"{self._constant(said)}.resolve(context)"
        if said.lookups is None:
            return self._constant(said.literal)
        first, *rest = said.lookups
        if first == "forloop" and names.loop is not None:
            return self._of_loop(names.loop, rest)
        written = first if first in _ALWAYS else names.local(first)
        return self._searched(written, rest)

    def _of_loop(self, loop: Loop, names: list[str]) -> str:
        while names and names[0] == "parentloop":
            if loop.parent is None:
                return "MISSING"
            loop, names = loop.parent, names[1:]
        if not names:
            return loop.state()
        value = loop.value(names[0])
        return "MISSING" if value is None else self._searched(value, names[1:])

    def _searched(self, value: str, names: list[str]) -> str:
        for name in names:
            value = f"get({value}, {name!r})"
        return value

    def condition(self, said: TokenBase, names: Names) -> str:
        """Return the expression of a condition of `if`."""
        if isinstance(said, TemplateLiteral):
            value: Any = said.value
            return self.or_none(value, names)
        first: Any = said.first
        if said.id == "not":
            return f"(not {self.condition(first, names)})"
        second: Any = said.second
        return f"({self.condition(first, names)} {said.id} {self.condition(second, names)})"
