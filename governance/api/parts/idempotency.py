"""Lets a POST be sent again without being done again."""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec

from django.core.cache import cache
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.api.parts.problems import INVALID, KEY_REUSED, REPEATED_TOO_SOON, Problem

HEADER: Final = "Idempotency-Key"
_KEPT_SECONDS: Final = 24 * 60 * 60
# A server that dies in the middle must not block the key for long.
_UNDER_WAY_SECONDS: Final = 120
LONGEST_KEY: Final = 255
# Of ASCII, neither first nor last a space, which servers on the way may take away.
KEY_PATTERN: Final = r"[!-~]([ -~]*[!-~])?"
_KEPT_HEADERS: Final = ("Location",)

P = ParamSpec("P")
Handler = Callable[Concatenate[Any, Request, P], Response]


def idempotent(handler: "Handler[P]") -> "Handler[P]":
    """Honour `Idempotency-Key` in a view's `post`: a repetition gets the first answer again.

    `Endpoint` does this for every `post` of its classes. What may not be kept, such as a secret,
    an answer names in `not_kept`; the repetition has null in its place.

    Answers that did what was asked are kept for 24 hours by person and key; after any other the
    key is free again.

    :raises Problem: the key was used for another request, or the first one still goes on.
    """

    @functools.wraps(handler)
    def post(self: APIView, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        given = request.headers.get(HEADER)
        # A handler may call that of its parent class, which is then part of the same request.
        if given is None or getattr(request, "idempotency_key_held", False):
            return handler(self, request, *args, **kwargs)
        if len(given) > LONGEST_KEY or not re.fullmatch(KEY_PATTERN, given):
            raise Problem(INVALID, f"{HEADER} has 1 to {LONGEST_KEY} characters of ASCII")
        key = f"api:idempotency:{_digest([request.user.pk, given])}"
        asked = _digest([request.get_full_path(), request.data])
        if not cache.add(key, {"asked": asked}, timeout=_UNDER_WAY_SECONDS):
            return _again(cache.get(key), asked)
        request.idempotency_key_held = True  # type: ignore[attr-defined]
        try:
            response = handler(self, request, *args, **kwargs)
        except BaseException:
            cache.delete(key)
            raise
        if not status.is_success(response.status_code):
            cache.delete(key)
            return response
        kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        cache.set(
            key,
            {
                "asked": asked,
                "status": response.status_code,
                "data": JSONRenderer().render(_kept_data(response)).decode(),
                "headers": kept,
            },
            timeout=_KEPT_SECONDS,
        )
        return response

    return post


def _kept_data(response: Response) -> Any:
    """Return what may be kept of an answer: null in place of the members in its `not_kept`."""
    hidden = getattr(response, "not_kept", ())
    return {**response.data, **dict.fromkeys(hidden)} if hidden else response.data


def _again(kept: dict[str, Any] | None, asked: str) -> Response:
    if kept is not None and kept["asked"] != asked:
        raise Problem(KEY_REUSED, f"take a fresh {HEADER} for a request that is not the same")
    if kept is None or "status" not in kept:
        raise Problem(REPEATED_TOO_SOON, "wait for its answer, or send it again in a moment")
    return Response(
        json.loads(kept["data"]),
        status=kept["status"],
        headers={**kept["headers"], "Idempotency-Replayed": "true"},
    )


def _digest(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
