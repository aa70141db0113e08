"""Errors as problem details (RFC 9457): one kind of answer for all that goes wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem. `type` is the URN by which programs tell it; `title` never varies."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The URN of this kind."""
        return f"urn:orgwarden:problem:{self.name}"


INVALID: Final = ProblemKind("invalid", 400, "The request is not valid")
MALFORMED: Final = ProblemKind("malformed", 400, "The body is not JSON")
NOT_AUTHENTICATED: Final = ProblemKind("not-authenticated", 401, "Sign in or send a token")
PERMISSION_DENIED: Final = ProblemKind("permission-denied", 403, "A right is missing")
SESSION_ONLY: Final = ProblemKind("session-only", 403, "Only a person in a session can decide this")
NOT_SECURE: Final = ProblemKind("not-secure", 403, "Not without HTTPS")
STEP_UP_REQUIRED: Final = ProblemKind("step-up-required", 403, "Confirm first that it is you")
NOT_FOUND: Final = ProblemKind("not-found", 404, "Not found")
METHOD_NOT_ALLOWED: Final = ProblemKind("method-not-allowed", 405, "Method not allowed")
NOT_ACCEPTABLE: Final = ProblemKind("not-acceptable", 406, "Only JSON can be returned")
AGED_OUT: Final = ProblemKind("aged-out", 410, "This is no longer stored")
RUN_ALREADY_ACTIVE: Final = ProblemKind("run-already-active", 409, "A run is already in progress")
CONFLICT: Final = ProblemKind("conflict", 409, "The current state does not allow this")
REPEATED_TOO_SOON: Final = ProblemKind(
    "repeated-too-soon", 409, "The first request with this Idempotency-Key is still in progress"
)
PRECONDITION_FAILED: Final = ProblemKind(
    "precondition-failed", 412, "It has changed in the meantime"
)
TOO_LARGE: Final = ProblemKind("too-large", 413, "The body is too large")
ADDRESS_TOO_LONG: Final = ProblemKind("address-too-long", 414, "The address is too long")
UNSUPPORTED_MEDIA_TYPE: Final = ProblemKind("unsupported-media-type", 415, "Send JSON")
TIME_NOT_KNOWN: Final = ProblemKind("time-not-known", 422, "No data for that time")
KEY_REUSED: Final = ProblemKind(
    "idempotency-key-reused", 422, "This Idempotency-Key was used for another request"
)
PRECONDITION_REQUIRED: Final = ProblemKind("precondition-required", 428, "If-Match is required")
THROTTLED: Final = ProblemKind("throttled", 429, "Too many requests")
NOT_READY: Final = ProblemKind("not-ready", 503, "In progress; try again")
UNAVAILABLE: Final = ProblemKind("unavailable", 503, "Not available just now")
SERVER_ERROR: Final = ProblemKind("server-error", 500, "Orgwarden failed")

KINDS: Final = (
    INVALID,
    MALFORMED,
    NOT_AUTHENTICATED,
    PERMISSION_DENIED,
    STEP_UP_REQUIRED,
    SESSION_ONLY,
    NOT_SECURE,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    AGED_OUT,
    RUN_ALREADY_ACTIVE,
    CONFLICT,
    REPEATED_TOO_SOON,
    PRECONDITION_FAILED,
    TOO_LARGE,
    ADDRESS_TOO_LONG,
    UNSUPPORTED_MEDIA_TYPE,
    TIME_NOT_KNOWN,
    KEY_REUSED,
    PRECONDITION_REQUIRED,
    THROTTLED,
    NOT_READY,
    UNAVAILABLE,
    SERVER_ERROR,
)
_BY_EXCEPTION: Final[tuple[tuple[type[exceptions.APIException], ProblemKind], ...]] = (
    (exceptions.ParseError, MALFORMED),
    (exceptions.ValidationError, INVALID),
    (exceptions.NotAuthenticated, NOT_AUTHENTICATED),
    (exceptions.AuthenticationFailed, NOT_AUTHENTICATED),
    (exceptions.PermissionDenied, PERMISSION_DENIED),
    (exceptions.NotFound, NOT_FOUND),
    (exceptions.MethodNotAllowed, METHOD_NOT_ALLOWED),
    (exceptions.NotAcceptable, NOT_ACCEPTABLE),
    (exceptions.UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE),
    (exceptions.Throttled, THROTTLED),
)


