"""ETags: answers that the asker has already are not sent again, changes name what they change.

ETags are strong: the same tag means the same bytes. They are made of the rendered answer, so no
endpoint has to know what its answer depends on. What compresses answers marks the tag with
`CODING_SUFFIX` (`governance/presentation/compression.py`), since other bytes are sent then.
"""

import functools
import hashlib
from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec

from django.db import connection, transaction
from django.utils.http import parse_etags, quote_etag
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.parts.problems import PRECONDITION_FAILED, PRECONDITION_REQUIRED, Problem
from governance.presentation.compression import CODING_SUFFIX

# Methods that change or remove an object that exists.
CHANGES: Final = frozenset({"PUT", "PATCH", "DELETE"})
_OF_CONTENT: Final = ("Content-Type", "Content-Length", "Content-Language")

P = ParamSpec("P")
Handler = Callable[Concatenate[Any, Request, P], Response]


def etag_of(content: bytes) -> str:
    """Return the strong ETag of an answer's bytes, in its quotation marks."""
    return quote_etag(hashlib.sha256(content).hexdigest()[:32])


def _plain(tag: str) -> str:
    """Return the tag of the same answer uncompressed."""
    return tag.replace(f'{CODING_SUFFIX}"', '"')


def tag_when_rendered(response: Response, request: Request) -> None:
    """Give the answer to a GET its ETag once it is rendered, and make it a 304 if that is held.

    Answers that are not 200 have none.
    """
    if request.method not in {"GET", "HEAD"} or response.status_code != status.HTTP_200_OK:
        return
    held = parse_etags(request.headers.get("If-None-Match", ""))

    def tag(rendered: Any) -> None:
        etag = etag_of(rendered.content)
        rendered.headers["ETag"] = etag
        # Weak comparison, as RFC 9110 asks for: a proxy may have made the tag a weak one.
        if "*" in held or etag in {_plain(one.removeprefix("W/")) for one in held}:
            rendered.status_code = status.HTTP_304_NOT_MODIFIED
            rendered.content = b""
            for name in _OF_CONTENT:
                del rendered.headers[name]

    response.add_post_render_callback(tag)


def require_match(request: Request, *, on_post: bool = False) -> None:
    """Refuse a change that does not name the state that it changes. `on_post`: by POST, too.

    :raises Problem: `If-Match` is missing.
    """
    changes = request.method in CHANGES or (on_post and request.method == "POST")
    if changes and "If-Match" not in request.headers:
        raise Problem(
            PRECONDITION_REQUIRED,
            "send If-Match with the ETag of what you last read from this address without `fields`, "
            "so that nobody's change in between is lost; `*` changes it whatever it is now",
        )


def if_match(handler: "Handler[P]") -> "Handler[P]":
    """Let a change pass only while the object is what its `If-Match` names.

    The object is read by the endpoint's own `get`, in the transaction of the change, while no
    other request changes what is at this address.

    :raises Problem: `If-Match` is missing, or the object is another by now.
    """

    @functools.wraps(handler)
    def change(self: Any, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        require_match(request, on_post=True)
        held = parse_etags(request.headers["If-Match"])
        with transaction.atomic():
            _one_at_a_time(request.path)
            present = etag_of(JSONRenderer().render(self.get(request, *args, **kwargs).data))
            if "*" not in held and present not in {_plain(one) for one in held}:
                raise Problem(
                    PRECONDITION_FAILED,
                    "it has changed since you read it, or the tag is a weak one; read it again",
                    etag=present,
                )
            return handler(self, request, *args, **kwargs)

    return change


def _one_at_a_time(path: str) -> None:
    """Wait until no other transaction changes what is at this address; ends with this one."""
    key = int.from_bytes(hashlib.sha256(path.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
