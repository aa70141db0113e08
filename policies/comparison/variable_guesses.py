"""Requests that may make conditions with policy variables true or false as wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Final

from policies.comparison.callers import (
    DERIVED_KEYS,
    PRINCIPAL_ARN,
)
from policies.comparison.domains import Domains
from policies.comparison.space import RESOURCE
from policies.comparison.witness import Witness
from policies.compiled import CompiledCondition
from policies.evaluation.derived_context import derived_context
from policies.evaluation.principal import NotAPrincipal, parse_principal
from policies.language.conditions.values import ABSENT, ContextValue, Missing
from policies.language.patterns import Glob, Wild, string_glob
from policies.language.variables import Template, Variable, resolve

_GUESSES_TRIED: Final = 64


class VariableGuesses:
    """Changes requests in what policy variables relate. `account_id`: that the policies bind."""

    def __init__(self, domains: Domains, account_id: str) -> None:
        self._domains = domains
        self._account = account_id

    def of(self, base: Witness, opaque: list[tuple[str, object]]) -> Iterator[Witness]:
        """Yield requests that may make conditions with variables true or false as wanted."""
        choices = [list(self._changes(base, kind, what)) for kind, what in opaque]
        for combination in islice(product(*choices), _GUESSES_TRIED):
            context = dict(base.context)
            principal, resource = base.principal, base.resource
            for changes in combination:
                for key, value in changes.items():
                    if key == RESOURCE:
                        resource = value if isinstance(value, str) else resource
                    elif key == PRINCIPAL_ARN:
                        principal = value if isinstance(value, str) else principal
                    elif isinstance(value, Missing):
                        context.pop(key, None)
                    else:
                        context[key] = value
            yield replace(base, principal=principal, context=context, resource=resource)

    def _changes(self, base: Witness, kind: str, what: object) -> Iterator[dict[str, ContextValue]]:
        """Yield changes to a request that may change one condition or resource with variables."""
        known = self._known(base)
        given: dict[str, ContextValue] = {}

        def lookup(key: str) -> ContextValue:
            value = known.get(key)
            if value is None and key not in DERIVED_KEYS:
                value = given[key] = self._likely(key)
            return value if isinstance(value, str) else ABSENT

        yield {}
        if isinstance(what, CompiledCondition):
            present = known.get(what.key)
            if isinstance(present, str):
                yield from _read_off(what.templates, present)
            filled = _filled(what.templates, lookup)
            if what.key == PRINCIPAL_ARN:
                for text in filled:
                    if _is_by_same_account(text, base.principal):
                        yield {**given, PRINCIPAL_ARN: text}
            elif what.key not in DERIVED_KEYS:
                for text in filled:
                    yield {**given, what.key: text}
                yield {**given, what.key: self._other(what.key, filled)}
                yield {what.key: ABSENT}
            yield dict.fromkeys(what.variable_keys, ABSENT)
        elif isinstance(what, tuple) and kind == RESOURCE:
            yield from _read_off(what, base.resource)
            for text in _filled(what, lookup):
                yield {**given, RESOURCE: text}
            yield {RESOURCE: "arn:aws:another:::resource"}

    def _known(self, base: Witness) -> dict[str, ContextValue]:
        """Return the context of a request, with what the request itself implies."""
        try:
            principal = parse_principal(base.principal)
        except NotAPrincipal:
            return {**base.context}
        account_id = base.resource_account_id or self._account
        return {**derived_context(principal, account_id, None, None, None), **base.context}

    def _likely(self, key: str) -> str:
        """Return a value that a key may well have."""
        domain = self._domains.of_key(key)
        return next(iter(domain.seeds), "example")

    def _other(self, key: str, values: Sequence[str]) -> str:
        """Return a value of a key other than some."""
        likely = (*self._domains.of_key(key).seeds, "another", "yet-another")
        return next((text for text in likely if text not in values), "another")


def _read_off(templates: Iterable[Template], text: str) -> Iterator[dict[str, ContextValue]]:
    """Yield values of variables with which a template becomes a text."""
    for parts in templates:
        variables = [part for part in parts if isinstance(part, Variable)]
        if len(variables) != 1 or variables[0].key in DERIVED_KEYS:
            continue
        regex = "".join(
            "(.+?)" if isinstance(part, Variable) else string_glob((part,)).regex for part in parts
        )
        match = re.fullmatch(regex, text, re.DOTALL)
        if match is not None:
            yield {variables[0].key: match[1]}


def _is_by_same_account(text: str, principal: str) -> bool:
    """Whether a text is the ARN of a principal of another principal's account, and of its kind."""
    try:
        named, caller = parse_principal(text), parse_principal(principal)
    except NotAPrincipal:
        return False
    return named.kind is caller.kind and named.account_id == caller.account_id


def _filled(templates: tuple[Template, ...], lookup: object) -> list[str]:
    """Return texts that templates match with the values of their variables."""
    texts: list[str] = []
    for parts in templates:
        if callable(lookup):
            pieces = resolve(parts, lookup)
            if not isinstance(pieces, Missing):
                texts.append(example_of(string_glob(pieces)))
    return texts


def example_of(glob: Glob) -> str:
    """Return a text that a pattern matches."""
    return "".join(
        token if isinstance(token, str) else ("1" if token in _SINGLE else "example")
        for token in glob.tokens
    )


_SINGLE: Final = frozenset({Wild.ONE, Wild.ONE_IN_PART})
