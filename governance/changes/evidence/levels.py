"""How much each kind of finding weighs: the defaults, and what an organization sets instead.

Content of the setting "check levels": an object from a finding's code to `advisory`, `soft` or
`hard`. What it does not name keeps its default. Some codes are hard whatever is set.
"""

from collections.abc import Mapping
from typing import Final

from governance.approvals.models import SettingVersion
from governance.approvals.settings import active_setting
from governance.changes.evidence.findings import CheckLevel
from inventory.models import Connection

_ADVISORY, _SOFT, _HARD = CheckLevel.ADVISORY, CheckLevel.SOFT, CheckLevel.HARD

DEFAULT_LEVELS: Final[Mapping[str, CheckLevel]] = {
    # What AWS refuses, or what cannot be planned.
    "operation_refused": _HARD,
    "plan_refused": _HARD,
    "policy_refused": _HARD,
    "size": _HARD,
    "slots": _HARD,
    "last_policy": _HARD,
    "depth": _HARD,
    "type_not_enabled": _HARD,
    "target_without_allow": _HARD,
    # Who could be locked out.
    "locks_out_protected_role": _HARD,
    "may_lock_out_protected_role": _SOFT,
    # States between the first and the last.
    "transient_denial": _ADVISORY,
    "transient_grant": _HARD,
    "transient_undecided": _SOFT,
    "transient_setting": _SOFT,
    # What is not known.
    "undecided": _ADVISORY,
    "accounts_unknown": _SOFT,
    "inventory_incomplete": _SOFT,
    "inventory_stale": _ADVISORY,
    "inventory_missing": _HARD,
    # What is likely not meant.
    "lint": _ADVISORY,
    "allow_chain": _SOFT,
    "moved_unit": _SOFT,
    "policy_in_use": _ADVISORY,
    "plan_notice": _ADVISORY,
    "ring_target_unknown": _SOFT,
    "ring_without_steps": _ADVISORY,
    "proven_unchanged": _ADVISORY,
    "exempt_role_missing": _SOFT,
    "exempt_role_unknown": _ADVISORY,
    "exempt_role_creatable": _ADVISORY,
    "statement_without_effect": _ADVISORY,
    "allow_without_effect": _SOFT,
    "region_lock_hits_global_service": _SOFT,
    "region_lock_hits_inference": _SOFT,
    "blocks_federated_sign_in": _SOFT,
    "resources_open_outside": _ADVISORY,
    "resources_not_known": _ADVISORY,
    "trust_edges_closed": _ADVISORY,
    "trust_edges_opened": _SOFT,
    "conflicting_request": _SOFT,
    # What the logs say of its use.
    "usage_denied": _SOFT,
    "usage_may_be_denied": _ADVISORY,
    "usage_incomplete": _ADVISORY,
    "usage_not_known": _ADVISORY,
}
"""Every code that a check can have, with its level."""

FIXED_CODES: Final = frozenset(
    {
        *("operation_refused", "plan_refused", "policy_refused", "size", "slots", "last_policy"),
        *("depth", "type_not_enabled", "target_without_allow"),
        *("locks_out_protected_role", "transient_grant", "inventory_missing"),
    }
)
"""The codes that are hard whatever is set: what AWS refuses, and what locks out or opens up."""

UNBOUND_CODES: Final = frozenset(
    {
        *("inventory_stale", "conflicting_request"),
        *("usage_denied", "usage_may_be_denied", "usage_incomplete", "usage_not_known"),
    }
)
"""The codes that are no part of the conclusions: time, and others' requests, bring them about.

What usage says is among the conclusions by itself.
"""


class LevelsInvalid(ValueError):
    """The content of the setting does not have its form; the message names what is wrong."""


def read_check_levels(content: object) -> dict[str, CheckLevel]:
    """Read the setting's content: the levels it sets, by code.

    :raises LevelsInvalid: not an object, an unknown code, an unknown level, or one that is fixed.
    """
    if not isinstance(content, dict):
        raise LevelsInvalid("give an object from a finding's code to advisory, soft or hard")
    found = {}
    for code, level in content.items():
        if code not in DEFAULT_LEVELS:
            raise LevelsInvalid(f"no check has the code {code}")
        if level not in set(CheckLevel):
            raise LevelsInvalid(f"{code}: give advisory, soft or hard")
        if code in FIXED_CODES and level != CheckLevel.HARD:
            raise LevelsInvalid(f"{code} is hard: no setting makes it less")
        found[code] = CheckLevel(level)
    return found


def levels_of(connection: Connection) -> dict[str, CheckLevel]:
    """Return the level of every code for an organization."""
    _, content = active_setting(connection, SettingVersion.Kind.CHECK_LEVELS)
    return {**DEFAULT_LEVELS, **read_check_levels(content)}