class Problem(exceptions.APIException):
    """Ends a request with a problem. `members`: further members of its object.

    `wait`: after how many seconds to ask again, sent as Retry-After.
    """

    def __init__(
        self, kind: ProblemKind, detail: str, *, wait: int | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.wait = wait
        self.kind = kind
        self.status_code = kind.status
        self.members = members


def problem_object(
    kind: ProblemKind, *, detail: str, instance: str, members: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the object that describes a problem. `instance`: the path of the request."""
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": instance,
        **(members or {}),
    }


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer with a problem; None lets what nobody foresaw go on to be logged and made a 500."""
    response = exception_handler(error, context)
    if response is None:
        return None
    request = context["request"]
    members: dict[str, Any] = {}
    if isinstance(error, Problem):
        kind, detail, members = error.kind, str(error.detail), error.members
    else:
        # Django's own Http404 and PermissionDenied have no kind of theirs.
        by_status = {found.status: found for found in reversed(KINDS)}
        kind = next(
            (found for of_type, found in _BY_EXCEPTION if isinstance(error, of_type)),
            by_status.get(response.status_code, INVALID),
        )
        detail = _detail(response.data)
    if isinstance(error, exceptions.ValidationError):
        where = "parameter" if request.method in {"GET", "HEAD"} else "pointer"
        members = {"errors": list(_errors(error.detail, where))}
        detail = "; ".join(f"{found[where]}: {found['detail']}" for found in members["errors"])
    if "Retry-After" in response.headers:
        members = {"retry_after_seconds": int(response.headers["Retry-After"])}
    response.data = problem_object(kind, detail=detail, instance=request.path, members=members)
    response.status_code = kind.status
    response.content_type = MEDIA_TYPE
    challenge = response.headers.get("WWW-Authenticate")
    if challenge and isinstance(error, exceptions.AuthenticationFailed):
        response.headers["WWW-Authenticate"] = f'{challenge}, error="invalid_token"'
    return response


def _detail(data: Any) -> str:
    return str(data["detail"]) if isinstance(data, dict) and "detail" in data else str(data)


def _errors(detail: Any, where: str, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten what a serializer or a filter found: parameter names, or JSON pointers."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            if where == "parameter":
                yield from _errors(inner, where, path or step)
            else:
                yield from _errors(inner, where, f"{path}/{step}" if step else path)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _errors(inner, where, path)
    else:
        name = path if where == "parameter" else f"#{path}"
        yield {where: name, "detail": str(detail)}


def problem_response(request: HttpRequest, kind: ProblemKind, detail: str) -> JsonResponse:
    """Answer a request that reached no endpoint."""
    return JsonResponse(
        problem_object(kind, detail=detail, instance=request.path),
        status=kind.status,
        content_type=MEDIA_TYPE,
    )


def server_error(request: HttpRequest) -> JsonResponse:
    """Answer what nobody foresaw; the log has the rest."""
    return problem_response(
        request, SERVER_ERROR, "Something failed on our side; the log says what. Try again later."
    )


def unavailable(request: HttpRequest, what: str) -> JsonResponse:
    """Answer what cannot be done while `what`, such as the database, does not answer."""
    response = problem_response(request, UNAVAILABLE, f"{what} does not answer. Try again later.")
    response.headers["Retry-After"] = "10"
    return response


def bad_request(request: HttpRequest) -> JsonResponse:
    """Answer a request that Django itself refuses, such as one for an unknown host."""
    return problem_response(request, INVALID, "The request cannot be read.")


def too_large(request: HttpRequest) -> JsonResponse:
    """Answer a request with more data than Django reads."""
    return problem_response(request, TOO_LARGE, "The request is too large.")


def forbidden(request: HttpRequest) -> JsonResponse:
    """Answer a request that Django itself forbids."""
    return problem_response(request, PERMISSION_DENIED, "This is not allowed.")


def not_found(request: HttpRequest) -> JsonResponse:
    """Answer an address that no endpoint has."""
    return problem_response(
        request, NOT_FOUND, f"There is no address {request.path}; see /api/v1/docs/."
    )
