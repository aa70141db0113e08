"""Has people see what they have just changed, whatever pages hold for a few seconds."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from governance.web.parts import frame_cache

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class OwnChangesMiddleware:
    """Notes that a person changed something: by a page's form, or by the REST API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, then hold nothing from before it for who sent it."""
        answer = self.get_response(request)
        if request.method not in _READING:
            # Of an endpoint that took a token, this is whose token it was.
            frame_cache.forget(request.user)
        return answer
