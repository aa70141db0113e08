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
        hit: dict[str, tuple[list[ResourceType], list[ResourceType]]] = {}
        for action, creates in created_resources().items():
            at = subject.catalogue.index_of.get(action)
            if at is None or not compiled.action_bits >> at & 1:
                continue
            kinds = subject.catalogue.resource_types(at)
            kinds_by_name = {kind.name: kind for kind, _ in kinds}
            existing = [
                kind for kind, required in kinds
                if required and kind.name not in creates and _applies(subject, compiled, at, kind)
            ]  # fmt: skip
            if existing:
                created = [kinds_by_name[name] for name in creates]
                hit[subject.catalogue.names[at]] = (existing, created)
        if hit:
            path = subject.condition_path(index, tags[0].key)
            yield subject.warning(
                "request_tag_on_existing_resource",
                _message(hit, shown(str(path[-1]))),
                path,
                index,
            )


def _message(hit: dict[str, tuple[list[ResourceType], list[ResourceType]]], key: str) -> str:
    existing = dict.fromkeys(kind.name for kinds, _ in hit.values() for kind in kinds)
    arns = dict.fromkeys(_arn(kind) for _, made in hit.values() for kind in made)
    whom = next(iter(hit)) if len(hit) == 1 else f"{len(hit)} actions ({some_names(hit, shown=3)})"
    they = (
        "exist already and never carry" if len(existing) > 1 else "exists already and never carries"
    )
    return (
        f"This denies every call of {whom}, tagged or not: {some_names(existing)} {they} {key}. "
        f"Name the resources that are created: {some_names(arns, shown=3)}."
    )


def _arn(kind: ResourceType) -> str:
    return kind.pattern.replace("arn:*:", "arn:aws:", 1)


def _applies(
    subject: LintSubject, compiled: CompiledStatement, at: int, kind: ResourceType
) -> bool:
    """Whether the statement applies to an action on some resource of a type, tags left out."""
    covers = compiled.fixed_resource_test
    if compiled.resources is not None and (covers is None or not covers(_arn(kind))):
        return False
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
