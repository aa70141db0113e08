"""Denies by a missing request tag that also hit resources which exist already.

EC2 asks about every resource that a create action touches, and only those it creates carry the
request's tags. On the others aws:RequestTag and aws:TagKeys are missing, so a condition that holds
without the key denies each such call. Which types an action creates is in `created_resources.json`.

Source: EC2 user guide, "Grant permission to tag Amazon EC2 resources during creation" and "Example
policies … Tag resources"; Service Authorization Reference, "Amazon EC2".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict, cast

from policies.catalogue import ResourceType, is_key
from policies.compiled import CompiledCondition, CompiledStatement
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import Effect
from policies.language.json_reader import shown
from policies.lint.finding import LintFinding
from policies.lint.keys import find_key
from policies.lint.reach import arn_of, names_type, reaching_values
from policies.lint.subject import LintSubject, some_names

_TAG_KEYS: Final = ("aws:requesttag/", "aws:tagkeys")


class _CreatingAction(TypedDict):
    action: str
    creates: list[str]


@lru_cache(maxsize=1)
def created_resources() -> dict[str, tuple[str, ...]]:
    """Return the resource types that an action creates, by the action, in lower case."""
    text = resources.files("policies.lint").joinpath("created_resources.json").read_text("utf-8")
    rows = cast(list[_CreatingAction], json.loads(text)["actions"])
    return {row["action"].lower(): tuple(row["creates"]) for row in rows}


def check_request_tags(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield the denies that no tag in the request avoids."""
    for index, _, compiled in subject.statements():
        if compiled.effect is not Effect.DENY or compiled.not_action:
            continue
        tags = [c for c in compiled.conditions if c.key.startswith(_TAG_KEYS)]
        if not tags or not all(c.holds(_absent) is True for c in tags):
            continue
        hit = {
            action: found
            for action, creates in created_resources().items()
            if (found := _existing(subject, compiled, action, creates))
        }
        if hit:
            path = subject.condition_path(index, tags[0].key)
            yield subject.warning(
                "request_tag_on_existing_resource",
                _message(subject, hit, shown(str(path[-1]))),
                path,
                index,
            )


def _existing(
    subject: LintSubject, compiled: CompiledStatement, action: str, creates: tuple[str, ...]
) -> dict[ResourceType, tuple[str, ...]]:
    """Return what a creating action touches and the deny hits, with the Resource values by which.

    Without values: every resource of the type. A type that only some calls touch counts where a
    value names it.
    """
    at = subject.catalogue.index_of.get(action)
    if at is None or not compiled.action_bits >> at & 1:
        return {}
    found: dict[ResourceType, tuple[str, ...]] = {}
    for kind, required in subject.catalogue.resource_types(at):
        values = None if kind.name in creates else reaching_values(compiled, kind)
        if values is None or not _conditions_may_hold(subject, at, kind, compiled):
            continue
        naming = tuple(v for v in compiled.resources or () if names_type(kind, v))
        if required or naming:
            found[kind] = values or (() if required else naming)
    return found


def _message(
    subject: LintSubject, hit: dict[str, dict[ResourceType, tuple[str, ...]]], key: str
) -> str:
    catalogue = subject.catalogue
    actions = [catalogue.names[catalogue.index_of[action]] for action in hit]
    whom = actions[0] if len(hit) == 1 else f"{len(hit)} actions ({some_names(actions, shown=3)})"
    ways = [values for kinds in hit.values() for values in kinds.values()]
    where = ""
    if all(ways):
        values = dict.fromkeys(value for values in ways for value in values)
        where = f" on {some_names(map(shown, values), shown=2)}"
    existing = dict.fromkeys(kind.name for kinds in hit.values() for kind in kinds)
    they = (
        "exist already and never carry" if len(existing) > 1 else "exists already and never carries"
    )
    created = dict.fromkeys(
        arn_of(kind)
        for action in hit
        for kind, _ in catalogue.resource_types(catalogue.index_of[action])
        if kind.name in created_resources()[action]
    )
    return (
        f"This denies every call of {whom}{where}, tagged or not: {some_names(existing)} {they} "
        f"{key}. Name the resources that are created: {some_names(created, shown=3)}."
    )


def _conditions_may_hold(
    subject: LintSubject, at: int, kind: ResourceType, compiled: CompiledStatement
) -> bool:
    """Whether the conditions may hold for an action on a resource of a type, tags left out."""
    return all(
        condition.key.startswith(_TAG_KEYS) or _may_hold(subject, at, kind, condition)
        for condition in compiled.conditions
    )


def _may_hold(
    subject: LintSubject, at: int, kind: ResourceType, condition: CompiledCondition
) -> bool:
    facts = find_key(subject.catalogue, condition.key)
    own = (key.name for key in subject.catalogue.own_condition_keys(at))
    supplied = (
        facts is None
        or facts.is_global
        or any(is_key(name, condition.key) for name in (*kind.condition_keys, *own))
    )
    return supplied or condition.holds(_absent) is not False


def _absent(_: str) -> ContextValue:
    return ABSENT
