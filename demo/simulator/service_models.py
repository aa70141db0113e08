"""botocore's service models: what an operation takes and returns, as AWS publishes it."""

import contextlib
import functools
import re
import threading
from typing import Any

import moto.core.loaders
import moto.core.utils
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

from demo.simulator.errors import AwsError, invalid_input
from inventory.garbage_collection import freeze_gc, growing

# moto lists the folders of all services for each model that it loads, longer than it reads one.
moto.core.utils.create_loader = functools.cache(  # type: ignore[attr-defined]
    moto.core.loaders.create_loader
)
# The first calls of a run come together, and a model or a router takes long to make: once.
_making = threading.RLock()

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


# What an inventory calls, by signing names.
_READ = (
    *("ec2", "guardduty", "securityhub", "config", "cloudtrail", "account", "access-analyzer"),
    *("apigateway", "logs", "ecr", "events", "lambda", "ses", "sns", "sqs", "backup", "dynamodb"),
    *("elasticfilesystem", "glacier", "glue", "kafka", "kinesis", "kms", "es", "aoss", "s3"),
    *("s3tables", "secretsmanager", "rds", "ram", "iam", "eks", "rolesanywhere", "sts"),
    *("acm-pca",),
)
_NOTHING = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "", "SERVER_PORT": "80"}


def model_name(service: str) -> str:
    """Return the name of the model for a signing name."""
    return _MODEL_NAMES.get(service, service)


def service_model(service: str) -> ServiceModel:
    """Return the model for a signing name, the one that moto answers by.

    :raises botocore.exceptions.UnknownServiceError: AWS has no such service.
    """
    with _making:
        model: ServiceModel = moto.core.utils.get_service_model(model_name(service))
    return model


def prepare() -> None:
    """Make the models and routers of what an inventory calls, before it calls: they take a second.

    Most of it is spared by collecting no garbage meanwhile, and later none of what stays.
    """
    with growing():
        for service in _READ:
            if service_model(service).metadata["protocol"].startswith("rest"):
                with contextlib.suppress(HTTPException):
                    rest_operation(service, _NOTHING | {"wsgi.url_scheme": "http"})
    freeze_gc()


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    """:raises botocore.model.OperationNotFoundError: the service has no such operation."""
    return service_model(service).operation_model(operation)


def rest_operation(service: str, environ: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the operation that method and path of a request mean, and what its path names.

    :raises botocore.exceptions.UnknownServiceError: AWS has no such service.
    :raises werkzeug.exceptions.HTTPException: the service has no such operation.
    """
    service_model(service)
    with _making:
        operation, named = get_service_router(model_name(service)).match(Request(environ.copy()))
    return str(operation.name), {name: str(value) for name, value in named.items()}


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
