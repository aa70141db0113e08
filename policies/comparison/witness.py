"""A concrete request for a box: a value in each dimension, realistic where that is possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final

from policies.catalogue import Catalogue
from policies.comparison.dimensions import TextDimension
from policies.comparison.domains import Domains
from policies.comparison.reasons import Undecided
from policies.comparison.space import ACTION, RESOURCE, Space
from policies.comparison.text_leaves import globs_leaf
from policies.comparison.unlisted_actions import SOME_UNLISTED_ACTION
from policies.compiled import CompiledCondition
from policies.context_keys import spelled
from policies.evaluation.aws_rules import permits_roles
from policies.language.conditions.values import ABSENT, ContextValue, Missing
from policies.language.document import Operator
from policies.language.patterns import Glob, Literal, Wild, any_matches, string_glob
from policies.language.policy_types import PolicyType
from policies.language.variables import Template, resolve

SOME_ACCOUNT: Final = "111122223333"
OTHER_ACCOUNT: Final = "444455556666"
_GUESSES_TRIED: Final = 64
_PRINCIPALS: Final = {
    "User": "iam::{}:user/ExampleUser",
    "Account": "iam::{}:root",
    "FederatedUser": "sts::{}:federated-user/ExampleUser",
}


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """One request. `context` holds lower-case keys; a key that is not there is absent."""

    principal: str
    action: str
    resource: str
    resource_account_id: str | None
    context: Mapping[str, str | tuple[str, ...]]

    def for_account(self, was: str, account_id: str) -> Witness:
        """Return the same request with another account in the place of `was`."""
        if was == account_id:
            return self
        return Witness(
            self.principal.replace(was, account_id),
            self.action,
            self.resource.replace(was, account_id),
            account_id if self.resource_account_id == was else self.resource_account_id,
            {
                key: value.replace(was, account_id) if key == "aws:principalaccount" else value
                for key, value in self.context.items()
                if isinstance(value, str)
            }
            | {key: value for key, value in self.context.items() if not isinstance(value, str)},
        )

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
    """A request to confirm. `own_resource`: its resource is of a type that its action takes."""

    witness: Witness
    own_resource: bool

    def of_account(self, was: str, account_id: str) -> Iterator[Proposal]:
        """Yield the same request by another account's principal, the resource its own or not."""
        own = self.witness.for_account(was, account_id)
        yield Proposal(own, self.own_resource)
        if own.resource != self.witness.resource:
            yield Proposal(replace(own, resource=self.witness.resource), self.own_resource)


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
        opaque: list[tuple[str, object]] = []
        for at in space.used(true, false):
            name = space.names[at]
            value = space.value(at, true, false)
            if isinstance(value, Undecided):
                if not isinstance(name, tuple) or value is not Undecided.VARIABLES:
                    return value
                opaque.append(name)
            elif value is not None and isinstance(name, str):
                values[name] = value
        return self._made(action, true, false, values, opaque)

    def _made(
        self,
        action: int | str | None,
        true: int,
        false: int,
        values: dict[str, ContextValue],
        opaque: list[tuple[str, object]],
    ) -> Iterator[Proposal]:
        for name, resource, own in self._actions(action, true, false, values):
            base = self._witness(name, resource, values)
            if not opaque:
                yield Proposal(base, own)
                continue
            for guess in self._guesses(base, opaque):
                yield Proposal(guess, own)

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
        controls_resources = self._domains.policy_type is PolicyType.RESOURCE_CONTROL_POLICY
        account = OTHER_ACCOUNT if controls_resources else self._account
        kind = context.get("aws:principaltype")
        form = _PRINCIPALS.get(kind) if isinstance(kind, str) else None
        if form is None:
            by_user = context.get("aws:username") or not permits_roles(action.lower())
            form = _PRINCIPALS["User"] if by_user else ""
        principal = "arn:aws:" + (form or "iam::{}:role/ExampleRole").format(account)
        named = context.pop("aws:principalarn", None)
        if isinstance(named, str):
            principal = named
        return Witness(
            principal,
            action,
            resource,
            self._account if controls_resources else None,
            context,
        )

    def _guesses(self, base: Witness, opaque: list[tuple[str, object]]) -> Iterator[Witness]:
        """Yield requests that may make conditions with variables true or false as wanted."""
        choices = [list(self._changes(base, kind, what)) for kind, what in opaque]
        for combination in islice(product(*choices), _GUESSES_TRIED):
            context = dict(base.context)
            resource = base.resource
            for changes in combination:
                for key, value in changes.items():
                    if key == RESOURCE:
                        resource = value if isinstance(value, str) else resource
                    elif isinstance(value, Missing):
                        context.pop(key, None)
                    else:
                        context[key] = value
            yield replace(base, context=context, resource=resource)

    def _changes(self, base: Witness, kind: str, what: object) -> Iterator[dict[str, ContextValue]]:
        """Yield changes to a request that bear on one condition or resource with variables."""
        known = {**base.context, "aws:principalarn": base.principal}
        known.setdefault("aws:principalaccount", self._account)
        given: dict[str, ContextValue] = {}

        def lookup(key: str) -> ContextValue:
            value = known.get(key)
            if value is None:
                value = given[key] = "example"
            return value if isinstance(value, str) else ABSENT

        if isinstance(what, CompiledCondition):
            filled = _filled(what.templates, lookup, what.operator is Operator.STRING_LIKE)
            yield {}
            for text in filled:
                yield {**given, what.key: text}
            yield {**given, what.key: "another"}
            yield {what.key: ABSENT}
            yield dict.fromkeys(what.variable_keys, ABSENT)
        elif isinstance(what, tuple) and kind == RESOURCE:
            yield {}
            for text in _filled(what, lookup, True):
                yield {**given, RESOURCE: text}
            yield {RESOURCE: "arn:aws:another:::resource"}


def _filled(templates: tuple[Template, ...], lookup: object, wildcards: bool) -> list[str]:
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
