"""Statements that can decide a request, what each keeps out, and what a search answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policies.compiled import CompiledStatement
from policies.evaluation.policy_set import TargetPolicies
from policies.evaluation.request import Request
from policies.language.document import Statement
from policies.trust.edges import EdgeBlock

POLICY: Final = "policy"
SCP: Final = "service_control_policy"
RCP: Final = "resource_control_policy"
NEVER_MET: Final = "no request of this principal meets its conditions"
"""Why a statement's own conditions keep everyone of a class out."""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A request that passes; else what keeps all out; else why neither could be told."""

    witness: Request | None = None
    blocked_by: EdgeBlock | None = None
    undecided: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BindingStatement:
    """A statement that can decide, and where it stands. `level` is None for the policy's own."""

    statement: CompiledStatement
    by: str
    level: TargetPolicies | None
    policy: int | None
    number: int
    written: Statement

    def block(self, because: str) -> EdgeBlock:
        """Return the block that it makes."""
        target_id = None if self.level is None else self.level.target_id
        return EdgeBlock(self.by, target_id, self.policy, self.number, self.written.sid, because)


@dataclass(frozen=True, slots=True)
class BindingStatements:
    """What binds one caller for one action.

    `denies`: of the policy, then of RCPs; `levels`: the statements of each level of SCPs.
    """

    denies: tuple[BindingStatement, ...]
    levels: tuple[tuple[TargetPolicies, tuple[BindingStatement, ...]], ...]

    def __iter__(self) -> Iterator[BindingStatement]:
        yield from self.denies
        for _, statements in self.levels:
            yield from statements
