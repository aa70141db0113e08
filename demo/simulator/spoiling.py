"""Answers that reach the caller as they should not: cut, of another kind, with empty lists."""

import json
from typing import Any
from xml.etree import ElementTree

from demo.simulator.answering import Answer

# Carries to the front the length that a shortened answer had; never sent.
CLAIMED_LENGTH = "X-Simulator-Claimed-Length"
_PAGE = b"<html><body><h1>Sign in</h1><p>This network asks you to sign in.</p></body></html>"


def spoiled(answer: Answer, kind: str) -> Answer:
    """Return what is left of an answer. `kind`: shorten, garble or vanish."""
    status, headers, body = answer
    if kind == "garble":
        return 200, [("Content-Type", "text/html")], _PAGE
    if kind == "shorten":
        return status, [*headers, (CLAIMED_LENGTH, str(len(body)))], body[: len(body) // 2]
    return (status, headers, _without_lists(body)) if status < 300 else answer


def _without_lists(body: bytes) -> bytes:
    if body.lstrip().startswith(b"{"):
        members: dict[str, Any] = json.loads(body)
        kept = {
            name: [] if isinstance(value, list) else value
            for name, value in members.items()
            if name not in {"NextToken", "PaginationToken"}
        }
        return json.dumps(kept).encode()
    root = ElementTree.fromstring(body)  # noqa: S314 - the simulator's own answer
    for element in root.iter():
        items = [each for each in element if each.tag.rpartition("}")[2] == "member"]
        for item in items:
            element.remove(item)
    return ElementTree.tostring(root)
