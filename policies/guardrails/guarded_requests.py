"""Requests for the boxes of a guardrail, on resources that their actions take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from policies.catalogue import ResourceType
from policies.comparison.callers import RESOURCE_ACCOUNT, ResourceCaller
from policies.comparison.dimensions import TextDimension
from policies.comparison.reasons import Undecided
from policies.comparison.space import RESOURCE, Space
from policies.comparison.text_leaves import globs_leaf
from policies.comparison.variable_guesses import example_of
from policies.comparison.witness import Proposal, Witness
from policies.comparison.witness_maker import WitnessMaker
from policies.language.conditions.values import ContextValue
from policies.language.patterns import Glob, Literal, Wild, any_matches, string_glob
from policies.resource_arns import arn_pattern

_PROPOSALS_TRIED: Final = 64
_ACCOUNT = re.compile(r"\d{12}")
_NAMES_WITHOUT_COLON: Final = ("${BucketName}", "${QueueName}", "${TopicName}")
_USUAL_REGION: Final = "us-east-1"
_ONLY_STAR: Final = string_glob((Literal("*"),))


class GuardedRequests(WitnessMaker):
    """Makes requests for the boxes of one space.

    `elsewhere`: the account whose the resources are, where they are not the space's account's;
    it stands for any other. `any_type`: every type of resource that an action takes counts, not
    just those that it requires. `known`: values of keys that every request has, by lower-case key.
    """

    def __init__(
        self,
        space: Space,
        partition: str,
        *,
        elsewhere: str | None,
        any_type: bool,
        known: Mapping[str, str],
    ) -> None:
        super().__init__(space, resource_account_id=elsewhere, partition=partition)
        self._any_type = any_type
        self._context = known
        self._known: dict[tuple[int, int, int], list[Proposal] | Undecided] = {}
        self._exact: dict[int, tuple[tuple[Glob, ...], ...]] = {}
        self._problems: list[Undecided] = []

    def of_action(self, index: int, true: int, false: int) -> list[Proposal] | Undecided:
        """Return requests of one action in a box, the likeliest first; none: there are none."""
        key = (index, true, false)
        found = self._known.get(key)
        if found is None:
            self._problems.clear()
            made = self.proposals(index, true, false)
            found = made if isinstance(made, Undecided) else list(islice(made, _PROPOSALS_TRIED))
            if not found and self._problems:
                found = self._problems[0]
            self._known[key] = found
        return found

    def _actions(
        self, action: int | str | None, true: int, false: int, values: Mapping[str, ContextValue]
    ) -> Iterator[tuple[str, str, bool]]:
        """Yield an action with a resource that it takes; nothing if the box has none."""
        if not isinstance(action, int):
            raise TypeError("a guardrail is about actions of the catalogue")
        resource = self._own_resource(action, true, false)
        if resource is not None:
            yield self._catalogue.names[action], resource, True

    def _witness(self, action: str, resource: str, values: Mapping[str, ContextValue]) -> Witness:
        return self._completed(super()._witness(action, resource, values))

    def _witness_by(
        self,
        caller: ResourceCaller,
        action: str,
        resource: str,
        values: Mapping[str, ContextValue],
        *,
        is_related: bool,
    ) -> Witness:
        made = super()._witness_by(caller, action, resource, values, is_related=is_related)
        return self._completed(made)

    def _completed(self, witness: Witness) -> Witness:
        """Return a request with the keys that every one has, and whose the resource is."""
        owner = witness.resource_account_id
        if self._elsewhere is not None:
            named = witness.context.get(RESOURCE_ACCOUNT)
            in_arn = witness.resource.split(":", 5)[4:5]
            owner = named if isinstance(named, str) else self._elsewhere
            if in_arn and _ACCOUNT.fullmatch(in_arn[0]) and not isinstance(named, str):
                owner = in_arn[0]
        return replace(
            witness, context={**self._context, **witness.context}, resource_account_id=owner
        )

    def _own_resource(self, index: int, true: int, false: int) -> str | None:
        """Return a resource of a box that an action takes; None if there is none."""
        likely = [example_of(glob) for glob in self._resource_globs(index)]
        used = self._space.used(true, false)
        at = next((at for at in used if self._space.names[at] == RESOURCE), None)
        if at is None:
            return likely[0]
        dimension, mask = self._space.dimensions[at], self._space.masks[at]
        if not isinstance(dimension, TextDimension):
            return None
        for text in likely:
            if self._fits(dimension, text, true & mask, false & mask):
                return text
        for globs in self._exact_globs(index):
            bit = dimension.atom(globs_leaf(globs, any_matches(globs)))
            self._space.masks[at] |= bit
            value = self._space.value(at, true | bit, false)
            if isinstance(value, Undecided):
                self._problems.append(value)
            elif isinstance(value, str):
                return value
        return None

    def _exact_globs(self, index: int) -> tuple[tuple[Glob, ...], ...]:
        """Return what an action's resources can be: of one usual region, then of all."""
        found = self._exact.get(index)
        if found is None:
            types = self._catalogue.resource_types(index)
            required = [kind for kind, needed in types if needed]
            counted = [kind for kind, _ in types] if self._any_type or not required else required
            usual = [self._of_type(kind, _USUAL_REGION) for kind in counted]
            every = [self._of_type(kind, None) for kind in counted]
            if not required:
                every.append(_ONLY_STAR)
            found = self._exact[index] = (tuple(usual), tuple(every))
        return found

    def _of_type(self, kind: ResourceType, region: str | None) -> Glob:
        arn = kind.arn.replace("${Partition}", self._partition)
        if self._elsewhere is None:
            arn = arn.replace("${Account}", self._account)
        if region is not None:
            arn = arn.replace("${Region}", region)
        glob = arn_pattern(ResourceType(kind.service, kind.name, arn, ()))
        if not arn.split(":", 5)[-1].startswith(_NAMES_WITHOUT_COLON):
            return glob
        # The name comes first; what follows it, such as an object's key, may be any text.
        at = glob.tokens.index(Wild.ANY)
        return Glob((*glob.tokens[:at], Wild.PART, *glob.tokens[at + 1 :]))
