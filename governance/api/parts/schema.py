"""Describes the API in OpenAPI 3: what every endpoint has in common is written here once."""

import functools
import re
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from governance.api.parts.endpoints import Endpoint
from governance.api.parts.idempotency import HEADER as IDEMPOTENCY_HEADER
from governance.api.parts.idempotency import KEY_PATTERN, LONGEST_KEY
from governance.api.parts.list_endpoint import ListEndpoint
from governance.api.parts.pagination import LARGEST_LIMIT, USUAL_LIMIT
from governance.api.parts.preconditions import CHANGES
from governance.api.parts.problems import (
    AGED_OUT,
    CONFLICT,
    INVALID,
    KEY_REUSED,
    KINDS,
    MEDIA_TYPE,
    NOT_AUTHENTICATED,
    NOT_FOUND,
    PERMISSION_DENIED,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    RUN_ALREADY_ACTIVE,
    SERVER_ERROR,
    THROTTLED,
    TIME_NOT_KNOWN,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemKind,
    problem_object,
)
from governance.api.parts.representations import fresh_representation

INTRODUCTION: Final = """\
Everything that Orgwarden's screens show about AWS organizations.

**Authentication.** A signed-in person, or a program with `Authorization: Bearer ow_…`. A token
has those of its rights that its owner still holds.

**Unknown data.** Nothing unknown is shown as empty or 0. `coverage` says how complete an answer
is; `results` is null where nothing was ever collected.

**Lists.** `next` is the address of the next page, null on the last. It stays correct when rows
are added or removed in between. `fields` selects fields, `ordering` sorts, filters narrow; an
unknown parameter is an error.

**The past.** `as_of` returns the state at any time since the first run.

**Errors** are problem details (RFC 9457), identified by `type`.

**Retries.** A POST with an `Idempotency-Key` can be repeated within 24 hours and is done once.

**Concurrency.** Every GET returns an `ETag`; with `If-None-Match` it answers 304 while nothing
differs. PUT, PATCH and DELETE need `If-Match` with the tag of what they change: 428 without
it, 412 if someone else changed it first.
"""


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tokens of programs."""

    target_class = "governance.access.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme of RFC 6750."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ow_…"}


@functools.cache
def page_representation(representation: Any, coverage: Any) -> Any:
    """Return how a page of a list is represented."""
    name = representation.__name__.removesuffix("Representation")
    fields = {
        "__doc__": f"A page of a list ({name}).",
        "results": representation(many=True, allow_null=True),
        "next": serializers.URLField(allow_null=True),
        "coverage": coverage(),
    }
    return type(f"{name}PageRepresentation", (serializers.Serializer,), fields)


class EndpointSchema(AutoSchema):
    """Reads an endpoint's class and the docstrings of its methods."""

    view: Any

    def is_excluded(self) -> bool:
        """Leave out the document itself, its page, and the answer to unknown addresses."""
        return not isinstance(self.view, Endpoint)

    def get_tags(self) -> list[str]:
        """Return the endpoint's topic."""
        return [self.view.topic]

    def get_operation_id(self) -> str:
        """Return the class's name in words, with the method where it is not GET.

        A class is called an endpoint where a page, or what it shows, has its name. One that serves
        several addresses is named after each.
        """
        name = type(self.view).__name__.removesuffix("Endpoint")
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        address = getattr(self.view, "address", "")
        if isinstance(address, str) and address:
            name = f"{address.replace('-', '_')}_{name}"
        return name if self.method == "GET" else f"{name}_{self.method.lower()}"

    def get_summary(self) -> str:
        """Return the first line of the method's docstring."""
        return self._docstring()[0]

    def get_description(self) -> str:  # type: ignore[override]
        """Return the whole docstring, and the right that is needed."""
        summary, rest = self._docstring()
        right = self.view.rights[self.method]
        return f"{rest or summary}\n\nNeeds: {right}."

    def _docstring(self) -> tuple[str, str]:
        text = super().get_description()
        summary, _, rest = text.partition("\n\n")
        return " ".join(summary.split()), rest.strip()

    def _is_list_view(self, serializer: Any = None) -> bool:
        # Lists come in an envelope of ours, which `get_response_serializers` describes.
        return False

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Return the class's name without the word that all have."""
        return type(serializer).__name__.removesuffix("Representation")

    def get_request_serializer(self) -> Any:
        """Return what a POST takes; most take no body."""
        return getattr(self.view, "takes", None)

    def get_response_serializers(self) -> Any:
        """Return what the method answers with."""
        if self.method != "GET":
            return self.view.answers
        if hasattr(self.view, "page_representation"):
            return self._answer(self.view.page_representation(), "A page")
        if isinstance(self.view, ListEndpoint):
            representation: Any = self.view.representation
            known: Any = self.view.coverage_representation
            return self._answer(page_representation(representation, known)(), "A page")
        return self._answer(self.view.representation(), "As asked")

    def _answer(self, serializer: Any, description: str) -> dict[int, OpenApiResponse]:
        example = self.view.example
        if getattr(self.view, "shows_tables", ()):
            kind = serializer if isinstance(serializer, type) else type(serializer)
            serializer = fresh_representation(kind)
            example = None if example is None else {**example, "freshness": _FRESH}
        examples = [] if example is None else [OpenApiExample(description, value=example)]
        return {200: OpenApiResponse(serializer, description=description, examples=examples)}

    def _get_filter_parameters(self) -> list[Any]:
        if self.method != "GET" or not isinstance(self.view, ListEndpoint):
            return []
        found: list[Any] = []
        for backend in self.view.filter_backends:
            extension: Any = OpenApiFilterExtension.get_match(backend())
            found += extension.get_schema_operation_parameters(self)
        return found

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that come with the kind of endpoint."""
        view = self.view
        if not isinstance(view, Endpoint):
            return []
        if self.method != "GET":
            if self.method in CHANGES:
                return [_IF_MATCH]
            return [
                *([_IF_MATCH] if view.matches_on_post else []),
                OpenApiParameter(
                    IDEMPOTENCY_HEADER,
                    {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": LONGEST_KEY,
                        "pattern": f"^{KEY_PATTERN}$",
                    },
                    OpenApiParameter.HEADER,
                    description="Any text; a request repeated with it in 24 hours is done once.",
                ),
            ]
        known = [
            OpenApiParameter(
                "fields",
                {
                    "type": "array",
                    "items": {"type": "string", "enum": [*view.representation().fields]},
                },
                style="form",
                explode=False,
                description="Only these fields, separated by commas; default: all.",
            ),
            _IF_NONE_MATCH,
        ]
        known += view.own_parameters
        if view.takes_as_of:
            known.append(
                OpenApiParameter(
                    "as_of",
                    OpenApiTypes.DATETIME,
                    description=(
                        "The state at that time. Without an offset it is UTC; a date alone is "
                        "the end of that day."
                    ),
                )
            )
        known += getattr(view, "own_parameters", ())
        usual: str | None = getattr(view, "usual_ordering", None)
        if usual is not None:
            orderings = [
                f"{sign}{name}" for name in getattr(view, "orderings", ()) for sign in ("", "-")
            ]
            known += [
                OpenApiParameter(
                    "limit",
                    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT},
                    description=f"Rows per page; default {USUAL_LIMIT}.",
                ),
                OpenApiParameter(
                    "cursor", OpenApiTypes.STR, description="Start of the page; taken from `next`."
                ),
                OpenApiParameter(
                    "ordering",
                    OpenApiTypes.STR,
                    enum=orderings,
                    description=f"Default: {usual}.",
                ),
            ]
        return known


_IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="An ETag you have; 304 if it is still right.",
)
_IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what you last read here without `fields`, or `*`.",
)
_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "description": "RFC 9457. Further members depend on the type.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "enum": [kind.type for kind in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What went wrong, and what to do."},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "parameter": {"type": "string", "description": "Of the query."},
                    "pointer": {"type": "string", "description": "Into the body (RFC 6901)."},
                    "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
    "additionalProperties": True,
}
_FRESH: Final = {"state": "fresh", "complete_at": "2026-03-02T08:00:12Z", "unread": []}
_ETAG: Final = {
    "description": "Strong: the same tag, the same bytes.",
    "schema": {"type": "string"},
}
_HEADERS: Final[dict[int, dict[str, Any]]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    },
}


def _problem(kind: ProblemKind) -> dict[str, Any]:
    example = problem_object(
        kind, detail=kind.title, instance="/api/v1/organizations/acme/accounts"
    )
    described = {
        "description": kind.title,
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }
    if kind.status in _HEADERS:
        described["headers"] = _HEADERS[kind.status]
    return described


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the introduction and, to each operation, the problems that it can end with."""
    result["info"]["description"] = INTRODUCTION
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    components["responses"] = {kind.name: _problem(kind) for kind in KINDS}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            kinds = [INVALID, NOT_AUTHENTICATED, PERMISSION_DENIED, THROTTLED, SERVER_ERROR]
            _allow_what_fields_leave_out(operation, components["schemas"])
            _forbid_unknown_members(operation, components["schemas"])
            if "{" in path or path.endswith("/self"):
                kinds.append(NOT_FOUND)
            if "as_of" in names:
                kinds.append(TIME_NOT_KNOWN)
            if path.endswith("/coverage"):
                kinds.append(AGED_OUT)
            if path.endswith("/files"):
                kinds.append(CONFLICT)
            if method.upper() in CHANGES or "If-Match" in names:
                kinds += [CONFLICT, PRECONDITION_FAILED, PRECONDITION_REQUIRED]
            if method in {"post", "put", "patch"}:
                kinds += [TOO_LARGE, UNSUPPORTED_MEDIA_TYPE]
            if method == "post":
                kinds += [RUN_ALREADY_ACTIVE, KEY_REUSED]
            for kind in kinds:
                operation["responses"][str(kind.status)] = {
                    "$ref": f"#/components/responses/{kind.name}"
                }
            if "If-None-Match" in names:
                operation["responses"]["304"] = {"description": "Not changed."}
                operation["responses"]["200"].setdefault("headers", {})["ETag"] = _ETAG
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result


def _component_of(content: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the component that a body is described by, empty if it is none."""
    for media in content.values():
        name = str(media.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        if name in schemas:
            return schemas[name]  # type: ignore[no-any-return]
    return {}


def _allow_what_fields_leave_out(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Require no member of what `fields` may leave out: of a list's rows, or of one thing."""
    if "fields" not in {parameter["name"] for parameter in operation.get("parameters", [])}:
        return
    answer = _component_of(operation["responses"]["200"].get("content", {}), schemas)
    rows = answer.get("properties", {}).get("results")
    if rows is None:
        answer.pop("required", None)
    else:
        name = str(rows.get("items", {}).get("$ref", "")).rpartition("/")[2]
        schemas.get(name, {}).pop("required", None)


def _forbid_unknown_members(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say of a body that unknown members are errors, and that there has to be one if some must."""
    body = _component_of(operation.get("requestBody", {}).get("content", {}), schemas)
    if body:
        body["additionalProperties"] = False
    if body.get("required"):
        operation["requestBody"]["required"] = True
