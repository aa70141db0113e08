"""A ceiling by service, by action, and what decides one action."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.posture.ceilings.level_stack import LevelStep
from governance.posture.ceilings.organization_ceilings import (
    Binding,
    CeilingOutcome,
    OrganizationCeilings,
)
from governance.posture.state.organization import ControlPolicy, TargetName
from policies import CompiledCondition, CompiledStatement, Effect, default_compiler
from policies.ceiling import Residual, residual
from policies.comparison.wording import operator_of
from policies.context_keys import spelled
from policies.language.document import Path

# Of so many targets the services are held for each set of ceilings; of one they take some 100 kB.
_TARGETS_HELD: Final = 64


@dataclass(frozen=True, slots=True)
class DecidedAt:
    """A level that takes `actions` of a service's away or makes them conditional."""

    target: TargetName
    actions: int


@dataclass(frozen=True, slots=True)
class ServiceCeiling:
    """How many of a service's actions come out how. `decided_at`: the most first."""

    prefix: str
    name: str
    always: int
    conditional: int
    never: int
    unknown: int
    decided_at: tuple[DecidedAt, ...]

    @property
    def total(self) -> int:
        """All its actions."""
        return self.always + self.conditional + self.never + self.unknown


class Segment(StrEnum):
    """Which services: NARROWED some action not always; CONDITIONAL some under conditions; NEVER
    none possible; UNKNOWN some not known.
    """

    NARROWED = "narrowed"
    CONDITIONAL = "conditional"
    NEVER = "never"
    UNKNOWN = "unknown"
    ALL = "all"

    def holds(self, service: ServiceCeiling) -> bool:
        """Whether a service is in this segment."""
        if self is Segment.ALL:
            return True
        if self is Segment.NEVER:
            return service.never == service.total
        if self is Segment.CONDITIONAL:
            return bool(service.conditional)
        if self is Segment.UNKNOWN:
            return bool(service.unknown)
        return service.always < service.total


@dataclass(frozen=True, slots=True)
class ActionCeiling:
    """One action. `level` is AWS's access level."""

    index: int
    name: str
    level: str
    outcome: CeilingOutcome


@dataclass(frozen=True, slots=True)
class DecidingStatementAtLevel:
    """A statement that decides an action, where it is attached and where it stands.

    `number` counts from 1. `conditions`: those that the assumptions leave open, as (operator,
    key, values). `path` is its place in the policy's document.
    """

    target: TargetName
    policy: ControlPolicy
    number: int
    sid: str
    path: Path
    denies: bool
    by_resource: bool
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ActionDecision:
    """Why an action comes out as it does.

    `not_allowed_at`: levels at which nothing allows it. `unreadable`: policies that may decide
    it and cannot be read. `depends_on`: condition keys, and `resource`.
    """

    action: ActionCeiling
    statements: tuple[DecidingStatementAtLevel, ...]
    not_allowed_at: tuple[TargetName, ...]
    depends_on: tuple[str, ...]
    unreadable: tuple[tuple[TargetName, ControlPolicy], ...]


def services_of(
    ceilings: OrganizationCeilings, target_id: str, steps: Sequence[LevelStep]
) -> list[ServiceCeiling]:
    """Return every service in scope, what is not known first, then the most conditional.

    `steps`: the target's `level_stack`. The list is shared: never change it.
    """
    known = ceilings.services.get(target_id)
    if known is None:
        known = _services_of(ceilings, target_id, steps)
        if len(ceilings.services) >= _TARGETS_HELD:
            ceilings.services.clear()
        ceilings.services[target_id] = known
    return known


