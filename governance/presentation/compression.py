"""Compresses answers, and lets strong ETags stay strong."""

from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# At the end of the ETag of a compressed answer: other bytes, so another tag.
CODING_SUFFIX: Final = "-gzip"


class CompressionMiddleware(GZipMiddleware):
    """As Django's, but that it gives a compressed answer a strong ETag of its own.

    Django's makes the tag a weak one, and a weak one is of no use in `If-Match`.
    """

    def process_response(self, request: HttpRequest, response: Any) -> HttpResponseBase:
        """Compress the answer where the asker takes that and it becomes shorter."""
        etag = response.headers.get("ETag", "")
        done: Any = super().process_response(request, response)
        if etag.startswith('"') and done.headers.get("ETag", "").startswith("W/"):
            done.headers["ETag"] = f'{etag[:-1]}{CODING_SUFFIX}"'
        return done  # type: ignore[no-any-return]
