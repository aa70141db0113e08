"""What an exception lets happen, as its page shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from governance.web.guardrails.cell import counterexample_of

_SHOWN: Final = 5
_ACTIONS_SHOWN: Final = 12
_OUTCOMES: Final = ("fails", "undecided", "not_covered", "holds")


def shown_proof(
    slug: str, proof: Mapping[str, Any], names: Mapping[str, str], sees_all: bool
) -> dict[str, Any] | None:
    """Return the proof for its card; None: it was not worked out.

    `names`: of the accounts that are seen, by id. Counts are of all accounts: who sees a part is
    shown none.
    """
    if not proof:
        return None
    found = [one for one in proof.get("counterexamples", ()) if one["account_id"] in names]
    beyond = [one for one in proof.get("beyond", ()) if one["account_id"] in names]
    return {
        "counts": [(name, proof["counts"][name]) for name in _OUTCOMES if proof["counts"].get(name)]
        if sees_all
        else [],
        "allowed": [_allowed(one) for one in proof.get("allowed", ())],
        "examples": [
            {
                "account": names[one["account_id"]],
                "because": one["because"],
                "request": counterexample_of(slug, one["account_id"], one["request"]),
            }
            for one in found[:_SHOWN]
        ],
        "more": max(0, (proof["failing"] if sees_all else len(found)) - _SHOWN),
        "beyond": [names[one["account_id"]] for one in beyond],
        "problem": proof.get("problem", ""),
        "worked_out_at": datetime.fromisoformat(proof["worked_out_at"]),
    }


def _allowed(one: Mapping[str, Any]) -> dict[str, Any]:
    actions = list(one["actions"])
    return {
        "actions": ", ".join(actions[:_ACTIONS_SHOWN]),
        "more": max(0, len(actions) - _ACTIONS_SHOWN),
        "resources": "" if one["resources"] == ["*"] else ", ".join(one["resources"]),
        "principals": "" if one["principals"] == ["*"] else ", ".join(one["principals"]),
    }
