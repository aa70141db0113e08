"""What AWS itself decides, whatever policies say: data in `aws_rules.json`, each with its source.

Three kinds of rule: actions that need no permission, requests that AWS never permits, and callers
whom a resource's own policy does not bind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final, NotRequired, TypedDict, cast

from policies.catalogue import Catalogue
from policies.evaluation.principal import PrincipalKind, RequestPrincipal
from policies.evaluation.program import RESOURCE, Predicate, Ternary
from policies.language.conditions.values import UNKNOWN
from policies.language.patterns import any_matches, string_glob
from policies.language.variables import Lookup

TextTest = Callable[[str], bool]


class RuleKind(StrEnum):
    """What a rule says of the requests that it is about."""

    NO_PERMISSION_NEEDED = "no_permission_needed"
    NEVER_PERMITTED = "never_permitted"
    RESOURCE_POLICY_DOES_NOT_BIND = "resource_policy_does_not_bind"


@dataclass(frozen=True, eq=False, slots=True)
class AwsRule:
    """One rule. `text`: a sentence without its full stop; `source`: the page of AWS's that says so.

    `callers`: the kinds of principal it is about; None: everybody but AWS itself, which calls as a
    service principal or in a service-linked role. `covers_resource` tests an ARN, or `*`.
    `context`: tests of values, one of which each key must hold, by lower-case key.
    `resource_patterns` and `context_patterns`: what these two test, as StringLike reads it.
    """

    kind: RuleKind
    actions: tuple[str, ...]
    callers: frozenset[PrincipalKind] | None
    covers_resource: TextTest
    context: Mapping[str, TextTest]
    text: str
    source: str
    resource_patterns: tuple[str, ...]
    context_patterns: Mapping[str, tuple[str, ...]]

    def concerns(self, principal: RequestPrincipal) -> bool:
        """Whether the rule is about a caller."""
        if self.callers is not None:
            return principal.kind in self.callers
        return principal.kind is not PrincipalKind.SERVICE and not principal.is_service_linked_role

    def holds(self, lookup: Lookup) -> Ternary:
        """Whether the rule holds for a resource and a context; None where a key is not known."""
        if not self.covers_resource(str(lookup(RESOURCE))):
            return False
        answer: Ternary = True
        for key, test in self.context.items():
            value = lookup(key)
            if value is UNKNOWN:
                answer = None
                continue
            listed = (value,) if isinstance(value, str) else value
            if not isinstance(listed, tuple) or not any(map(test, listed)):
                return False
        return answer


class _RuleRow(TypedDict):
    decides: str
    actions: list[str]
    callers: NotRequired[list[str]]
    resources: NotRequired[list[str]]
    context: NotRequired[dict[str, list[str]]]
    text: str
    source: str


@lru_cache(maxsize=1)
def aws_rules() -> tuple[AwsRule, ...]:
    """Return all rules, in the order of the file."""
    text = resources.files("policies.evaluation").joinpath("aws_rules.json").read_text("utf-8")
    return tuple(map(_rule, cast(list[_RuleRow], json.loads(text))))


def _rule(row: _RuleRow) -> AwsRule:
    callers = row.get("callers")
    return AwsRule(
        kind=RuleKind(row["decides"]),
        actions=tuple(row["actions"]),
        callers=None if callers is None else frozenset(map(PrincipalKind, callers)),
        covers_resource=_text_test(row.get("resources", ["*"])),
        context={key.lower(): _text_test(like) for key, like in row.get("context", {}).items()},
        text=row["text"],
        source=row["source"],
        resource_patterns=tuple(row.get("resources", ["*"])),
        context_patterns={key: tuple(like) for key, like in row.get("context", {}).items()},
    )


def _text_test(patterns: list[str]) -> TextTest:
    return any_matches([string_glob((pattern,)) for pattern in patterns])


@lru_cache(maxsize=1)
def _by_action() -> Mapping[str, tuple[AwsRule, ...]]:
    found: dict[str, tuple[AwsRule, ...]] = {}
    for rule in aws_rules():
        for action in rule.actions:
            found[action.lower()] = (*found.get(action.lower(), ()), rule)
    return found


_NONE: Final[tuple[AwsRule, ...]] = ()


def rules_of_action(action: str) -> tuple[AwsRule, ...]:
    """Return the rules that name an action, given in lower case."""
    return _by_action().get(action, _NONE)


def rules_for(action: str, principal: RequestPrincipal, kind: RuleKind) -> tuple[AwsRule, ...]:
    """Return the rules of one kind that name an action, in lower case, and concern a caller."""
    named = rules_of_action(action)
    if not named:
        return named
    return tuple([rule for rule in named if rule.kind is kind and rule.concerns(principal)])


def permits_roles(action: str) -> bool:
    """Whether a role may do an action, in lower case, at all, if policies let it."""
    return not any(
        rule.kind is RuleKind.NEVER_PERMITTED and PrincipalKind.ROLE in (rule.callers or ())
        for rule in rules_of_action(action)
    )


@lru_cache(maxsize=256)
def predicate_of(rules: tuple[AwsRule, ...]) -> Predicate:
    """Return what holds where at least one of the rules does."""
    keys = (RESOURCE, *sorted({key for rule in rules for key in rule.context}))

    def test(lookup: Lookup) -> Ternary:
        answers = {rule.holds(lookup) for rule in rules}
        return True if True in answers else None if None in answers else False

    return Predicate(keys, test, None)


def never_permits(action: str, principal: RequestPrincipal, lookup: Lookup) -> bool:
    """Whether AWS never permits a request, for sure. `action`: in lower case."""
    rules = rules_for(action, principal, RuleKind.NEVER_PERMITTED)
    return any(rule.holds(lookup) is True for rule in rules)


def bits_never_permitted(catalogue: Catalogue) -> int:
    """Return the set of the actions of which AWS never permits some requests."""
    return _bits_of_rules(catalogue, RuleKind.NEVER_PERMITTED)


def unbound_bits(catalogue: Catalogue) -> int:
    """Return the set of the actions that need no permission, so that no policy limits them."""
    return _bits_of_rules(catalogue, RuleKind.NO_PERMISSION_NEEDED)


def _bits_of_rules(catalogue: Catalogue, kind: RuleKind) -> int:
    return catalogue.union(
        action for rule in aws_rules() if rule.kind is kind for action in rule.actions
    )
