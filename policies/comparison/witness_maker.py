"""Makes requests for a box: a value in each dimension, realistic where that is possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from policies.comparison.caller_domains import SOME_ACCOUNT
from policies.comparison.callers import (
    PRINCIPAL_ORGANIZATION,
    RESOURCE_ORGANIZATION,
    SOURCE_ACCOUNT,
    ResourceCaller,
)
from policies.comparison.dimensions import TextDimension
from policies.comparison.domains import Domains
from policies.comparison.reasons import Undecided
from policies.comparison.space import ACTION, CALLER, RESOURCE, Space
from policies.comparison.text_leaves import globs_leaf
from policies.comparison.unlisted_actions import SOME_UNLISTED_ACTION
from policies.comparison.variable_guesses import VariableGuesses, example_of
from policies.comparison.witness import Proposal, Witness
from policies.evaluation.aws_rules import RuleKind, permits_roles, rules_of_action
from policies.evaluation.principal import parse_principal
from policies.language.conditions.values import ContextValue, Missing
from policies.language.patterns import Glob, Literal, Wild, any_matches, string_glob

_PRINCIPALS: Final = {
    "User": "iam::{}:user/ExampleUser",
    "Account": "iam::{}:root",
    "FederatedUser": "sts::{}:federated-user/ExampleUser",
}


class WitnessMaker:
    """Makes requests for the boxes of one space.

    `resource_account_id`: whose the resources are, where that is another account than the space's.
    """

    def __init__(
        self, space: Space, *, resource_account_id: str | None = None, partition: str = "aws"
    ) -> None:
        self._space = space
        self._catalogue = space.catalogue
        self._domains: Domains = space.domains
        self._account = space.domains.account_id or SOME_ACCOUNT
        self._elsewhere = resource_account_id
        self._partition = partition
        self._guesses = VariableGuesses(space.domains, self._account)
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
        callers: list[ResourceCaller] = []
        opaque: list[tuple[str, object]] = []
        for at in space.used(true, false):
            name = space.names[at]
            value = space.value(at, true, false)
            if isinstance(value, Undecided):
                if not isinstance(name, tuple) or value is not Undecided.VARIABLES:
                    return value
                opaque.append(name)
            elif isinstance(value, ResourceCaller):
                callers = [value]
            elif value is not None and isinstance(name, str):
                values[name] = value
        if space.callers is not None:
            mask = space.masks[space.names.index(CALLER)] if opaque or callers else 0
            if opaque:
                callers = space.callers.alternatives(true & mask, false & mask)
            elif callers and self._refuses_some(action):
                callers += space.callers.alternatives(true & mask, false & mask)
            elif not callers:
                callers = space.callers.alternatives(0, 0)[:1]
        return self._made(action, true, false, values, callers, opaque)

    def _refuses_some(self, action: int | str | None) -> bool:
        """Whether AWS never permits an action to some callers, so that others are to be tried."""
        if not isinstance(action, int):
            return False
        rules = rules_of_action(self._catalogue.lower_names[action])
        return any(rule.kind is RuleKind.NEVER_PERMITTED for rule in rules)

    def _made(
        self,
        action: int | str | None,
        true: int,
        false: int,
        values: dict[str, ContextValue],
        callers: Sequence[ResourceCaller],
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
                [replace(base, witness=guess) for guess in self._guesses.of(base.witness, opaque)]
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
        resource = self._resource(action, true, false)
        if isinstance(resource, str):
            yield self._catalogue.names[action], resource, True
        elif isinstance(fallback, str):
            yield self._catalogue.names[action], fallback, False

    def _resource_globs(self, index: int) -> tuple[Glob, ...]:
        found = self._types.get(index)
        if found is None:
            types = self._catalogue.resource_types(index)
            required = [kind for kind, needed in types if needed] or [kind for kind, _ in types]
            arns = sorted((kind.arn for kind in required), key=len)
            account_id = self._elsewhere or self._account
            found = tuple(_type_glob(arn, account_id, self._partition) for arn in arns) or (
                string_glob((Literal("*"),)),
            )
            self._types[index] = found
        return found

    def _searched_globs(self, index: int) -> tuple[tuple[Glob, ...], ...]:
        """Return what an action's resources can be; each in turn is searched for one of a box."""
        return (self._resource_globs(index),)

    def _resource(self, index: int, true: int, false: int) -> str | Undecided | None:
        """Return a resource of the box that an action takes, likely ones first.

        None where there is none; the reason where a search found none and none is ruled out.
        """
        space, likely = self._space, self._resource_globs(index)
        at = next((at for at in space.used(true, false) if space.names[at] == RESOURCE), None)
        if at is None:
            return example_of(likely[0])
        dimension, mask = space.dimensions[at], space.masks[at]
        if not isinstance(dimension, TextDimension):
            return None
        for glob in likely:
            example = example_of(glob)
            if self._fits(dimension, example, true & mask, false & mask):
                return example
        undecided: Undecided | None = None
        for globs in self._searched_globs(index):
            bit = dimension.atom(globs_leaf(globs, any_matches(globs)))
            space.masks[at] |= bit
            value = space.value(at, true | bit, false)
            if isinstance(value, str):
                return value
            if isinstance(value, Undecided):
                undecided = undecided or value
        return undecided

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
        form = form or "iam::{}:role/ExampleRole"
        principal = f"arn:{self._partition}:{form.format(self._account)}"
        named = context.pop("aws:principalarn", None)
        if isinstance(named, str):
            principal = named
        return Witness(principal, action, resource, self._elsewhere, context)

    def _witness_by(
        self,
        caller: ResourceCaller,
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

    def _organization_of(self, caller: ResourceCaller) -> dict[str, str]:
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


def _type_glob(arn: str, account_id: str, partition: str) -> Glob:
    """Return a resource type's pattern with a partition, and an account where it has one."""
    tokens: list[str | Wild] = []
    rest = arn.replace("${Partition}", partition).replace("${Account}", account_id)
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
