"""A concrete request for a box: a value in each dimension, realistic where that is possible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product, zip_longest
from typing import Final

from policies.catalogue import Catalogue
from policies.comparison.caller_domains import SOME_ACCOUNT
from policies.comparison.callers import (
    DERIVED_KEYS,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    RESOURCE_ORGANIZATION,
    SOURCE_ACCOUNT,
    Caller,
)
from policies.comparison.dimensions import TextDimension
from policies.comparison.domains import Domains
from policies.comparison.reasons import Undecided
from policies.comparison.space import ACTION, CALLER, RESOURCE, Space
from policies.comparison.text_leaves import globs_leaf
from policies.comparison.unlisted_actions import SOME_UNLISTED_ACTION
from policies.compiled import CompiledCondition
from policies.context_keys import spelled
from policies.evaluation.aws_rules import permits_roles
from policies.evaluation.derived_context import derived_context
from policies.evaluation.principal import NotAPrincipal, parse_principal
from policies.language.conditions.values import ABSENT, ContextValue, Missing
from policies.language.patterns import Glob, Literal, Wild, any_matches, string_glob
from policies.language.variables import Template, Variable, resolve

_GUESSES_TRIED: Final = 64
_PRINCIPALS: Final = {
    "User": "iam::{}:user/ExampleUser",
    "Account": "iam::{}:root",
    "FederatedUser": "sts::{}:federated-user/ExampleUser",
}


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """One request. `context` holds lower-case keys; a key that is not there is absent.

    `is_own_caller`: the caller is of the account that the policies bind, whichever that is.
    `account_keys`: keys of the context that name that account, whichever it is.
    """

    principal: str
    action: str
    resource: str
    resource_account_id: str | None
    context: Mapping[str, str | tuple[str, ...]]
    is_own_caller: bool = True
    account_keys: frozenset[str] = frozenset({PRINCIPAL_ACCOUNT})

    def for_account(self, was: str, account_id: str) -> Witness:
        """Return the same request with another account in the place of `was`."""
        if was == account_id:
            return self
        principal = self.principal
        if self.is_own_caller:
            principal = principal.replace(was, account_id)
        context = dict(self.context)
        for key in self.account_keys & context.keys():
            named = context[key]
            if isinstance(named, str):
                context[key] = named.replace(was, account_id)
        return replace(
            self,
            principal=principal,
            resource=self.resource.replace(was, account_id),
            resource_account_id=account_id
            if self.resource_account_id == was
            else self.resource_account_id,
            context=context,
        )

    def by_account(self, was: str, account_id: str) -> Witness:
        """Return the same request by and for another account wherever it names `was`."""
        context = {
            key: value.replace(was, account_id)
            if isinstance(value, str)
            else tuple(text.replace(was, account_id) for text in value)
            for key, value in self.context.items()
        }
        moved = replace(self, context=context, is_own_caller=True)
        return moved.for_account(was, account_id)

    def as_json(self, catalogue: Catalogue) -> dict[str, object]:
        """Return the request as the commands read it, with keys as AWS spells them."""
        written: dict[str, object] = {
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
        }
        if self.resource_account_id is not None:
            written["resource_account_id"] = self.resource_account_id
        written["context"] = {
            spelled(catalogue, key): value if isinstance(value, str) else list(value)
            for key, value in self.context.items()
        }
        return written


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request to confirm.

    `own_resource`: its resource is of a type that its action takes. `unusual_caller`: its context
    holds keys of the caller that AWS is not known to send together.
    """

    witness: Witness
    own_resource: bool
    unusual_caller: bool = False

    def of_account(self, was: str, account_id: str) -> Iterator[Proposal]:
        """Yield the same request by another account's principal, the resource its own or not."""
        own = self.witness.for_account(was, account_id)
        yield replace(self, witness=own)
        if own.resource_account_id is not None:
            yield replace(self, witness=self.witness.by_account(was, account_id))
        if own.resource != self.witness.resource:
            yield replace(self, witness=replace(own, resource=self.witness.resource))


