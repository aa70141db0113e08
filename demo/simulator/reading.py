"""From a WSGI request to a Call, in each of AWS's protocols."""

import io
import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationNotFoundError, Shape, StructureShape
from botocore.parsers import RpcV2CBORParser
from werkzeug.exceptions import HTTPException

from demo.simulator.calls import Call
from demo.simulator.errors import AwsError
from demo.simulator.s3 import asks_for_directory_buckets, read_parameters
from demo.simulator.service_models import operation_model, rest_operation

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)$")


def read_call(environ: dict[str, Any]) -> Call:
    """Understand a request and leave its body readable for moto.

    :raises AwsError: no signature, or a body that is not what its protocol says.
    """
    signature = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    access_key_id, _, region, service = (
        signature.groups() if signature else ("", "", "us-east-1", "")
    )
    body = _read_body(environ)
    call = Call(
        service=service.lower(),
        operation="",
        protocol="json",
        access_key_id=access_key_id,
        session_token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN", ""),
        region=region,
        body=body,
    )
    if not signature:
        raise AwsError(
            "MissingAuthenticationToken", "Request is missing Authentication Token", status=403
        )
    _read_operation(call, environ)
    return call


def _read_operation(call: Call, environ: dict[str, Any]) -> None:
    content_type = environ.get("CONTENT_TYPE", "")
    cbor = _CBOR_PATH.search(environ.get("PATH_INFO", ""))
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor" and cbor:
        call.protocol, call.operation = "cbor", cbor.group(1)
        call.parameters = _cbor(call)
    elif target := environ.get("HTTP_X_AMZ_TARGET"):
        call.operation = target.rsplit(".", 1)[-1]
        call.parameters = _json(call.body)
    elif content_type.startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True))
        call.protocol, call.operation = "query", form.get("Action", "")
        call.parameters = _query(call, form)
    else:
        xml = {"s3", "s3express", "cloudfront", "route53"}
        call.protocol = "rest-xml" if call.service in xml else "rest"
        if call.service in {"s3", "s3express"}:
            read_parameters(call, environ)
        call.operation, named = _rest_operation(call.service, environ)
        if asks_for_directory_buckets(call):
            call.service, call.operation = "s3express", "ListDirectoryBuckets"
        if call.protocol == "rest":
            query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            call.parameters = {**dict(query), **named, **_json_if_any(call.body)}


def _read_body(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return b""
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _json(body: bytes) -> dict[str, Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", str(error)) from error
    if not isinstance(parameters, dict):
        raise AwsError("SerializationException", "the input is no structure")
    return parameters


def _cbor(call: Call) -> dict[str, Any]:
    if not call.body:
        return {}
    parameters = RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(call.body)))
    if not isinstance(parameters, dict):
        raise AwsError("SerializationException", "the input is no structure")
    return parameters


def _query(call: Call, form: dict[str, str]) -> dict[str, Any]:
    try:
        shape = operation_model(call.service, call.operation).input_shape
    except (UnknownServiceError, OperationNotFoundError):
        return dict(form)
    is_ec2 = call.service == "ec2"
    return _query_value(shape, form, "", is_ec2=is_ec2) if shape is not None else {}


def _query_value(shape: Shape, form: dict[str, str], prefix: str, *, is_ec2: bool) -> Any:
    """Return the value under `prefix`, or None where the form has none.

    `is_ec2`: in EC2's form of the protocol, where members have names of their own and lists none.
    """
    if isinstance(shape, StructureShape):
        members = {}
        for name, member in shape.members.items():
            own = member.serialization.get("name", name)
            own = member.serialization.get("queryName", own[:1].upper() + own[1:])
            called = own if is_ec2 else name
            key = f"{prefix}.{called}" if prefix else called
            value = _query_value(member, form, key, is_ec2=is_ec2)
            if value is not None:
                members[name] = value
        return members if members or not prefix else None
    if isinstance(shape, ListShape):
        values: list[Any] = []
        entry = prefix if is_ec2 else f"{prefix}.member"
        while (
            value := _query_value(shape.member, form, f"{entry}.{len(values) + 1}", is_ec2=is_ec2)
        ) is not None:
            values.append(value)
        return values or None
    if isinstance(shape, MapShape):
        return None
    text = form.get(prefix)
    if text is not None and shape.type_name in {"integer", "long"}:
        try:
            return int(text)
        except ValueError as error:
            raise AwsError("ValidationError", f"{prefix} is no number: {text}") from error
    if text is not None and shape.type_name == "boolean":
        return text == "true"
    return text


def _json_if_any(body: bytes) -> dict[str, Any]:
    """Return what a JSON body holds; bodies of other kinds name no parameters."""
    try:
        return _json(body)
    except AwsError:
        return {}


def _rest_operation(service: str, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the operation's name, or method and path where no model tells it; and what the path
    names.
    """
    try:
        operation, named = rest_operation(service, environ)
    except (UnknownServiceError, HTTPException, NotImplementedError, KeyError):
        return f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '/')}", {}
    return operation, {name: unquote(value) for name, value in named.items()}
