"""Whether the levels of a path let a request pass, statement by statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policies.compiled import CompiledStatement, PolicyLevel
from policies.language.document import PrincipalElement
from policies.language.variables import Lookup

_EVERYBODY = (None, (PrincipalElement("*", "*"),), (PrincipalElement("AWS", "*"),))


@dataclass(frozen=True, slots=True, eq=False)
class PassedPath:
    """Levels that must all let a request pass. `denies_only`: each allows all, as RCPs do."""

    levels: tuple[PolicyLevel, ...]
    denies_only: bool

    def passes(self, action: str, resource: str, lookup: Lookup) -> bool | None:
        """Whether a request passes; None if that cannot be told. `action` in lower case."""
        answer: bool | None = True
        for level in self.levels:
            denied = _any_applies(level.denies, action, resource, lookup)
            allowed = self.denies_only or _any_applies(level.allows, action, resource, lookup)
            if denied is True or allowed is False:
                return False
            if denied is None or allowed is None:
                answer = None
        return answer


def _any_applies(
    statements: Iterable[CompiledStatement], action: str, resource: str, lookup: Lookup
) -> bool | None:
    answer: bool | None = False
    for statement in statements:
        found = _applies(statement, action, resource, lookup)
        if found is True:
            return True
        if found is None:
            answer = None
    return answer


def _applies(
    statement: CompiledStatement, action: str, resource: str, lookup: Lookup
) -> bool | None:
    if not statement.covers_action(action):
        return False
    is_for_all = statement.principals in _EVERYBODY and not statement.not_principal
    answer: bool | None = True if is_for_all else None
    tests = (
        statement.covers_resource(resource, lookup),
        *(condition.holds(lookup) for condition in statement.conditions),
    )
    if any(found is False for found in tests):
        return False
    return None if None in tests else answer
