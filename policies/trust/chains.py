"""What is the same of the chains of levels above accounts."""

from __future__ import annotations

import re

from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.trust.question import Levels

_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")


class ChainFacts:
    """Tells chains apart by what their policies mean; remembers each chain it was given."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._levels: dict[int, tuple[Levels, tuple[PolicyLevel, ...]]] = {}
        self._named: dict[PolicyLevel, frozenset[str]] = {}

    def levels(self, chain: Levels) -> tuple[PolicyLevel, ...]:
        """Return a chain's levels; equal ones are one object."""
        known = self._levels.get(id(chain))
        if known is None:
            made = tuple(self._compiler.level(level.policies) for level in chain)
            known = self._levels[id(chain)] = (chain, made)
        return known[1]

    def named_accounts(self, chain: Levels) -> frozenset[str]:
        """Return the accounts that a chain's statements mention."""
        found: frozenset[str] = frozenset()
        for level in self.levels(chain):
            found |= self._named_in(level)
        return found

    def _named_in(self, level: PolicyLevel) -> frozenset[str]:
        named = self._named.get(level)
        if named is None:
            texts = (text for one in level.statements for text in texts_of(one))
            named = frozenset(account for text in texts for account in _ACCOUNT.findall(text))
            self._named[level] = named
        return named


def texts_of(statement: CompiledStatement) -> list[str]:
    """Return a statement's texts that may name an account: values, resources, principals."""
    found = [value for condition in statement.conditions for value in condition.values]
    found += statement.resources or ()
    found += [element.value for element in statement.principals or ()]
    return found
