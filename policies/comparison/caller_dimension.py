"""All context keys that tell of the caller, as one dimension: they exclude one another.

A box is empty here if no kind of caller has values that all its atoms accept. First callers are
tried whose context AWS is known to send; only then combinations of keys that nothing rules out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from policies.comparison.caller_box import CallerBox
from policies.comparison.caller_domains import ORGANIZATION_IDS, SOME_ACCOUNT, SOME_ORGANIZATION
from policies.comparison.caller_identities import ACCOUNT_KEYS
from policies.comparison.caller_search import callers_in
from policies.comparison.caller_values import CallerValues
from policies.comparison.callers import (
    DERIVED_KEYS,
    EVERY_CALLER,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    RESOURCE_ORGANIZATION,
    SOURCE_ORGANIZATION,
    SOURCE_PATHS,
    CallerScope,
    CallersOrganization,
    ResourceCaller,
)
from policies.comparison.contradictions import Contradictions
from policies.comparison.dimensions import FoundValue, KeyDimension
from policies.comparison.domains import Domain
from policies.comparison.known_callers import KnownCallers
from policies.comparison.reasons import Undecided
from policies.compiled import CompiledCondition
from policies.evaluation.principal import parse_principal
from policies.language.conditions import Test
from policies.language.patterns import Glob, Wild

_MOST_SEEN: Final = 60
_PATHS: Final = Domain(globs=(Glob(("o-", Wild.PART, "/", Wild.ANY)),))


class CallerDimension:
    """The callers of an account's resources, as far as conditions on them tell them apart.

    `account_id`: the resource's account, None for any. `organization`: its organization. `scope`:
    which callers are meant.
    """

    def __init__(
        self,
        account_id: str | None,
        organization: CallersOrganization,
        scope: CallerScope = EVERY_CALLER,
    ) -> None:
        self._scope = scope
        self._account_id = account_id or SOME_ACCOUNT
        self._organization = organization
        self._values = CallerValues()
        self._known = KnownCallers(self._values, self._account_id, organization, scope)
        self._contradictions = Contradictions(self._is_searched_empty)

    @property
    def organization(self) -> CallersOrganization:
        """The organization of the resource's account."""
        return self._organization

    @property
    def keys(self) -> dict[str, KeyDimension]:
        """The dimension of each key by itself, by its name in lower case."""
        return self._values.keys

    def atom(self, condition: CompiledCondition) -> int:
        """Return the bit of a condition's atom; its key's dimension is in `keys` already.

        :raises ValueError: the condition has policy variables or an unknown operator.
        """
        return self._values.atom(condition)

    def key_of(self, bit: int) -> str:
        """Return the key of an atom."""
        return self._values.key_of(bit)

    def test(self, bit: int) -> Test:
        """Return the test of an atom, for a value of its key."""
        return self._values.test(bit)

    def mask(self, key: str) -> int:
        """Return the bits of all atoms of a key."""
        return self._values.mask(key)

    def tells_accounts_apart(self) -> bool:
        """Whether some condition tells the accounts of callers apart."""
        keys = self._values.keys
        return bool(keys.keys() & set(ACCOUNT_KEYS) - {PRINCIPAL_ARN}) or (
            PRINCIPAL_ARN in keys and self._values.names_accounts(self.mask(PRINCIPAL_ARN))
        )

    def find(self, true: int, false: int) -> FoundValue | None:
        """Return a caller for whom the `true` atoms hold and the `false` do not; None if none."""
        if true & false:
            return None
        undecided: Undecided | None = None
        for found in self._callers(true, false):
            if isinstance(found, ResourceCaller):
                self._known.add(found, self._wanted(true, false))
                return found
            undecided = found
        return undecided

    def is_empty(self, true: int, false: int) -> bool:
        """Whether `find` would find none.

        Asked first are callers that were found before, and the keys that the principal determines:
        mostly these rule all callers out, and few boxes differ in them.
        """
        if true & false:
            return True
        if self._known.some_in(true, false):
            return False
        mask = 0
        for key in DERIVED_KEYS & self.keys.keys():
            mask |= self.mask(key)
        if self._has_no_principal(true & mask, false & mask):
            return True
        return bool((true | false) & ~mask) and self.find(true, false) is None

    def _has_no_principal(self, true: int, false: int) -> bool:
        """Whether no principal fits atoms of the keys that it determines."""
        return self._contradictions.in_box(true, false) or self._is_searched_empty(true, false)

    def _is_searched_empty(self, true: int, false: int) -> bool:
        return not self._known.some_in(true, false) and self.find(true, false) is None

    def alternatives(self, true: int, false: int) -> list[ResourceCaller]:
        """Return callers of different kinds for whom the `true` atoms hold and the `false` not."""
        found: dict[tuple[object, ...], ResourceCaller] = {}
        for one in islice(self._callers(true, false), _MOST_SEEN):
            if isinstance(one, ResourceCaller):
                principal = parse_principal(one.principal)
                is_of_resource = principal.account_id == self._account_id
                is_member = principal.account_id in self._organization
                found.setdefault((principal.kind, is_of_resource, is_member), one)
        return list(found.values())

    def _callers(self, true: int, false: int) -> Iterator[ResourceCaller | Undecided]:
        wanted = self._wanted(true, false)
        for strict in (True, False):
            if not strict and wanted.keys() <= DERIVED_KEYS:
                return
            ids = self._organization_ids(wanted)
            for organization_id in ids if strict else ids[:1]:
                box = CallerBox(
                    self._values,
                    wanted,
                    self._account_id,
                    self._organization,
                    organization_id,
                    strict=strict,
                    scope=self._scope,
                )
                yield from callers_in(box)

    def _wanted(self, true: int, false: int) -> dict[str, tuple[int, int]]:
        """Return by key the atoms that are to hold, and those that are not."""
        wanted: dict[str, tuple[int, int]] = {}
        for key in self.keys:
            mask = self.mask(key)
            if (true | false) & mask:
                wanted[key] = (true & mask, false & mask)
        return wanted

    def _organization_ids(self, wanted: Mapping[str, tuple[int, int]]) -> list[str]:
        """Return the ids that the organization may have; one, if it is known."""
        known = self._organization.organization_id
        if known is not None:
            return [known]
        ids: dict[str, None] = {}
        for key in (PRINCIPAL_ORGANIZATION, RESOURCE_ORGANIZATION, SOURCE_ORGANIZATION):
            if key in wanted:
                found = self._values.find_in(key, ORGANIZATION_IDS, *wanted[key])
                if isinstance(found, str):
                    ids[found] = None
        for key in (PRINCIPAL_PATHS, SOURCE_PATHS):
            if key in wanted:
                found = self._values.find_in(key, _PATHS, *wanted[key])
                if isinstance(found, str):
                    ids[found.partition("/")[0]] = None
        return [*ids, *(one for one in (SOME_ORGANIZATION,) if one not in ids)]
