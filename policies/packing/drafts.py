"""Statements while they are merged, and how they are written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace

from policies.compiled import CompiledCondition, CompiledStatement
from policies.coverage import resource_covers
from policies.language.document import (
    VERSION_WITH_VARIABLES,
    Condition,
    Effect,
    PrincipalElement,
    Statement,
)
from policies.packing.action_lists import exact_actions, without_covered

JsonText = str | list[str]
JsonStatement = dict[str, str | list[str] | dict[str, JsonText] | dict[str, dict[str, JsonText]]]


@dataclass(frozen=True)
class Draft:
    """A statement's parts as they will be written, with the compiled conditions as their meaning.

    `resources` is None where the statement has no such element.
    """

    sid: str | None
    effect: Effect
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...] | None
    not_resource: bool
    principals: tuple[PrincipalElement, ...] | None
    not_principal: bool
    conditions: tuple[Condition, ...]
    meaning: tuple[CompiledCondition, ...]

    @property
    def text(self) -> str:
        """The statement as minified JSON."""
        return json.dumps(_written(self), ensure_ascii=False, separators=(",", ":"))


def draft_of(statement: Statement, compiled: CompiledStatement, *, keep_sid: bool) -> Draft:
    """Take a statement into its draft, without what its lists say twice."""
    not_action = statement.actions is None
    not_resource = statement.not_resources is not None
    resources = statement.not_resources if not_resource else statement.resources
    not_principal = statement.not_principals is not None
    principals = statement.not_principals if not_principal else statement.principals
    return Draft(
        sid=statement.sid if keep_sid else None,
        effect=statement.effect,
        actions=exact_actions((statement.not_actions if not_action else statement.actions) or ()),
        not_action=not_action,
        resources=None if resources is None else without_covered(resources, _covers),
        not_resource=not_resource,
        principals=None if principals is None else tuple(dict.fromkeys(principals)),
        not_principal=not_principal,
        conditions=statement.conditions,
        meaning=compiled.conditions,
    )


def _covers(wide: str, narrow: str) -> bool:
    variable = "${" in wide or "${" in narrow
    return wide == narrow if variable else resource_covers(wide, narrow)


def merged(drafts: Iterable[Draft]) -> list[Draft]:
    """Merge statements that differ in one list only, until none are left that do.

    A statement applies where each of its parts does, so two that are equal but for one list apply
    together where one with both lists does. NotAction, NotResource and NotPrincipal are left.
    """
    found = list(drafts)
    while True:
        before = len(found)
        found = _join(found, _all_but_actions, _with_actions)
        found = _join(found, _all_but_resources, _with_resources)
        found = _join(found, _all_but_principals, _with_principals)
        if len(found) == before:
            return found


def _join(
    drafts: list[Draft],
    key_of: Callable[[Draft], Hashable | None],
    join: Callable[[list[Draft]], Draft],
) -> list[Draft]:
    groups: dict[Hashable, list[Draft]] = {}
    for position, draft in enumerate(drafts):
        key = key_of(draft)
        groups.setdefault(position if key is None else key, []).append(draft)
    return [group[0] if len(group) == 1 else join(group) for group in groups.values()]


def _all_but_actions(draft: Draft) -> Hashable | None:
    return (
        None if draft.not_action else (draft.effect, _resources(draft), _who(draft), _when(draft))
    )


def _with_actions(group: list[Draft]) -> Draft:
    actions = exact_actions([action for draft in group for action in draft.actions])
    return replace(group[0], actions=actions, sid=None)


def _all_but_resources(draft: Draft) -> Hashable | None:
    if draft.not_resource or draft.resources is None:
        return None
    actions = frozenset(action.lower() for action in draft.actions)
    return (draft.effect, draft.not_action, actions, _who(draft), _when(draft))


def _with_resources(group: list[Draft]) -> Draft:
    listed = [resource for draft in group for resource in draft.resources or ()]
    return replace(group[0], resources=without_covered(listed, _covers), sid=None)


def _all_but_principals(draft: Draft) -> Hashable | None:
    if draft.not_principal or draft.principals is None:
        return None
    actions = frozenset(action.lower() for action in draft.actions)
    return (draft.effect, draft.not_action, actions, _resources(draft), _when(draft), "principals")


def _with_principals(group: list[Draft]) -> Draft:
    named = dict.fromkeys(who for draft in group for who in draft.principals or ())
    everybody = PrincipalElement("*", "*")
    return replace(
        group[0], principals=(everybody,) if everybody in named else tuple(named), sid=None
    )


def _resources(draft: Draft) -> Hashable:
    return (draft.not_resource, None if draft.resources is None else frozenset(draft.resources))


def _who(draft: Draft) -> Hashable:
    named = None if draft.principals is None else frozenset(draft.principals)
    return (draft.not_principal, named)


def _when(draft: Draft) -> Hashable:
    return frozenset(draft.meaning)


def halves(draft: Draft) -> tuple[Draft, Draft] | None:
    """Split a statement in two that apply together where it does; None if it has no such list."""
    if not draft.not_action and len(draft.actions) > 1:
        middle = len(draft.actions) // 2
        return (
            replace(draft, actions=draft.actions[:middle]),
            replace(draft, actions=draft.actions[middle:], sid=None),
        )
    if not draft.not_resource and draft.resources is not None and len(draft.resources) > 1:
        middle = len(draft.resources) // 2
        return (
            replace(draft, resources=draft.resources[:middle]),
            replace(draft, resources=draft.resources[middle:], sid=None),
        )
    return None


def policy_text(statements: Iterable[str], *, expands_variables: bool) -> str:
    """Write a policy of minified statements."""
    listed = list(statements)
    body = listed[0] if len(listed) == 1 else f"[{','.join(listed)}]"
    version = VERSION_WITH_VARIABLES if expands_variables else "2008-10-17"
    return f'{{"Version":"{version}","Statement":{body}}}'


def _written(draft: Draft) -> JsonStatement:
    written: JsonStatement = {}
    if draft.sid is not None:
        written["Sid"] = draft.sid
    written["Effect"] = draft.effect.value
    if draft.principals is not None:
        name = "NotPrincipal" if draft.not_principal else "Principal"
        written[name] = _principals(draft.principals)
    written["NotAction" if draft.not_action else "Action"] = _listed(draft.actions)
    if draft.resources is not None:
        written["NotResource" if draft.not_resource else "Resource"] = _listed(draft.resources)
    if draft.conditions:
        written["Condition"] = _conditions(draft.conditions)
    return written


def _listed(texts: Iterable[str]) -> JsonText:
    found = list(texts)
    return found[0] if len(found) == 1 else found


def _principals(principals: tuple[PrincipalElement, ...]) -> str | dict[str, JsonText]:
    if any(principal.kind == "*" for principal in principals):
        return "*"
    kinds: dict[str, list[str]] = {}
    for principal in principals:
        kinds.setdefault(principal.kind, []).append(principal.value)
    return {kind: _listed(values) for kind, values in kinds.items()}


def _conditions(conditions: tuple[Condition, ...]) -> dict[str, dict[str, JsonText]]:
    blocks: dict[str, dict[str, JsonText]] = {}
    for condition in conditions:
        values = _listed(dict.fromkeys(condition.values))
        blocks.setdefault(condition.written_operator, {})[condition.key] = values
    return blocks
