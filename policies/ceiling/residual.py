"""On demand: what a conditional action hangs on, and what each level of a chain takes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policies.ceiling.ceilings import CeilingMaker
from policies.compiled import CompiledCondition, CompiledStatement, PolicyLevel
from policies.context_keys import spelled
from policies.language.document import Effect
from policies.targets import Target


@dataclass(frozen=True, slots=True)
class DecidingStatement:
    """A statement on which an action hangs: `conditions` are those the assumptions leave open."""

    target_id: str
    statement: CompiledStatement
    conditions: tuple[CompiledCondition, ...]

    @property
    def denies(self) -> bool:
        """Whether it takes away; else it allows, and something at its level has to."""
        return self.statement.effect is Effect.DENY

    @property
    def by_resource(self) -> bool:
        """Whether the resource decides too."""
        return self.statement.resources is not None


@dataclass(frozen=True, slots=True)
class Residual:
    """What becomes of one action at a target.

    `outcome` is `always`, `never` or `depends`. `deciding`: for `depends` every statement that
    decides, root first; for `never` the denies that end it, or at `not_allowed_at` the targets
    where nothing allows it. `depends_on`: the keys, as AWS spells them, and `resource`.
    """

    outcome: str
    deciding: tuple[DecidingStatement, ...]
    not_allowed_at: tuple[str, ...]
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelEffect:
    """What one level does to what came from above: actions it ends, and makes conditional."""

    target_id: str
    removed: int
    made_conditional: int
    left: int


def level_effects(path: Sequence[Target], maker: CeilingMaker) -> list[LevelEffect]:
    """Return what each level of a path (root first) takes away from what the ones above leave."""
    possible = always = maker.catalogue.all_bits
    effects: list[LevelEffect] = []
    for target in path:
        own = maker.level(target.level)
        left = possible & own.possible
        effects.append(
            LevelEffect(target.target_id, possible & ~left, always & left & ~own.always, left)
        )
        possible, always = left, always & own.always
    return effects


def residual(path: Sequence[Target], maker: CeilingMaker, action: int) -> Residual:
    """Say what one action (its catalogue index) hangs on at the end of a path, root first."""
    bit = 1 << action
    deciding: list[DecidingStatement] = []
    ending: list[DecidingStatement] = []
    not_allowed: list[str] = []
    for target in path:
        own = maker.level(target.level)
        if own.always & bit:
            continue
        if not own.possible & bit:
            denies = _ending(target, target.level, maker, bit)
            ending += denies
            if not denies:
                not_allowed.append(target.target_id)
            continue
        deciding += [
            DecidingStatement(target.target_id, item.statement, item.conditions)
            for item in own.open_statements
            if item.statement.action_bits & bit
            and not (item.statement.effect is Effect.ALLOW and _allows_anyway(target, maker, bit))
        ]
    if ending or not_allowed:
        return Residual("never", tuple(ending), tuple(not_allowed), ())
    if not deciding:
        return Residual("always", (), (), ())
    keys: dict[str, None] = {}
    for item in deciding:
        keys.update(dict.fromkeys(spelled(maker.catalogue, c.key) for c in item.conditions))
        if item.by_resource:
            keys["resource"] = None
    return Residual("depends", tuple(deciding), (), tuple(keys))


def _ending(
    target: Target, level: PolicyLevel, maker: CeilingMaker, bit: int
) -> list[DecidingStatement]:
    return [
        DecidingStatement(target.target_id, statement, ())
        for statement in level.denies
        if statement.action_bits & bit
        and statement.resources is None
        and maker.assumptions.remaining(statement) == ()
    ]


def _allows_anyway(target: Target, maker: CeilingMaker, bit: int) -> bool:
    """Whether a level has an allow by action alone; then its other allows decide nothing."""
    return any(
        statement.action_bits & bit
        and statement.resources is None
        and maker.assumptions.remaining(statement) == ()
        for statement in target.level.allows
    )
