"""Requests that hold what no text of ours can: told so before anything reads them."""

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_plus

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class RequestTextMiddleware:
    """Refuses the character NUL, which PostgreSQL stores in no text, in addresses and forms.

    Bodies of JSON are checked by the parser of the API.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse.

        :raises BadRequest: some text holds NUL.
        """
        if "\0" in request.path or "\0" in unquote_plus(request.META.get("QUERY_STRING", "")):
            raise BadRequest("The address holds the character NUL (%00). Take it out.")
        if request.method == "POST" and request.content_type in _FORMS:
            for name in request.POST:
                if any("\0" in text for text in (name, *request.POST.getlist(name))):
                    raise BadRequest("The form holds the character NUL. Take it out.")
        return self.get_response(request)
