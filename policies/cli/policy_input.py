"""Reads what several commands take alike: a policy with its type, an organization."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from policies.cli.json_input import (
    BadInput,
    as_list,
    as_object,
    as_text,
    member,
    refuse_unknown,
)
from policies.evaluation.request import OrganizationIds
from policies.language.json_reader import JsonValue
from policies.language.policy_types import PolicyType


def read_policy_type(owner: dict[str, JsonValue]) -> PolicyType:
    """Return the input's `policy_type`.

    :raises BadInput: it has none, or AWS has no such type.
    """
    name = as_text(member(owner, "policy_type", "the input"), "policy_type")
    try:
        return PolicyType(name)
    except ValueError as error:
        known = ", ".join(sorted(PolicyType))
        raise BadInput(f'there is no policy type "{name}"; there are {known}') from error


def read_policy_text(value: JsonValue, what: str) -> str:
    """Return a policy's text: text as it is, an object as a console would show it.

    :raises BadInput: it is neither.
    """
    if isinstance(value, dict):
        return json.dumps(value, indent=2, ensure_ascii=False)
    return as_text(value, what)


def read_day(owner: dict[str, JsonValue], name: str) -> date | None:
    """Return an optional day, written like 2026-05-01.

    :raises BadInput: it is no day.
    """
    if name not in owner:
        return None
    text = as_text(owner[name], name)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f'{name}: "{text}" is not a day; write it like 2026-05-01') from error


def read_count(owner: dict[str, JsonValue], name: str) -> int | None:
    """Return an optional whole number, zero or more.

    :raises BadInput: it is none.
    """
    if name not in owner:
        return None
    value = owner[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadInput(f"{name} must be a whole number")
    return value


def read_texts(value: JsonValue, what: str) -> Sequence[str]:
    """Return a list of texts.

    :raises BadInput: it is none.
    """
    return [as_text(item, f"{what}[{at}]") for at, item in enumerate(as_list(value, what))]


def read_policies(owner: dict[str, JsonValue], name: str) -> list[str]:
    """Return the texts of a list of policies; none where the input has no such list.

    :raises BadInput: it is no list of policies.
    """
    found = as_list(owner.get(name, []), name)
    return [read_policy_text(item, f"{name}[{at}]") for at, item in enumerate(found)]


def organization_of(value: JsonValue) -> OrganizationIds | None:
    """Read `{"id": "o-…", "management_account_id": 12 digits}`; each may be null or left out.

    None for null: the organization is not known.

    :raises BadInput: it is no such object.
    """
    if value is None:
        return None
    given = as_object(value, '"organization"')
    refuse_unknown(given, frozenset({"id", "management_account_id"}), '"organization"')
    found = [
        None if given.get(name) is None else as_text(given[name], f'"organization"\'s "{name}"')
        for name in ("id", "management_account_id")
    ]
    return OrganizationIds(*found)
