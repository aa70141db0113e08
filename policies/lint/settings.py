"""What an author's organization is like, as far as lint has to know."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict, cast

from policies.language.document import PolicyDocument


class RolePurpose(StrEnum):
    """What a protected role is for; it decides the actions the role cannot do without."""

    AUDIT = "audit"
    APPLY = "apply"
    BREAK_GLASS = "break_glass"


class _RoleActions(TypedDict):
    audit: list[str]
    apply: list[str]
    break_glass: list[str]


@lru_cache(maxsize=1)
def role_actions() -> dict[RolePurpose, tuple[str, ...]]:
    """Return the actions that a role of each purpose needs, from `role_actions.json`."""
    text = resources.files("policies.lint").joinpath("role_actions.json").read_text("utf-8")
    rows = cast(_RoleActions, json.loads(text))
    return {
        RolePurpose.AUDIT: tuple(rows["audit"]),
        RolePurpose.APPLY: tuple(rows["apply"]),
        RolePurpose.BREAK_GLASS: tuple(rows["break_glass"]),
    }


@dataclass(frozen=True, slots=True)
class ProtectedRole:
    """A role that no policy may lock out.

    `arn` is the role's ARN; its account may be `*`, which stands for any member account.
    `actions` are the action patterns it needs; empty means those of its purpose.
    """

    arn: str
    purpose: RolePurpose
    actions: tuple[str, ...] = ()

    @property
    def needed_actions(self) -> tuple[str, ...]:
        """The action patterns that the role cannot do without."""
        return self.actions or role_actions()[self.purpose]


@dataclass(frozen=True)
class LintSettings:
    """`limits_on`: the day whose limits hold (None: the latest known). `attached_count`: how many
    policies of this type are attached to the target already, this one not among them.
    `protected_roles`: roles that must keep working. `companions`: other policies of the same type
    at the same target or above it; a guard that they hold counts.
    """

    limits_on: date | None = None
    attached_count: int | None = None
    protected_roles: tuple[ProtectedRole, ...] = ()
    companions: tuple[PolicyDocument, ...] = field(default=())


NO_SETTINGS: Final = LintSettings()
