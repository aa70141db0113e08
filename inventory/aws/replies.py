"""Replies that are not whole: noticed before botocore takes what it can from them.

botocore does not compare a body with its Content-Length, and takes a body that is not JSON for an
answer without members; of a web page that is XML, too, it takes what it finds: nothing.
"""

from typing import Any, Final

from botocore.client import BaseClient
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

_PAGE_SHOWS_WITHIN: Final = 500
_JSON: Final = frozenset({"json", "rest-json"})
# Operations that answer `{}` where there is nothing: no queue, no attribute of those asked for.
_MAY_BE_EMPTY: Final = frozenset(
    {
        ("sqs", "ListQueues"),
        ("sqs", "GetQueueAttributes"),
        ("sqs", "ReceiveMessage"),
        ("sso-admin", "GetInlinePolicyForPermissionSet"),
    }
)


def check_replies(client: BaseClient) -> None:
    """Have every reply to `client` checked before it is parsed."""
    client.meta.events.register("before-parse", _check)


def _check(operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
    body = response_dict.get("body")
    if response_dict["status_code"] >= 300 or not isinstance(body, bytes):
        return
    headers = response_dict["headers"]
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) != len(body) and not headers.get("content-encoding"):
        raise ResponseParserError(f"the reply was cut: {len(body)} of {length} bytes")
    start = body[:_PAGE_SHOWS_WITHIN].lstrip().lower()
    if start.startswith(b"<") and b"<html" in start:
        raise ResponseParserError("the reply is a web page")
    if not body.strip() and _is_due_a_body(operation_model):
        raise ResponseParserError("the reply is empty")
    if not _speaks_json(operation_model) or operation_model.output_shape is None:
        return
    text = body.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        raise ResponseParserError(f"the reply is not JSON, it begins {text[:60]!r}")


def _is_due_a_body(operation_model: OperationModel) -> bool:
    """Whether an answer has members in its body: botocore takes an empty XML body for none."""
    shape = operation_model.output_shape
    if shape is None or "payload" in shape.serialization:
        return False
    return any("location" not in each.serialization for each in shape.members.values())


def check_members(operation_model: OperationModel, answer: dict[str, Any]) -> None:
    """Refuse an answer without any member where JSON with members is due.

    :raises ResponseParserError: botocore could not read the body.
    """
    shape = operation_model.output_shape
    due = _speaks_json(operation_model) and shape is not None and bool(shape.members)
    named = (operation_model.service_model.service_name, operation_model.name)
    if due and named not in _MAY_BE_EMPTY and not answer.keys() - {"ResponseMetadata"}:
        raise ResponseParserError("the reply has none of the members that are due")


def _speaks_json(operation_model: OperationModel) -> bool:
    return operation_model.service_model.resolved_protocol in _JSON
