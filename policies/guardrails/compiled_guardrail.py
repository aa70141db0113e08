"""An effect guardrail as the engine works with it: actions as a set, conditions compiled."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.action_suggestions import suggested_action
from policies.catalogue import Catalogue
from policies.compiled import CompiledCondition, CompiledStatement, Compiler
from policies.evaluation.aws_rules import unbound_bits
from policies.guardrails.guardrail import EffectGuardrail
from policies.language.document import VERSION_WITH_VARIABLES
from policies.language.parse import parse_policy
from policies.language.patterns import Glob, resource_glob
from policies.language.policy_types import PolicyType
from policies.resource_arns import can_be_resource

_ACCOUNT = re.compile(r"\d{12}")


class BadGuardrail(ValueError):
    """The guardrail cannot be decided; the message says what is wrong and what to give."""


@dataclass(frozen=True, eq=False, slots=True)
class CompiledGuardrail:
    """A guardrail over the catalogue of a compiler.

    `bits`: the actions that are guarded, without `unbound`: those that need no permission, so that
    no policy limits them. `resources`: a statement that covers just the resources, None for any.
    `exceptions`: a condition that holds for the excepted principals. `unless`: blocks of
    conditions; a request for which all of one block hold is not guarded.
    `asks_outsiders`: whether the guardrail says on which resources.
    """

    source: EffectGuardrail
    bits: int = field(repr=False)
    unbound: int = field(repr=False)
    resources: CompiledStatement | None
    exceptions: CompiledCondition | None
    unless: tuple[tuple[CompiledCondition, ...], ...]
    asks_outsiders: bool

    @property
    def conditions(self) -> tuple[CompiledCondition, ...]:
        """Every condition of the guardrail."""
        unless = tuple(condition for block in self.unless for condition in block)
        return unless if self.exceptions is None else (self.exceptions, *unless)

    def named_accounts(self) -> frozenset[str]:
        """Return the accounts that the patterns of the resources name."""
        found = set[str]()
        for pattern in self.source.resources:
            parts = pattern.split(":", 5)
            if len(parts) == 6 and _ACCOUNT.fullmatch(parts[4]):
                found.add(parts[4])
        return frozenset(found)


def compile_guardrail(guardrail: EffectGuardrail, compiler: Compiler) -> CompiledGuardrail:
    """Compile a guardrail.

    Of actions that a wildcard matches, those are left out that need no permission, or that work on
    none of the resources.

    :raises BadGuardrail: an action AWS does not have, resources that are none or that no action
        takes, or a condition AWS would refuse.
    """
    catalogue = compiler.catalogue
    bits = _action_bits(guardrail, catalogue)
    resources = _resources(guardrail, compiler)
    if resources is not None:
        typed = _working_on(guardrail, catalogue, bits)
        untyped = bits & catalogue.untyped_bits
        if not typed and not untyped:
            raise BadGuardrail(
                f"{_name(guardrail)}: none of its actions works on its resources; "
                "give resources of the types that the actions take"
            )
        if not typed:
            # The actions work on no resource at all, which is what `*` says.
            resources = None
        bits = typed or untyped
    unbound = bits & unbound_bits(catalogue)
    if unbound:
        exact = catalogue.union(one for one in guardrail.actions if not _is_wild(one))
        unbound = unbound if unbound == bits else unbound & exact
    return CompiledGuardrail(
        source=guardrail,
        bits=bits & ~unbound_bits(catalogue),
        unbound=unbound,
        resources=resources,
        exceptions=_exceptions(guardrail, compiler),
        unless=_unless(guardrail, compiler),
        asks_outsiders=bool(guardrail.resources),
    )


def _name(guardrail: EffectGuardrail) -> str:
    return f"guardrail {guardrail.id}"


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


def _action_bits(guardrail: EffectGuardrail, catalogue: Catalogue) -> int:
    if not guardrail.actions:
        raise BadGuardrail(f"{_name(guardrail)} has no actions; give at least one")
    bits = 0
    for action in guardrail.actions:
        found = catalogue.bits(action)
        if not found:
            better = suggested_action(catalogue, action)
            hint = f" Did you mean {better}?" if better else ""
            what = "matches no action of AWS's" if _is_wild(action) else "is not an action of AWS's"
            raise BadGuardrail(f"{_name(guardrail)}: {action!r} {what}.{hint}")
        bits |= found
    return bits


def _resources(guardrail: EffectGuardrail, compiler: Compiler) -> CompiledStatement | None:
    for pattern in guardrail.resources:
        if pattern != "*" and (not pattern.startswith("arn:") or pattern.count(":") < 5):
            raise BadGuardrail(
                f"{_name(guardrail)}: {pattern!r} is not a pattern of a resource; "
                "give one such as arn:aws:s3:::logs-* or *"
            )
    if not guardrail.resources or "*" in guardrail.resources:
        return None
    return _compiled(guardrail, compiler, {"Resource": list(guardrail.resources)}, "resources")


def _working_on(guardrail: EffectGuardrail, catalogue: Catalogue, bits: int) -> int:
    """Return those of some actions that a resource of the guardrail's patterns can be for."""
    globs: list[Glob] = [resource_glob((pattern,)) for pattern in guardrail.resources]
    found = 0
    for index in catalogue.indexes(bits & ~catalogue.untyped_bits):
        if any(can_be_resource(catalogue, 1 << index, glob) for glob in globs):
            found |= 1 << index
    return found


def _exceptions(guardrail: EffectGuardrail, compiler: Compiler) -> CompiledCondition | None:
    if not guardrail.principals_except:
        return None
    block = {"StringLike": {"aws:PrincipalArn": list(guardrail.principals_except)}}
    return _conditions(guardrail, compiler, block, "principals_except")[0]


def _unless(
    guardrail: EffectGuardrail, compiler: Compiler
) -> tuple[tuple[CompiledCondition, ...], ...]:
    given = guardrail.unless
    blocks = (given,) if isinstance(given, Mapping) else tuple(given)
    found = []
    for number, block in enumerate(blocks):
        member = "unless" if isinstance(given, Mapping) else f"unless[{number}]"
        if block:
            found.append(_conditions(guardrail, compiler, block, member))
        elif not isinstance(given, Mapping):
            raise BadGuardrail(f"{_name(guardrail)}: {member} has no conditions; remove it")
    return tuple(found)


def _conditions(
    guardrail: EffectGuardrail, compiler: Compiler, block: object, member: str
) -> tuple[CompiledCondition, ...]:
    statement = _compiled(guardrail, compiler, {"Resource": "*", "Condition": block}, member)
    return statement.conditions


def _compiled(
    guardrail: EffectGuardrail, compiler: Compiler, elements: Mapping[str, object], member: str
) -> CompiledStatement:
    """Return a statement about every action with some elements."""
    statement = {"Effect": "Deny", "Action": "*", **elements}
    policy = {"Version": VERSION_WITH_VARIABLES, "Statement": [statement]}
    parsed = parse_policy(json.dumps(policy), PolicyType.IDENTITY_POLICY)
    document = parsed.document
    if parsed.errors or document is None:
        problem = parsed.errors[0]
        _, _, where = problem.path.partition(".")
        where = where.replace("Condition", member, 1) or member
        raise BadGuardrail(f"{_name(guardrail)}: {where}: {problem.message}")
    return compiler.document(document)[0]
