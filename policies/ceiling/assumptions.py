"""What a ceiling takes for given about requests: a region, a kind of principal, not the root user.

Without any, one region lock makes every action conditional and the ceiling says little. What was
assumed is part of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from policies.comparison.dimensions import AtomBits, KeyDimension
from policies.comparison.domains import PRINCIPAL_KINDS, not_bound_principals, principal_globs
from policies.comparison.text_space import TextSpace
from policies.compiled import CompiledCondition, CompiledStatement
from policies.language.conditions.values import UNKNOWN, ContextValue, Missing
from policies.language.patterns import Glob

_ARN_KEY: Final = "aws:principalarn"
_PRINCIPAL_TYPES: Final = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "federated-user": "FederatedUser",
}


class BadAssumption(ValueError):
    """An assumption that cannot be; the message says what to give."""


@dataclass(frozen=True)
class Assumptions:
    """Values of context keys that are given, by lower-case key; ABSENT says that a key is absent.

    `principal_kinds`: which of `root`, `user`, `role`, `federated-user` call; None for any.
    `partition`: of their ARNs. Keys that are not here may have any value. Source of the kinds'
    ARNs: IAM user guide, "AWS global condition context keys", aws:PrincipalArn.
    """

    values: Mapping[str, ContextValue] = field(default_factory=dict)
    principal_kinds: tuple[str, ...] | None = None
    partition: str = "aws"

    def __post_init__(self) -> None:
        for key, value in self.values.items():
            if key != key.lower() or value is UNKNOWN:
                raise BadAssumption(f"{key!r}: give keys in lower case, and values that are known")
        for kind in self.principal_kinds or ():
            if kind not in PRINCIPAL_KINDS:
                known = ", ".join(PRINCIPAL_KINDS)
                raise BadAssumption(f"{kind!r} is not a kind of principal; there are {known}")

    def in_words(self) -> list[str]:
        """Return each assumption as a sentence's part."""
        words = [f"the partition is {self.partition}"]
        if self.principal_kinds is not None:
            words.append(f"the principal is a {' or '.join(self.principal_kinds)}")
        for key, value in sorted(self.values.items()):
            if isinstance(value, Missing):
                words.append(f"`{key}` is absent")
            elif isinstance(value, str):
                words.append(f"`{key}` is `{value}`")
            else:
                words.append(f"`{key}` is {', '.join(f'`{item}`' for item in value)}")
        return words

    def decided(self, condition: CompiledCondition) -> bool | None:
        """Whether a condition holds in every assumed request, in none (False), or it depends."""
        known = self._decided.get(condition)
        if known is None:
            known = self._decided[condition] = (self._decide(condition),)
        return known[0]

    @cached_property
    def _decided(self) -> dict[CompiledCondition, tuple[bool | None]]:
        return {}

    def _decide(self, condition: CompiledCondition) -> bool | None:
        if condition.operator is None:
            return None
        if condition.key in self.values or not condition.variable_keys:
            found = condition.holds(self._lookup)
            if found is not None:
                return found
        if condition.variable_keys or condition.key != _ARN_KEY or self.principal_kinds is None:
            return None
        return self._by_principal(condition)

    def _lookup(self, key: str) -> ContextValue:
        if key in self.values:
            return self.values[key]
        if key == "aws:principaltype" and self.principal_kinds and len(self.principal_kinds) == 1:
            return _PRINCIPAL_TYPES[self.principal_kinds[0]]
        return UNKNOWN

    def _by_principal(self, condition: CompiledCondition) -> bool | None:
        """Decide a condition that holds for all principals of the assumed kinds, or for none."""
        space = TextSpace(domain=self._principal_globs, barred=not_bound_principals(None))
        dimension = KeyDimension(space, AtomBits(), is_list=False, may_be_absent=False)
        bit = dimension.atom(condition)
        if dimension.find(bit, 0) is None:
            return False
        if dimension.find(0, bit) is None:
            return True
        return None

    @cached_property
    def _principal_globs(self) -> tuple[Glob, ...]:
        kinds = self.principal_kinds if self.principal_kinds is not None else PRINCIPAL_KINDS
        prefix = (f"arn:{self.partition}",)
        return tuple(glob for kind in kinds for glob in principal_globs(kind, prefix, None))

    def remaining(self, statement: CompiledStatement) -> tuple[CompiledCondition, ...] | None:
        """Return the conditions that the assumptions leave open; None: one never holds."""
        left: list[CompiledCondition] = []
        for condition in statement.conditions:
            decided = self.decided(condition)
            if decided is False:
                return None
            if decided is None:
                left.append(condition)
        return tuple(left)
