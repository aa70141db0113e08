"""What is the same of the chains of levels above accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.trust.question import Levels, TrustOrganization

_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")


class ChainFacts:
    """Chains of policies, compared by what the policies mean; each is compiled once."""

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


@dataclass(frozen=True, slots=True, eq=False)
class MemberGroup:
    """Members of an organization that the same SCPs bind. `path`: of their parent, if it counts."""

    accounts: tuple[str, ...]
    path: str | None


class MemberGroups:
    """The members of one organization by what can tell them apart, each way found once."""

    def __init__(
        self,
        facts: ChainFacts,
        organization: TrustOrganization | None,
        chains: Mapping[str, Levels],
    ) -> None:
        self.facts = facts
        self._organization = organization
        self._chains = chains
        self._groups: dict[bool, tuple[MemberGroup, ...]] = {}

    def of(self, *, by_place: bool) -> tuple[MemberGroup, ...]:
        """Return the groups; `by_place`: those of different paths apart."""
        found = self._groups.get(by_place)
        if found is None:
            found = self._groups[by_place] = tuple(self._made(by_place))
        return found

    def _made(self, by_place: bool) -> Iterator[MemberGroup]:
        if self._organization is None:
            return
        paths, management = self._organization.accounts, self._organization.management_account_id
        grouped: dict[tuple[object, str | None], list[str]] = {}
        listed = [*paths, *(one for one in (management,) if one is not None and one not in paths)]
        for account_id in listed:
            chain = self._chains.get(account_id)
            levels = None if chain is None else self.facts.levels(chain)
            named = chain is not None and account_id in self.facts.named_accounts(chain)
            own = account_id if named or account_id == management else None
            path = paths.get(account_id) if by_place else None
            grouped.setdefault(((levels, own), path), []).append(account_id)
        for (_, path), accounts in grouped.items():
            yield MemberGroup(tuple(accounts), path)


def texts_of(statement: CompiledStatement) -> list[str]:
    """Return a statement's texts that may name an account: values, resources, principals."""
    found = [value for condition in statement.conditions for value in condition.values]
    found += statement.resources or ()
    found += [element.value for element in statement.principals or ()]
    return found
