"""What the evidence proves of the state after each step."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from governance.changes.models import Evidence
from governance.web.parts.markup import counted
from governance.web.rollouts.steps import GapShown

_DECIDED: Final = {
    "denied": "denied although before and after allow it",
    "allowed": "allowed although before and after deny it",
    "setting": "neither as before nor as after",
    "undecided": "not decided by the engine",
}


def gaps_by_step(evidence: Evidence) -> dict[int, tuple[GapShown, ...]] | None:
    """Return the transients by step; None where the evidence does not speak of them."""
    found: Any = evidence.content.get("transients")
    if not isinstance(found, list):
        return None
    gaps: dict[int, list[GapShown]] = {}
    for one in found:
        shown = _gap(one)
        for step in range(int(one["first_step"]), int(one["last_step"]) + 1):
            gaps.setdefault(step, []).append(shown)
    return {step: tuple(shown) for step, shown in gaps.items()}


def _gap(transient: Mapping[str, Any]) -> GapShown:
    kind, accounts = str(transient["kind"]), len(transient["account_ids"])
    setting = transient.get("setting")
    what = _some(transient["actions"]) if setting is None else setting["path"] or "a setting"
    words = f"{what} {_DECIDED[kind]}"
    if transient["when"] != "always":
        words += f", where {transient['when']}"
    return GapShown(kind, f"{words}: {counted(accounts, 'account,accounts')}", accounts)


def _some(actions: Iterable[str]) -> str:
    listed = list(actions)
    shown = ", ".join(listed[:3])
    return f"{shown} and {len(listed) - 3:,} more" if len(listed) > 3 else shown
