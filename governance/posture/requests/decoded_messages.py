"""What `sts decode-authorization-message` answers → the request that it describes.

Source: STS API reference, DecodeAuthorizationMessage.
"""

import json
from collections.abc import Mapping

from governance.posture.requests.pasted_text import JsonObject, object_at, text_at
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
    context = object_at(decoded, "context")
    principal = object_at(context, "principal")
    explicit = decoded.get("explicitDeny")
    reading.claim = Claim(None, explicit if isinstance(explicit, bool) else None)
    reading.principal = text_at(principal, "arn")
    reading.action = text_at(context, "action")
    reading.resource = text_at(context, "resource")
    for item in _items(object_at(context, "conditions")):
        key = text_at(item, "key")
        values = tuple(text_at(one, "value") for one in _items(object_at(item, "values")))
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
