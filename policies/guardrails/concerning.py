"""Statements as one kind of callers meets them: without what is settled for all of these.

A perimeter that spares the organization's principals, for one, says nothing of an account's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, auto
from typing import Final
from weakref import WeakKeyDictionary

from policies.comparison.callers import (
    IS_SERVICE,
    PRINCIPAL_ORGANIZATION,
    RESOURCE_ORGANIZATION,
    SERVICE_NAME,
    SERVICE_NAMES,
)
from policies.compiled import CompiledStatement, Compiler
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.trust.reduction import reduced


class LevelBinding(IntEnum):
    """Whom a level binds: what a statement leaves open differs by that."""

    SCP = auto()
    RCP_OF_OWN = auto()
    RCP_OF_OTHERS = auto()


_OF_PRINCIPALS: Final[Mapping[str, ContextValue]] = {
    IS_SERVICE: "false",
    SERVICE_NAME: ABSENT,
    SERVICE_NAMES: ABSENT,
}


@dataclass(frozen=True, eq=False)
class AllStatements:
    """Every statement of an organization's SCPs and RCPs."""

    scps: frozenset[CompiledStatement]
    rcps: frozenset[CompiledStatement]
    # Weak: else each state of an organization would hold all those that it came after.
    _beyond: WeakKeyDictionary[AllStatements, int] = field(
        default_factory=WeakKeyDictionary, repr=False
    )

    def bits_beyond(self, other: AllStatements) -> int:
        """Return the actions that statements cover which only one of two sets has."""
        if self is other:
            return 0
        found = self._beyond.get(other)
        if found is None:
            found = 0
            for statement in (self.scps ^ other.scps) | (self.rcps ^ other.rcps):
                found |= statement.action_bits
            self._beyond[other] = found
        return found


class ConcerningStatements:
    """Reduces statements; one object for each. `organization_id`: None if it is not known."""

    def __init__(self, compiler: Compiler, organization_id: str | None) -> None:
        self._rcp_bits = rcp_bound_bits(compiler)
        own = dict(_OF_PRINCIPALS)
        if organization_id is not None:
            own[PRINCIPAL_ORGANIZATION] = organization_id
        inside = dict(own)
        if organization_id is not None:
            inside[RESOURCE_ORGANIZATION] = organization_id
        self._values = {LevelBinding.SCP: own, LevelBinding.RCP_OF_OWN: inside}
        self._found: dict[tuple[CompiledStatement, LevelBinding], CompiledStatement | None] = {}

    def of(self, statement: CompiledStatement, binding: LevelBinding) -> CompiledStatement | None:
        """Return what is left of a statement; None if it says nothing of any request."""
        key = (statement, binding)
        if key not in self._found:
            self._found[key] = self._reduced(statement, binding)
        return self._found[key]

    def _reduced(
        self, statement: CompiledStatement, binding: LevelBinding
    ) -> CompiledStatement | None:
        left: CompiledStatement | None = statement
        if binding is not LevelBinding.SCP:
            bits = statement.action_bits & self._rcp_bits
            left = replace(statement, action_bits=bits) if bits else None
        values = self._values.get(binding)
        if left is None or values is None:
            return left

        def lookup(key: str) -> ContextValue:
            return values.get(key, UNKNOWN)

        if all(c.holds(lookup) is None for c in left.conditions):
            return left
        return reduced(left, lookup)


def rcp_bound_bits(compiler: Compiler) -> int:
    """Return the actions that RCPs bind.

    Source: Organizations user guide, "Resource control policies (RCPs)".
    """
    catalogue = compiler.catalogue
    return catalogue.rcp_bits & ~catalogue.bits("kms:RetireGrant")
