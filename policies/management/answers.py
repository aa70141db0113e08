"""AWS's own answer of what policies amount to, setting by setting, beside what operators give."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.language.json_reader import JsonValue
from policies.language.policy_types import PolicyType
from policies.management.effective import ComputedEffectivePolicy, Steps, setting_key

_ACCOUNT: Final = "$account"


@dataclass(frozen=True, slots=True)
class AwsSetting:
    """A setting of an effective policy as AWS wrote it; values as text."""

    path: Steps
    values: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class SettingMismatch:
    """A setting that AWS gives otherwise than the operators do. None: it is not set there."""

    path: Steps
    aws: tuple[str, ...] | None
    computed: tuple[str, ...] | None


@lru_cache(maxsize=4096)
def aws_settings(text: str) -> tuple[AwsSetting, ...] | None:
    """Return the settings of a DescribeEffectivePolicy answer, None where it is no JSON object."""
    try:
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    return tuple(_leaves(document, ()))


def _leaves(node: Mapping[str, JsonValue], path: Steps) -> Iterator[AwsSetting]:
    for name, value in node.items():
        at = (*path, name)
        if isinstance(value, dict):
            yield from _leaves(value, at)
        elif isinstance(value, list):
            yield AwsSetting(at, tuple(_text(each) for each in value), True)
        else:
            yield AwsSetting(at, (_text(value),), False)


def _text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def differences(
    computed: ComputedEffectivePolicy, given: tuple[AwsSetting, ...], *, account_id: str
) -> tuple[SettingMismatch, ...]:
    """Return where AWS's answer for an account is not what the operators give, in AWS's order.

    The order of a list's values means nothing. A value whose choice hangs on an order of
    attachment that is not known is AWS's to say and no difference. `account_id`: the account that
    AWS was asked for, which `$account` in a value stands for.
    """
    kind = computed.policy_type
    ours = {setting_key(kind, each.path): each for each in computed.settings}
    theirs = {setting_key(kind, each.path): each for each in given if each.values}
    found = []
    for key, setting in theirs.items():
        own = ours.get(key)
        if own is None:
            found.append(SettingMismatch(setting.path, setting.values, None))
        elif own.is_certain and not _same(own.values, setting.values, account_id):
            found.append(SettingMismatch(setting.path, setting.values, own.values))
    found += [
        SettingMismatch(own.path, None, own.values)
        for key, own in ours.items()
        if key not in theirs
    ]
    return tuple(found)


def _same(computed: tuple[str, ...], given: tuple[str, ...], account_id: str) -> bool:
    if sorted(computed) == sorted(given):
        return True
    filled = sorted(value.replace(_ACCOUNT, account_id) for value in computed)
    return filled == sorted(given)


Outcome = frozenset[tuple[Steps, tuple[str, ...]]]
"""What settings come to, equal for policies that mean the same."""


def outcome(policy_type: PolicyType, settings: Iterable[tuple[Steps, tuple[str, ...]]]) -> Outcome:
    """Return what settings, each by its path, come to."""
    return frozenset(
        (setting_key(policy_type, path), tuple(sorted(values))) for path, values in settings
    )


@lru_cache(maxsize=4096)
def aws_outcome(policy_type: PolicyType, text: str) -> Outcome | None:
    """Return what AWS's answer comes to, None where it is no JSON object."""
    given = aws_settings(text)
    if given is None:
        return None
    return outcome(policy_type, ((one.path, one.values) for one in given if one.values))
