"""What the checks of a change request find, and how much each weighs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from governance.changes.evidence.digests import digest_of


class CheckLevel(StrEnum):
    """How much a finding weighs.

    ADVISORY: worth knowing. SOFT: blocks unless security overrides it with a reason. HARD: blocks.
    """

    ADVISORY = "advisory"
    SOFT = "soft"
    HARD = "hard"


WORST_FIRST_LEVELS = (CheckLevel.HARD, CheckLevel.SOFT, CheckLevel.ADVISORY)


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One thing that a check found.

    `code`: stable, lower-case with underscores; its level is set by it. `message`: what is wrong
    and where, in one sentence; `remedy`: what to do. `step`: the plan's step after which it holds,
    None for the change as a whole. `operation`: the operation it speaks of, from 0. `line`: in
    that operation's text, from 1, 0 for none. `target_ids`: where it holds; `policy_id`: of which
    policy.
    """

    code: str
    level: CheckLevel
    message: str
    remedy: str = ""
    step: int | None = None
    operation: int | None = None
    line: int = 0
    policy_id: str = ""
    target_ids: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from the others of one plan: 16 hex digits; an override names it."""
        said = [self.code, self.message, self.step, self.operation, self.line, self.policy_id]
        return digest_of([*said, list(self.target_ids)])[:16]

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `from_json` reads it."""
        return {
            "key": self.key,
            "code": self.code,
            "level": self.level.value,
            "message": self.message,
            "remedy": self.remedy,
            "step": self.step,
            "operation": self.operation,
            "line": self.line,
            "policy_id": self.policy_id,
            "target_ids": list(self.target_ids),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read a finding that was stored."""
        members = {name: found for name, found in value.items() if name != "key"}
        members["level"] = CheckLevel(members["level"])
        members["target_ids"] = tuple(members["target_ids"])
        return cls(**members)

    def at_level(self, level: CheckLevel) -> Self:
        """Return the finding with another weight."""
        return self if level is self.level else replace(self, level=level)


def worst_first(findings: Collection[CheckFinding]) -> tuple[CheckFinding, ...]:
    """Return findings by weight, then by the step and the operation they speak of."""
    return tuple(
        sorted(
            dict.fromkeys(findings),
            key=lambda one: (
                WORST_FIRST_LEVELS.index(one.level),
                one.step or 0,
                -1 if one.operation is None else one.operation,
                one.line,
                one.code,
                one.message,
            ),
        )
    )


def blocking(
    findings: Collection[CheckFinding], overridden: Collection[str] = ()
) -> tuple[CheckFinding, ...]:
    """Return the findings that stand against a change: hard ones, and soft ones not overridden.

    `overridden`: the keys of findings that security has overridden; a hard one stands all the same.
    """
    return tuple(
        one
        for one in findings
        if one.level is CheckLevel.HARD
        or (one.level is CheckLevel.SOFT and one.key not in overridden)
    )
