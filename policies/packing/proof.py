"""The proof that two sets of policies mean the same.

Every statement is taken apart into cells of one resource and one principal each. A cell is
matched where the statements of the other side that cover it (`policies.coverage`, certain or
silent) take in all its actions. If all cells of both sides are matched, each request meets a
statement of an effect before exactly where it meets one of that effect after, and so every
decision is the same, whatever else is attached. No sampling, no search: it fails only to prove.

For service and resource control policies `policies.comparison`, which shares none of this, has to
find no difference either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from policies.comparison import compare
from policies.compiled import CompiledStatement, Compiler
from policies.coverage import (
    actions_cover,
    conditions_cover,
    covers_resource,
    pattern_covers,
    resources_cover,
)
from policies.full_access import FULL_ACCESS_TEXTS
from policies.language.document import PolicyDocument, PrincipalElement
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.language.variables import Template
from policies.targets import Target, TargetTree

_COMPARED: Final = frozenset(
    {PolicyType.SERVICE_CONTROL_POLICY, PolicyType.RESOURCE_CONTROL_POLICY}
)
_ACCOUNT: Final = "123456789012"


@dataclass(frozen=True, slots=True)
class EqualityProof:
    """What was proven. `is_equal`: for every action of the catalogue, with every resource,
    principal and context. `beyond_catalogue`: for every action name there could be, too.
    `reason` says why not, where `is_equal` is false; it is empty otherwise.
    """

    is_equal: bool
    beyond_catalogue: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _ProofCell:
    statement: CompiledStatement
    resource: str | None
    parts: Template
    principal: PrincipalElement | None


def prove_equal(
    before: Sequence[PolicyDocument], after: Sequence[PolicyDocument], compiler: Compiler
) -> EqualityProof:
    """Prove that the policies of one place decide every request alike before and after.

    Both sides are the whole of what is attached to the place of one type. An answer without
    `is_equal` does not say that they differ, only that equality was not proven.
    """
    old = [statement for document in before for statement in compiler.document(document)]
    new = [statement for document in after for statement in compiler.document(document)]
    beyond = True
    for left, right, side in ((old, new, "after"), (new, old, "before")):
        for statement in dict.fromkeys(left):
            others = [other for other in right if other.effect is statement.effect]
            for cell in _cells(statement):
                covering = [other for other in others if _covers_cell(other, cell)]
                if not _takes_in_actions(covering, statement):
                    return EqualityProof(False, False, _reason(cell, side))
                beyond = beyond and _takes_in_names(covering, statement)
    if before and before[0].policy_type in _COMPARED:
        doubt = _comparison_doubts(old, new, before[0].policy_type, compiler, beyond)
        if doubt is not None:
            return EqualityProof(False, False, doubt)
    return EqualityProof(True, beyond, "")


def _comparison_doubts(
    old: Sequence[CompiledStatement],
    new: Sequence[CompiledStatement],
    policy_type: PolicyType,
    compiler: Compiler,
    beyond: bool,
) -> str | None:
    # Denies show only where something is allowed, allows only where nothing else allows.
    full_access = parse_policy(FULL_ACCESS_TEXTS[policy_type], policy_type).document
    everything = () if full_access is None else compiler.document(full_access)
    for more in ((), everything):
        trees = [
            TargetTree([Target(_ACCOUNT, None, compiler.level_of((*statements, *more)))])
            for statements in (old, new)
        ]
        found = compare(
            trees[0],
            trees[1],
            compiler=compiler,
            policy_type=policy_type,
            unlisted_actions=beyond,
        )
        # What it leaves undecided, as with free policy variables, the cells have proven.
        if any(target.newly_denied or target.newly_allowed for target in found.targets.values()):
            return "comparing the policies finds a difference"
    return None


def _cells(statement: CompiledStatement) -> Iterator[_ProofCell]:
    resources: Iterable[tuple[str | None, Template]] = ((None, ()),)
    if statement.resources is not None and not statement.not_resource:
        resources = zip(statement.resources, statement.resource_templates, strict=True)
    principals: Iterable[PrincipalElement | None] = (None,)
    if statement.principals is not None and not statement.not_principal:
        principals = statement.principals
    for resource, parts in resources:
        for principal in principals:
            yield _ProofCell(statement, resource, parts, principal)


def _covers_cell(other: CompiledStatement, cell: _ProofCell) -> bool:
    return (
        _covers_resource(other, cell)
        and _covers_principal(other, cell)
        and conditions_cover(other.conditions, cell.statement.conditions)
    )


def _covers_resource(other: CompiledStatement, cell: _ProofCell) -> bool:
    own = cell.statement
    if other.resources is None:
        return True
    if cell.resource is None:
        # Everything, or NotResource.
        return resources_cover(other, own)
    if other.not_resource:
        return False
    return covers_resource(other, cell.resource, cell.parts)


def _covers_principal(other: CompiledStatement, cell: _ProofCell) -> bool:
    own = cell.statement
    if cell.principal is None:
        return (other.principals, other.not_principal) == (own.principals, own.not_principal)
    if other.principals is None or other.not_principal:
        return False
    return cell.principal in other.principals


def _takes_in_actions(covering: Iterable[CompiledStatement], statement: CompiledStatement) -> bool:
    rest = statement.action_bits
    for other in covering:
        rest &= ~other.action_bits
    return not rest


def _takes_in_names(covering: Sequence[CompiledStatement], statement: CompiledStatement) -> bool:
    if any(actions_cover(other, statement) for other in covering):
        return True
    if statement.not_action:
        return False
    wide = [
        pattern for other in covering if not other.not_action for pattern in other.action_patterns
    ]
    return all(any(pattern_covers(w, own) for w in wide) for own in statement.action_patterns)


def _reason(cell: _ProofCell, side: str) -> str:
    statement = cell.statement
    listed = ", ".join(statement.action_patterns[:3])
    element = "NotAction" if statement.not_action else "Action"
    where = f" on {cell.resource}" if cell.resource else ""
    return (
        f"the {statement.effect} with {element} {listed}{where} could not be shown to be the same "
        f"{side} packing"
    )
