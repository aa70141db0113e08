"""The values that a box leaves the context keys that tell of the caller."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from policies.comparison.caller_domains import (
    ANOTHER_ORGANIZATION,
    USUAL_FORMS,
    other_organizations,
)
from policies.comparison.caller_values import CallerValues
from policies.comparison.callers import (
    DERIVED_KEYS,
    EVERY_CALLER,
    PRINCIPAL_PATHS,
    RESOURCE_ORGANIZATION,
    SOURCE_PATHS,
    CallerScope,
    CallersOrganization,
    ResourceCaller,
    is_identity_key,
)
from policies.comparison.domains import Domain
from policies.comparison.reasons import Undecided
from policies.evaluation.principal import NotAPrincipal, parse_principal
from policies.language.conditions.values import ABSENT, ContextValue, Missing

_LISTS: Final = frozenset({PRINCIPAL_PATHS, SOURCE_PATHS})

KeyRule = ContextValue | Domain
"""What a caller's key holds: one value, or any of a domain."""


@dataclass(frozen=True, slots=True)
class CallerKeyValues:
    """The values of some keys; a key without one is absent."""

    keys: frozenset[str]
    values: Mapping[str, str | tuple[str, ...]]
    is_unusual: bool


NO_CONTEXT: Final = CallerKeyValues(frozenset(), {}, False)


class CallerBox:
    """One box, with the organization that callers and resources are of.

    `wanted`: by key the atoms that must hold, and those that must not. `account_id`: the
    resource's. `organization_id`: the id the organization has, or is taken to have. `strict`: only
    combinations that AWS is known to send. `scope`: who may call.
    """

    def __init__(
        self,
        values: CallerValues,
        wanted: Mapping[str, tuple[int, int]],
        account_id: str,
        organization: CallersOrganization,
        organization_id: str,
        *,
        strict: bool,
        scope: CallerScope = EVERY_CALLER,
    ) -> None:
        self.scope = scope
        self.values = values
        self.wanted = wanted
        self.account_id = account_id
        self.organization = organization
        self.organization_id = organization_id
        self.strict = strict
        self.knows_id = organization.organization_id is not None

    def fits(self, key: str, value: ContextValue) -> bool:
        """Whether the box leaves a key a value."""
        bits = self.wanted.get(key)
        return bits is None or self.values.fits(key, value, *bits)

    def find(self, key: str, domain: Domain) -> ContextValue | Undecided | None:
        """Return a value of a domain that the box leaves a key; ABSENT where it does not ask."""
        bits = self.wanted.get(key)
        if bits is None:
            return ABSENT
        return self.values.find_in(key, domain, *bits)

    def made(
        self,
        principal: str,
        rules: Mapping[str, KeyRule],
        hard: frozenset[str],
        shared: CallerKeyValues = NO_CONTEXT,
    ) -> ResourceCaller | Undecided | None:
        """Return a caller with a value for each key, as the rules say; None if there is none.

        Unless `strict`, only the rules of `hard` keys, and of keys that the principal determines,
        must hold. `shared`: the values of keys found already.
        """
        found = self.context(self.wanted.keys() - shared.keys, rules, hard)
        if not isinstance(found, CallerKeyValues):
            return found
        try:
            parse_principal(principal)
        except NotAPrincipal:
            return Undecided.NOT_CONFIRMED
        return ResourceCaller(
            principal,
            {**shared.values, **found.values},
            is_unusual=shared.is_unusual or found.is_unusual,
        )

    def context(
        self, keys: AbstractSet[str], rules: Mapping[str, KeyRule], hard: frozenset[str]
    ) -> CallerKeyValues | Undecided | None:
        """Return a value for each of some keys; None if there is none."""
        values: dict[str, str | tuple[str, ...]] = {}
        undecided: Undecided | None = None
        is_unusual = False
        for key, (true, false) in self.wanted.items():
            if key not in keys:
                continue
            found = self._value(key, rules.get(key), true, false)
            if found is None and not (self.strict or key in DERIVED_KEYS or key in hard):
                is_unusual = True
                found = self._any_value(key, true, false)
            if found is None:
                return None
            if isinstance(found, Undecided):
                undecided = found
            elif not isinstance(found, Missing) and key not in DERIVED_KEYS:
                values[key] = found
        return undecided or CallerKeyValues(frozenset(keys), values, is_unusual)

    def _value(
        self, key: str, rule: KeyRule | None, true: int, false: int
    ) -> ContextValue | Undecided | None:
        """Return a value of a key within its rule, None if there is none."""
        if rule is None:
            return self._any_value(key, true, false)
        if isinstance(rule, Domain):
            found = self.values.find_in(key, rule, true, false)
            return (found,) if isinstance(found, str) and key in _LISTS else found
        return rule if self.values.fits(key, rule, true, false) else None

    def _any_value(self, key: str, true: int, false: int) -> ContextValue | Undecided | None:
        """Return a value of a key, one of the form that AWS's have if there is one."""
        form = USUAL_FORMS.get(key)
        if form is not None:
            found = self.values.find_in(key, form, true, false)
            if isinstance(found, str):
                return (found,) if key in _LISTS else found
        return self.values.keys[key].find(true, false)

    def rules(self, *absent: str, identity: bool) -> dict[str, KeyRule]:
        """Return what holds for one kind of caller: which keys are absent."""
        rules: dict[str, KeyRule] = {}
        if self.scope.own_resource:
            rules[RESOURCE_ORGANIZATION] = self.organization_id
        rules.update(dict.fromkeys(absent, ABSENT))
        if not identity:
            rules.update((key, ABSENT) for key in self.wanted if is_identity_key(key))
        return rules

    @property
    def of_organization(self) -> frozenset[str]:
        """The keys that the organization's id, if it is known, determines."""
        is_known = self.knows_id and self.scope.own_resource
        return frozenset({RESOURCE_ORGANIZATION}) if is_known else frozenset()

    def other_organization(self, key: str) -> str | None:
        """Return the id of an organization that is not the account's."""
        found = self.find(key, other_organizations(self.organization_id))
        if isinstance(found, Missing):
            return ANOTHER_ORGANIZATION
        return found if isinstance(found, str) else None
