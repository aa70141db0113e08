"""What differs between two texts of a management policy: settings, whatever their layout."""

from __future__ import annotations

from dataclasses import dataclass

from policies.language.document import ManagementPolicy
from policies.language.policy_types import PolicyType

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting that differs. `path`: names from the root element to the `@@` operator.

    `before`, `after`: its values, None where the policy does not have the setting.
    """

    path: Steps
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None


def setting_changes(before: ManagementPolicy, after: ManagementPolicy) -> tuple[SettingChange, ...]:
    """Return the settings that differ, in the order of the texts; none: both mean the same.

    The order of a list's values makes no difference, nor, as AWS has it for tag policies
    (Organizations user guide, "Tag policy syntax"), the case of their keys.
    """
    was, becomes = _settings(before), _settings(after)
    found = []
    for key in dict.fromkeys((*was, *becomes)):
        old, new = was.get(key), becomes.get(key)
        if old is None or new is None or sorted(old[1]) != sorted(new[1]):
            path = (new or old or ((), ()))[0]
            found.append(SettingChange(path, old and old[1], new and new[1]))
    return tuple(found)


def _settings(policy: ManagementPolicy) -> dict[Steps, tuple[Steps, tuple[str, ...]]]:
    ignores_case = policy.policy_type is PolicyType.TAG_POLICY
    found = {}
    for written, values in policy.settings:
        path = tuple(str(step) for step in written)
        key = tuple(step.lower() for step in path) if ignores_case else path
        found[key] = (path, values)
    return found