class WitnessMaker:
    """Makes requests for the boxes of one space."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._catalogue = space.catalogue
        self._domains: Domains = space.domains
        self._account = space.domains.account_id or SOME_ACCOUNT
        self._types: dict[int, tuple[Glob, ...]] = {}

    def proposals(
        self, action: int | str | None, true: int, false: int
    ) -> Iterator[Proposal] | Undecided:
        """Yield requests in a box, the likeliest first, or say why it has none.

        `action`: the index of one of the box's actions, or the name of one that the catalogue
        does not have; None for a space of named actions.
        """
        space = self._space
        values: dict[str, ContextValue] = {}
        callers: list[Caller] = []
        opaque: list[tuple[str, object]] = []
        for at in space.used(true, false):
            name = space.names[at]
            value = space.value(at, true, false)
            if isinstance(value, Undecided):
                if not isinstance(name, tuple) or value is not Undecided.VARIABLES:
                    return value
                opaque.append(name)
            elif isinstance(value, Caller):
                callers = [value]
            elif value is not None and isinstance(name, str):
                values[name] = value
        if space.callers is not None:
            if opaque:
                mask = space.masks[space.names.index(CALLER)]
                callers = space.callers.alternatives(true & mask, false & mask)
            elif not callers:
                callers = space.callers.alternatives(0, 0)[:1]
        return self._made(action, true, false, values, callers, opaque)

    def _made(
        self,
        action: int | str | None,
        true: int,
        false: int,
        values: dict[str, ContextValue],
        callers: Sequence[Caller],
        opaque: list[tuple[str, object]],
    ) -> Iterator[Proposal]:
        is_related = bool((true | false) & self._space.account_bits)
        for name, resource, own in self._actions(action, true, false, values):
            if self._space.callers is None:
                bases = [Proposal(self._witness(name, resource, values), own)]
            else:
                bases = [
                    Proposal(
                        self._witness_by(caller, name, resource, values, is_related=is_related),
                        own,
                        caller.is_unusual,
                    )
                    for caller in callers
                ]
            if not opaque:
                yield from bases
                continue
            guesses = [
                [replace(base, witness=guess) for guess in self._guesses(base.witness, opaque)]
                for base in bases
            ]
            # The first guess of each caller, then the second: all get their turn.
            for turn in zip_longest(*guesses):
                yield from (proposal for proposal in turn if proposal is not None)

    def _actions(
        self, action: int | str | None, true: int, false: int, values: Mapping[str, ContextValue]
    ) -> Iterator[tuple[str, str, bool]]:
        """Yield an action, a resource, and whether the one takes the other."""
        fallback = values.get(RESOURCE)
        if action is None:
            named = values.get(ACTION, SOME_UNLISTED_ACTION)
            if isinstance(named, str):
                yield named, fallback if isinstance(fallback, str) else "*", True
            return
        if isinstance(action, str):
            yield action, fallback if isinstance(fallback, str) else "*", True
            return
        resource = self._resource(self._resource_globs(action), true, false)
        if resource is not None:
            yield self._catalogue.names[action], resource, True
        elif isinstance(fallback, str):
            yield self._catalogue.names[action], fallback, False

    def _resource_globs(self, index: int) -> tuple[Glob, ...]:
        found = self._types.get(index)
        if found is None:
            types = self._catalogue.resource_types(index)
            required = [kind for kind, needed in types if needed] or [kind for kind, _ in types]
            arns = sorted((kind.arn for kind in required), key=len)
            found = tuple(_type_glob(arn, self._account) for arn in arns) or (
                string_glob((Literal("*"),)),
            )
            self._types[index] = found
        return found

    def _resource(self, globs: tuple[Glob, ...], true: int, false: int) -> str | None:
        """Return a resource of the box that one of an action's own types matches."""
        space = self._space
        at = next((at for at in space.used(true, false) if space.names[at] == RESOURCE), None)
        if at is None:
            return _example(globs[0])
        dimension = space.dimensions[at]
        if not isinstance(dimension, TextDimension):
            return None
        for glob in globs:
            example = _example(glob)
            if self._fits(dimension, example, true & space.masks[at], false & space.masks[at]):
                return example
        bit = dimension.atom(globs_leaf(globs, any_matches(globs)))
        space.masks[at] |= bit
        value = space.value(at, true | bit, false)
        return value if isinstance(value, str) else None

    def _fits(self, dimension: TextDimension, text: str, true: int, false: int) -> bool:
        for bits, holds in ((true, True), (false, False)):
            rest = bits
            while rest:
                low = rest & -rest
                rest ^= low
                if dimension.leaves[low].test(text) is not holds:
                    return False
        return True

    def _witness(self, action: str, resource: str, values: Mapping[str, ContextValue]) -> Witness:
        context = {
            key: value
            for key, value in values.items()
            if key not in (RESOURCE, ACTION) and not isinstance(value, Missing)
        }
        kind = context.get("aws:principaltype")
        form = _PRINCIPALS.get(kind) if isinstance(kind, str) else None
        if form is None:
            by_user = context.get("aws:username") or not permits_roles(action.lower())
            form = _PRINCIPALS["User"] if by_user else ""
        principal = "arn:aws:" + (form or "iam::{}:role/ExampleRole").format(self._account)
        named = context.pop("aws:principalarn", None)
        if isinstance(named, str):
            principal = named
        return Witness(principal, action, resource, None, context)

    def _witness_by(
        self,
        caller: Caller,
        action: str,
        resource: str,
        values: Mapping[str, ContextValue],
        *,
        is_related: bool,
    ) -> Witness:
        """Return a request by a caller for a resource of the account.

        `is_related`: a condition relates the caller, or whom it acts for, to that account.
        """
        given = {
            key: value
            for key, value in values.items()
            if key not in (RESOURCE, ACTION) and not isinstance(value, Missing)
        }
        context = {**self._organization_of(caller), **caller.context, **given}
        is_own, account_keys = caller.is_own, frozenset[str]()
        if is_related:
            is_own = parse_principal(caller.principal).account_id == self._account
            if context.get(SOURCE_ACCOUNT) == self._account:
                account_keys = frozenset({SOURCE_ACCOUNT})
        return Witness(
            caller.principal, action, resource, self._account, context, is_own, account_keys
        )

    def _organization_of(self, caller: Caller) -> dict[str, str]:
        """Return the ids of organizations that conditions read and that are known for sure."""
        callers = self._space.callers
        organization_id = callers.organization.organization_id if callers is not None else None
        if callers is None or organization_id is None:
            return {}
        found: dict[str, str] = {}
        if self._space.reads(RESOURCE_ORGANIZATION):
            found[RESOURCE_ORGANIZATION] = organization_id
        if self._space.reads(PRINCIPAL_ORGANIZATION):
            account_id = parse_principal(caller.principal).account_id
            if account_id == self._account or account_id in callers.organization:
                found[PRINCIPAL_ORGANIZATION] = organization_id
        return found

    def _guesses(self, base: Witness, opaque: list[tuple[str, object]]) -> Iterator[Witness]:
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
        """Yield changes to a request that bear on one condition or resource with variables."""
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
    texts: list[str] = []
    for parts in templates:
        if callable(lookup):
            pieces = resolve(parts, lookup)
            if not isinstance(pieces, Missing):
                texts.append(_example(string_glob(pieces)))
    return texts


def _example(glob: Glob) -> str:
    return "".join(
        token if isinstance(token, str) else ("1" if token in _SINGLE else "example")
        for token in glob.tokens
    )


_SINGLE: Final = frozenset({Wild.ONE, Wild.ONE_IN_PART})


def _type_glob(arn: str, account_id: str) -> Glob:
    """Return a resource type's pattern with this partition, and this account where it has one."""
    tokens: list[str | Wild] = []
    rest = arn.replace("${Partition}", "aws").replace("${Account}", account_id)
    rest = rest.replace("${Region}", "us-east-1")
    while rest:
        before, opening, after = rest.partition("${")
        if before:
            tokens.append(before)
        if opening:
            tokens.append(Wild.ANY)
            rest = after.partition("}")[2]
        else:
            rest = ""
    return Glob(tuple(tokens))
