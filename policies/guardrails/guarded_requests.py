"""Requests for the boxes of a guardrail, on resources that their actions take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from policies.catalogue import ResourceType
from policies.comparison.callers import RESOURCE_ACCOUNT, ResourceCaller
from policies.comparison.reasons import Undecided
from policies.comparison.space import Space
from policies.comparison.witness import Proposal, Witness
from policies.comparison.witness_maker import WitnessMaker
from policies.language.conditions.values import ContextValue
from policies.language.patterns import Glob, Literal, Wild, string_glob
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

    def of_action(self, index: int, true: int, false: int) -> list[Proposal] | Undecided:
        """Return requests of one action in a box, the likeliest first; none: there are none."""
        key = (index, true, false)
        found = self._known.get(key)
        if found is None:
            made = self.proposals(index, true, false)
            found = made if isinstance(made, Undecided) else list(islice(made, _PROPOSALS_TRIED))
            if not found:
                resource = self._resource(index, true, false)
                found = resource if isinstance(resource, Undecided) else found
            self._known[key] = found
        return found

    def _actions(
        self, action: int | str | None, true: int, false: int, values: Mapping[str, ContextValue]
    ) -> Iterator[tuple[str, str, bool]]:
        """Yield an action with a resource that it takes; nothing if the box has none."""
        if not isinstance(action, int):
            raise TypeError("a guardrail is about actions of the catalogue")
        resource = self._resource(action, true, false)
        if isinstance(resource, str):
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

    def _searched_globs(self, index: int) -> tuple[tuple[Glob, ...], ...]:
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
