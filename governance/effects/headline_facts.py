"""What the sentence about a change is made of, as JSON: for evidence that is kept, and at once."""

from collections.abc import Collection, Mapping
from typing import Any

from governance.effects.clauses import clauses_of
from governance.effects.found_effects import FoundEffects
from governance.posture.state.organization import TargetName
from policies import PolicyType
from policies.ceiling import Ceiling


def headline_facts(
    found: FoundEffects,
    ceilings: Mapping[PolicyType, Mapping[str, Ceiling]] | None = None,
    *,
    others: Collection[str] = (),
) -> dict[str, Any]:
    """Return what `headline_of` makes its sentences of.

    `ceilings`: in the end, nothing assumed, where they are known already. `others`: accounts for
    which something else changes.
    """
    names = found.states.before.names
    effects = found.effects
    affected = {one for effect in effects.effects for one in effect.account_ids}
    affected |= effects.unknown_accounts
    affected |= set(others)
    units: dict[str, list[str]] = {}
    for account_id in sorted(affected):
        name = names.get(account_id)
        units.setdefault((name.parent_id or "") if name else "", []).append(account_id)
    management_id = found.states.before.management_account_id
    return {
        "clauses": clauses_of(effects, found.ceilings if ceilings is None else ceilings),
        "accounts": sum(one != management_id for one in found.states.before.account_ids),
        "organization_id": found.states.before.organization.organization_id,
        "unknown": sorted(effects.unknown_accounts),
        "unlisted": [
            {"verdict": effect.verdict.value, "account_ids": sorted(effect.account_ids)}
            for effect in effects.effects
            if effect.unlisted
        ],
        "management": [],
        "units": [
            {
                "unit_id": unit_id,
                "name": names[unit_id].name if unit_id in names else "Place not collected",
                "path": _path(names, unit_id),
                "account_ids": account_ids,
            }
            for unit_id, account_ids in units.items()
        ],
    }


def _path(names: Mapping[str, TargetName], target_id: str) -> list[str]:
    """Return a target's id and those above it."""
    path = []
    step: str | None = target_id
    while step and step in names:
        path.append(step)
        step = names[step].parent_id
    return path
