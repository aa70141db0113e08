"""The resources that a pattern in usage stands for: one of each kind that policies distinguish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from policies.catalogue import Catalogue
from policies.comparison.text_leaves import globs_leaf
from policies.comparison.text_space import TextSpace
from policies.compiled import CompiledStatement
from policies.evaluation.requested_resource import (
    ANY,
    RequestedResource,
    any_resource,
    is_pattern,
    requested_resource,
)
from policies.language.meeting import globs_meet
from policies.language.patterns import Glob, any_matches, arn_glob
from policies.language.variables import Lookup
from policies.usage.chains import UsedAction

_MOST_KINDS: Final = 64
"""How many kinds of resources a pattern is divided into before it is given up."""

_NO_RESOURCE: Final = Glob((ANY,))
"""The text `*` itself, which an action on no resource is asked about."""

ResourceList = tuple[Glob, ...]
"""The values of a statement's Resource or NotResource."""


class ResourceSamples(NamedTuple):
    """A resource of each kind; not `complete` where further kinds may exist."""

    arns: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class UsedResource:
    """A record's resource. `patterns`: what it may be; None where it is `text` itself."""

    text: str
    patterns: RequestedResource | None
    globs: tuple[Glob, ...]

    def covered_by(self, statement: CompiledStatement, lookup: Lookup) -> bool | None:
        """Whether a statement covers all it may be, none of it (False), or some (None)."""
        if statement.resources is None:
            return True
        if self.patterns is None:
            return statement.covers_resource(self.text, lookup)
        return self.patterns.covered_by(statement)


ANY_RESOURCE: Final = UsedResource("*", None, ())
"""Stands for the resource where none is read."""


def used_resource(
    text: str, action: UsedAction, account_id: str | None, partition: str, catalogue: Catalogue
) -> UsedResource:
    """Return what a record's resource may be.

    `*` is itself for an action that works on no resource of its own. For any other it is not known
    which resource it was: any of the action's types, or none where AWS requires none.
    `account_id`: the resource's.
    """
    if text != "*":
        patterns = requested_resource(text) if is_pattern(text) else None
        return UsedResource(text, patterns, _globs(patterns))
    kinds = () if action.index is None else catalogue.resource_types(action.index)
    if action.index is None or not kinds:
        return UsedResource(text, None, ())
    patterns = any_resource(catalogue, action.index, partition)
    if account_id is not None:
        patterns = patterns.of_account(account_id)
    globs = _globs(patterns)
    if not any(required for _, required in kinds):
        patterns = RequestedResource(text, (*patterns.patterns, ANY))
        globs = (*globs, _NO_RESOURCE)
    return UsedResource(text, patterns, globs)


def _globs(patterns: RequestedResource | None) -> tuple[Glob, ...]:
    found = (arn_glob((text,)) for text in patterns.patterns) if patterns else ()
    return tuple(glob for glob in found if glob is not None)


@lru_cache(maxsize=65536)
def resource_samples(asked: tuple[Glob, ...], lists: tuple[ResourceList, ...]) -> ResourceSamples:
    """Return a resource for each way in which lists can have or lack what the patterns match."""
    space = TextSpace(domain=asked)
    open_lists = [item for item in lists if _may_divide(item, asked)]
    bits = [space.leaf_bit(globs_leaf(globs, any_matches(globs))) for globs in open_lists]
    kinds: list[tuple[int, int]] = [(0, 0)]
    for bit in dict.fromkeys(bits):
        kinds = [
            kind
            for true, false in kinds
            for kind in ((true | bit, false), (true, false | bit))
            if space.find(*kind) is not None
        ]
        if len(kinds) > _MOST_KINDS:
            return ResourceSamples((), False)
    found = [space.find(*kind) for kind in kinds]
    arns = tuple(text for text in found if isinstance(text, str))
    return ResourceSamples(arns, len(arns) == len(found))


def _may_divide(globs: ResourceList, asked: Sequence[Glob]) -> bool:
    """Whether a list may have some of the asked resources; it then may lack others."""
    return any(
        _begin_alike(one, other) and globs_meet(one, other) for one in globs for other in asked
    )


def _begin_alike(one: Glob, other: Glob) -> bool:
    first, second = one.tokens[:1], other.tokens[:1]
    if first and second and isinstance(first[0], str) and isinstance(second[0], str):
        return first[0].startswith(second[0]) or second[0].startswith(first[0])
    return True
