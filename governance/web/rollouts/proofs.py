"""What the evidence proves of the state after each step."""

from collections.abc import Iterable, Mapping
from typing import Any

from governance.changes.models import Evidence
from governance.web.rollouts.steps import GapShown


def gaps_by_step(evidence: Evidence) -> dict[int, tuple[GapShown, ...]] | None:
    """Return the transients by step; None where the evidence does not speak of them."""
    found: Any = evidence.content.get("transients")
    if not isinstance(found, list):
        return None
    gaps: dict[int, list[GapShown]] = {}
    for one in found:
        gaps.setdefault(int(one["step"]), []).append(_gap(one))
    return {step: tuple(shown) for step, shown in gaps.items()}


def _gap(transient: Mapping[str, Any]) -> GapShown:
    kind = str(transient["kind"])
    decided = "denied" if kind == "denied" else "allowed"
    otherwise = "allow" if kind == "denied" else "deny"
    accounts = int(transient.get("accounts", 0))
    words = (
        f"{_some(transient.get('actions', ()))} {decided} although before and after {otherwise} it"
    )
    if transient.get("when"):
        words += f", when {transient['when']}"
    if accounts:
        words += f": {accounts:,} account{'' if accounts == 1 else 's'}"
    return GapShown(kind, words, accounts)


def _some(actions: Iterable[str]) -> str:
    listed = list(actions)
    shown = ", ".join(listed[:3])
    return f"{shown} and {len(listed) - 3:,} more" if len(listed) > 3 else shown
