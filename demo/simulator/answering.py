"""From a result or an error to the bytes of an answer, in the protocol of the call."""

import base64
import json
import uuid
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, Shape, StructureShape

from demo.simulator.calls import Call
from demo.simulator.cbor import encode
from demo.simulator.errors import AwsError
from demo.simulator.service_models import operation_model

Answer = tuple[int, list[tuple[str, str]], bytes]


def answer(call: Call, result: dict[str, Any]) -> Answer:
    """Write `result`, the operation's output by AWS's member names (times as datetime)."""
    shape = operation_model(call.service, call.operation).output_shape
    if call.service == "ec2":
        return _ec2_answer(call, shape, result)
    if call.protocol == "query":
        return _query_answer(call, shape, result)
    if call.protocol == "cbor":
        return 200, _cbor_headers(), encode(result)
    body = json.dumps(_json_value(result)).encode() if shape is not None else b""
    return 200, _headers("application/x-amz-json-1.1"), body


def refusal(call: Call, error: AwsError) -> Answer:
    """Write `error` in the shape that the protocol gives errors."""
    if call.protocol in {"query", "rest-xml"}:
        return _xml_refusal(call, error)
    members = {"__type": error.code, "message": error.message, "Message": error.message}
    members |= error.members
    if call.protocol == "cbor":
        return error.status, _cbor_headers(), encode(members)
    headers = _headers("application/x-amz-json-1.1")
    if call.protocol == "rest":
        headers = [*_headers("application/json"), ("x-amzn-ErrorType", error.code)]
    return error.status, headers, json.dumps(members).encode()


def _xml_refusal(call: Call, error: AwsError) -> Answer:
    code, message = escape(error.code), escape(error.message)
    request_id = str(uuid.uuid4())
    if call.protocol == "rest-xml" and call.service == "s3":
        text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    elif call.service == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            f"</Errors><RequestID>{request_id}</RequestID></Response>"
        )
    else:
        fault = "Receiver" if error.status >= 500 else "Sender"
        text = (
            f"<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error><RequestId>{request_id}</RequestId>"
            "</ErrorResponse>"
        )
    return error.status, _headers("text/xml"), text.encode()


def _headers(content_type: str) -> list[tuple[str, str]]:
    return [("Content-Type", content_type), ("x-amzn-RequestId", str(uuid.uuid4()))]


def _cbor_headers() -> list[tuple[str, str]]:
    return [*_headers("application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    if isinstance(value, dict):
        return {name: _json_value(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_json_value(item) for item in value]
    return value


def _query_answer(call: Call, shape: Shape | None, result: dict[str, Any]) -> Answer:
    model = operation_model(call.service, call.operation)
    namespace = model.service_model.metadata.get("xmlNamespace", "")
    parts: list[str] = [f'<{call.operation}Response xmlns="{namespace}">']
    if isinstance(shape, StructureShape):
        parts.append(f"<{call.operation}Result>")
        _xml_members(parts, shape, result)
        parts.append(f"</{call.operation}Result>")
    parts.append(
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
        f"</{call.operation}Response>"
    )
    return 200, _headers("text/xml"), "".join(parts).encode()


def _ec2_answer(call: Call, shape: Shape | None, result: dict[str, Any]) -> Answer:
    parts = [f'<{call.operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">']
    parts.append(f"<requestId>{uuid.uuid4()}</requestId>")
    if isinstance(shape, StructureShape):
        _xml_members(parts, shape, result)
    parts.append(f"</{call.operation}Response>")
    return 200, _headers("text/xml"), "".join(parts).encode()


def _xml_members(parts: list[str], shape: StructureShape, value: dict[str, Any]) -> None:
    for name, member in shape.members.items():
        if value.get(name) is not None:
            _xml(parts, member.serialization.get("name", name), member, value[name])


def _xml(parts: list[str], name: str, shape: Shape, value: Any) -> None:
    parts.append(f"<{name}>")
    if isinstance(shape, StructureShape):
        _xml_members(parts, shape, value)
    elif isinstance(shape, ListShape):
        for item in value:
            _xml(parts, shape.member.serialization.get("name", "member"), shape.member, item)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            parts.append("<entry>")
            _xml(parts, "key", shape.key, key)
            _xml(parts, "value", shape.value, item)
            parts.append("</entry>")
    else:
        parts.append(_xml_text(shape, value))
    parts.append(f"</{name}>")


def _xml_text(shape: Shape, value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return "true" if value else "false"
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    return escape(str(value))
