"""botocore's service models: what an operation takes and returns, as AWS publishes it."""

import functools
import re
from typing import Any

import botocore.session
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from demo.simulator.errors import AwsError, invalid_input

# The signing name is not always the model's name; these are the ones the front answers itself.
_MODEL_NAMES = {
    "tagging": "resourcegroupstaggingapi",
    "sso": "sso-admin",
    "elasticfilesystem": "efs",
    "es": "opensearch",
    "aoss": "opensearchserverless",
    "ses": "sesv2",
    "access-analyzer": "accessanalyzer",
    "s3express": "s3",
}


def model_name(service: str) -> str:
    """Return the name of the model for a signing name."""
    return _MODEL_NAMES.get(service, service)


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Return the model for a signing name.

    :raises botocore.exceptions.UnknownServiceError: AWS has no such service.
    """
    return _session().get_service_model(model_name(service))


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    """:raises botocore.model.OperationNotFoundError: the service has no such operation."""
    return service_model(service).operation_model(operation)


@functools.cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def check_organizations_input(operation: str, parameters: dict[str, Any]) -> None:
    """Check the input against the model, as organizations does before anything else.

    :raises AwsError: InvalidInputException with the Reason that fits.
    """
    shape = operation_model("organizations", operation).input_shape
    if shape is not None:
        _check(shape, parameters, "")


def _check(shape: Shape, value: Any, name: str) -> None:
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            raise AwsError("SerializationException", f"{name or 'the input'} is no structure")
        for required in shape.required_members:
            if value.get(required) is None:
                raise invalid_input("INPUT_REQUIRED", f"You must specify a value for {required}.")
        for member, item in value.items():
            if member in shape.members and item is not None:
                _check(shape.members[member], item, member)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise AwsError("SerializationException", f"{name} is no list")
        for item in value:
            _check(shape.member, item, name)
    elif shape.type_name == "string":
        _check_text(shape, value, name)
    elif shape.type_name == "integer":
        _check_size(shape, value, value, name, "VALUE")


def _check_text(shape: Shape, value: Any, name: str) -> None:
    if not isinstance(value, str):
        raise AwsError("SerializationException", f"{name} is no string")
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        reason = "INVALID_ENUM_POLICY_TYPE" if shape.name == "PolicyType" else "INVALID_ENUM"
        raise invalid_input(reason)
    _check_size(shape, len(value), value, name, "LENGTH")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        reason = "INVALID_PATTERN_TARGET_ID" if name == "TargetId" else "INVALID_PATTERN"
        raise invalid_input(reason, f"The value of {name} does not match its pattern.")


def _check_size(shape: Shape, size: Any, value: Any, name: str, kind: str) -> None:
    if not isinstance(size, int):
        raise AwsError("SerializationException", f"{name} is no number: {value!r}")
    if size < shape.metadata.get("min", size):
        raise invalid_input(f"MIN_{kind}_EXCEEDED", f"The value of {name} is below its minimum.")
    if size > shape.metadata.get("max", size):
        raise invalid_input(f"MAX_{kind}_EXCEEDED", f"The value of {name} is above its maximum.")


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # The models write Java's classes of letters, numbers and separators; Python's re has others.
    text = re.sub(r"\\p\{[LN]\}", r"\\w", pattern)
    return re.compile("(?:" + text.replace(r"\p{Z}", r"\s") + ")")
