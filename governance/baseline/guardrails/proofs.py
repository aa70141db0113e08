"""Proofs as they are stored: once for all accounts in which they say the same."""

import json
from collections.abc import Mapping
from typing import Any, Final

from inventory.digests import sha256

_ACCOUNT: Final = "{account_id}"


def proof_content(
    *,
    because: str,
    account_id: str,
    counterexample: Mapping[str, Any] | None = None,
    keys: tuple[str, ...] = (),
    read: tuple[Mapping[str, Any], ...] = (),
) -> dict[str, Any]:
    """Return a proof with the account's own id taken out, so that equal ones are equal."""
    content = {
        "because": because,
        "counterexample": counterexample,
        "keys": list(keys),
        "read": list(read),
    }
    text = json.dumps(content, sort_keys=True)
    found: dict[str, Any] = json.loads(text.replace(account_id, _ACCOUNT))
    return found


def filled_proof(content: Mapping[str, Any], account_id: str) -> Mapping[str, Any]:
    """Return a stored proof with an account's id put in."""
    found: Mapping[str, Any] = json.loads(json.dumps(content).replace(_ACCOUNT, account_id))
    return found


def proof_digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 that names a proof."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")))