def _services_of(
    ceilings: OrganizationCeilings, target_id: str, steps: Sequence[LevelStep]
) -> list[ServiceCeiling]:
    catalogue, ceiling = ceilings.catalogue, ceilings.of(target_id)
    taking = [
        (step.target, bits) for step in steps if (bits := step.removed | step.made_conditional)
    ]
    found = []
    for prefix, span in catalogue.service_ranges.items():
        mask = (1 << len(span)) - 1
        if not ceilings.scope >> span.start & mask:
            continue
        always = (ceiling.always >> span.start & mask).bit_count()
        conditional = (ceiling.conditional >> span.start & mask).bit_count()
        unknown = (ceiling.unknown >> span.start & mask).bit_count()
        decided: list[DecidedAt] = []
        if always < len(span):
            decided = [
                DecidedAt(target, count)
                for target, bits in taking
                if (count := (bits >> span.start & mask).bit_count())
            ]
        found.append(
            ServiceCeiling(
                prefix=prefix,
                name=catalogue.service_names[prefix],
                always=always,
                conditional=conditional,
                never=len(span) - always - conditional - unknown,
                unknown=unknown,
                decided_at=tuple(sorted(decided, key=lambda at: -at.actions)),
            )
        )
    return sorted(
        found,
        key=lambda row: (
            row.unknown == 0,
            row.always + row.conditional + row.unknown == 0,
            -row.conditional,
            -row.never,
            row.prefix,
        ),
    )


def service_count(ceilings: OrganizationCeilings, bits: int) -> int:
    """Count the services that have an action in a set."""
    return sum(
        1
        for span in ceilings.catalogue.service_ranges.values()
        if bits >> span.start & ((1 << len(span)) - 1)
    )


def actions_of(ceilings: OrganizationCeilings, target_id: str, prefix: str) -> list[ActionCeiling]:
    """Return the actions of a service, by name.

    :raises KeyError: no such target, or no such service.
    """
    ceiling = ceilings.of(target_id)
    return [
        _action(ceilings, index, ceiling.outcome(index))
        for index in ceilings.catalogue.service_ranges[prefix]
    ]


def decision_of(ceilings: OrganizationCeilings, target_id: str, index: int) -> ActionDecision:
    """Say what decides one action, by its index in the catalogue.

    :raises KeyError: no such target.
    """
    outcome = ceilings.of(target_id).outcome(index)
    action = _action(ceilings, index, outcome)
    if ceilings.binding(target_id) is not Binding.BOUND:
        return ActionDecision(action, (), (), (), ())
    names = ceilings.organization.names
    path = ceilings.tree.path(target_id)
    found: Residual = residual(path, ceilings.maker, index)
    return ActionDecision(
        action=action,
        statements=tuple(
            placed
            for item in found.deciding
            for placed in _placed(
                ceilings, item.target_id, item.statement, item.conditions, item.by_resource
            )
        ),
        not_allowed_at=tuple(names[target_id] for target_id in found.not_allowed_at),
        depends_on=found.depends_on,
        unreadable=tuple((names[at], policy) for at, policy in ceilings.unreadable(target_id))
        if outcome is CeilingOutcome.UNKNOWN
        else (),
    )


def _action(ceilings: OrganizationCeilings, index: int, outcome: CeilingOutcome) -> ActionCeiling:
    catalogue = ceilings.catalogue
    return ActionCeiling(index, catalogue.names[index], catalogue.access_level(index), outcome)


def _placed(
    ceilings: OrganizationCeilings,
    target_id: str,
    statement: CompiledStatement,
    conditions: Sequence[CompiledCondition],
    by_resource: bool,
) -> list[DecidingStatementAtLevel]:
    """Find a compiled statement in the texts attached at its level; equal ones are all found."""
    compiler = default_compiler()
    found = []
    for policy in ceilings.control.attached.get(target_id, ()):
        if policy.document is None:
            continue
        for number, compiled in enumerate(compiler.document(policy.document)):
            if compiled is not statement:
                continue
            written = policy.document.statements[number]
            found.append(
                DecidingStatementAtLevel(
                    target=ceilings.organization.names[target_id],
                    policy=policy,
                    number=number + 1,
                    sid=written.sid or "",
                    path=written.path,
                    denies=statement.effect is Effect.DENY,
                    by_resource=by_resource,
                    conditions=tuple(
                        (operator_of(one), spelled(ceilings.catalogue, one.key), one.values)
                        for one in statement.conditions
                        if one in conditions
                    ),
                )
            )
    return found
