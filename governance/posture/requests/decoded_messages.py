"""What `sts decode-authorization-message` answers → the request that it describes.

Source: STS API reference, DecodeAuthorizationMessage.
"""

import json
from collections.abc import Mapping

from governance.posture.requests.pasted_text import JsonObject
from governance.posture.requests.questions import Claim, DenialProblem, ParsedDenial


def decoded_message(value: JsonObject) -> JsonObject | None:
    """Return the decoded message that a JSON object is or holds; None: it is something else."""
    inner = value.get("DecodedMessage", value.get("decodedMessage"))
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            return None
    if isinstance(inner, dict):
        value = inner
    is_decoded = isinstance(value.get("context"), dict) and (
        "explicitDeny" in value or "matchedStatements" in value
    )
    return value if is_decoded else None


def read_decoded(decoded: JsonObject) -> ParsedDenial:
    """Read a decoded authorization message."""
    reading = ParsedDenial("message")
    context = _object(decoded, "context")
    principal = _object(context, "principal")
    explicit = decoded.get("explicitDeny")
    reading.claim = Claim(None, explicit if isinstance(explicit, bool) else None)
    reading.principal = _text(principal, "arn")
    reading.action = _text(context, "action")
    reading.resource = _text(context, "resource")
    for item in _items(_object(context, "conditions")):
        key = _text(item, "key")
        values = tuple(_text(one, "value") for one in _items(_object(item, "values")))
        if key and any(values):
            reading.context[key] = tuple(value for value in values if value)
    if decoded.get("allowed") is True:
        reading.notes.append("The decoded message says that AWS allowed this request.")
    for part in ("principal", "action"):
        if not getattr(reading, part):
            remedy = "The decoded message does not name it. Fill it in below."
            reading.problems.append(DenialProblem(part, "", remedy))
    return reading


def _items(value: Mapping[str, object]) -> list[JsonObject]:
    found = value.get("items")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _object(value: Mapping[str, object], name: str) -> JsonObject:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return found.strip() if isinstance(found, str) else ""
