"""Statements as one class of callers meets them: what their given keys leave to be decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from policies.comparison.domains import Domain, Domains
from policies.compiled import CompiledCondition, CompiledStatement
from policies.language.conditions.values import UNKNOWN, Missing
from policies.language.patterns import Glob, Literal, Wild
from policies.language.policy_types import PolicyType
from policies.language.variables import Lookup, Template, resolve, variable_keys
from policies.trust.guard_keys import holds_no_wildcard
from policies.trust.request_values import SOURCE_IP, with_possible_values

ANY_TEXT: Final = Domain()
_WILDCARDS: Final = (Glob((Wild.ANY, "*", Wild.ANY)), Glob((Wild.ANY, "?", Wild.ANY)))
_PUBLIC_ADDRESS: Final = Domain(
    barred=tuple(
        Glob((start, Wild.ANY))
        for start in ("10.", *(f"172.{part}." for part in range(16, 32)), "192.168.", "fc", "fd")
    ),
    seeds=("203.0.113.7", "2001:db8::7"),
)
_CLAIM: Final = Domain(barred=_WILDCARDS, is_single=True)
_LISTED_CLAIMS: Final = frozenset({"amr"})
"""Claims of a token that hold several texts. Source: IAM user guide, "Available keys for AWS OIDC
federation"."""


@dataclass(frozen=True, slots=True)
class CallerDomains(Domains):
    """The domains of keys and resources where one class of callers calls one resource."""

    keys: tuple[tuple[str, Domain], ...] = ()
    resources: Domain = ANY_TEXT

    def of_key(self, key: str, *, value_type: str = "") -> Domain:
        """Return the domain of a condition key (lower case)."""
        for name, domain in self.keys:
            if name == key:
                return domain
        host, _, claim = key.rpartition(":")
        if "." in host and claim not in _LISTED_CLAIMS:
            return _CLAIM
        if key == SOURCE_IP:
            return _PUBLIC_ADDRESS
        if holds_no_wildcard(key):
            return _without_wildcards(key)
        return Domains.of_key(self, key, value_type=value_type)

    def of_resource(self) -> Domain:
        """Return the domain of the resource."""
        return self.resources


@lru_cache(maxsize=4096)
def _without_wildcards(key: str) -> Domain:
    """Return the domain of a key whose values hold no `*` and no `?`: only policies have them."""
    general = Domains(PolicyType.RESOURCE_POLICY, None).of_key(key)
    return replace(general, barred=(*general.barred, *_WILDCARDS))


def reduced(statement: CompiledStatement, lookup: Lookup) -> CompiledStatement | None:
    """Return what a caller's given keys leave of a statement, without principals and actions.

    None: one of its conditions never holds.
    """
    left: list[CompiledCondition] = []
    for condition in map(with_possible_values, statement.conditions):
        holds = condition.holds(lookup)
        if holds is False:
            return None
        if holds is None:
            left.append(_filled(condition, lookup))
    templates, resources = statement.resource_templates, statement.resources
    keys = statement.resource_variable_keys
    if keys and resources is not None:
        templates = _filled_templates(templates, lookup)
        keys = frozenset[str]().union(*map(variable_keys, templates))
    elif not left and statement.principals is None and not statement.conditions:
        return statement
    return replace(
        statement,
        principals=None,
        not_principal=False,
        conditions=tuple(left),
        resource_templates=templates,
        resource_variable_keys=keys,
    )


def _filled(condition: CompiledCondition, lookup: Lookup) -> CompiledCondition:
    """Put the values in that the caller has anyway; a condition without variables stays."""
    if not condition.variable_keys:
        return condition
    templates = _filled_templates(condition.templates, lookup)
    keys = frozenset[str]().union(*map(variable_keys, templates))
    if keys == condition.variable_keys:
        return condition
    values = tuple(map(_text, templates))
    return replace(condition, values=values, templates=templates, variable_keys=keys)


def _filled_templates(templates: tuple[Template, ...], lookup: Lookup) -> tuple[Template, ...]:
    """Put values in; a template whose variable has no value never matches, and is left out."""
    filled: list[Template] = []
    for parts in templates:
        whole = resolve(parts, lookup)
        if not isinstance(whole, Missing):
            filled.append(whole)
        elif whole is UNKNOWN:
            filled.append(parts)
    return tuple(filled)


def _text(parts: Template) -> str:
    return "".join(
        part.text if isinstance(part, Literal) else part if isinstance(part, str) else "${}"
        for part in parts
    )


def unresolved_keys(statement: CompiledStatement) -> frozenset[str]:
    """Return the keys that a reduced statement's variables still read."""
    found = statement.resource_variable_keys
    for condition in statement.conditions:
        found |= condition.variable_keys
    return found
