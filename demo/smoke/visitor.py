"""A visitor over HTTP: signs in as a person would, or carries a token as a program does."""

import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

_TIMEOUT_SECONDS: Final = 30
_READY_WITHIN_SECONDS: Final = 180
_BETWEEN_SECONDS: Final = 2
_NOT_READY: Final = frozenset({HTTPStatus.ACCEPTED, HTTPStatus.SERVICE_UNAVAILABLE})


class VisitFailed(AssertionError):
    """An address did not answer as it should; the message says which and what it said."""


@dataclass(frozen=True, slots=True)
class VisitedPage:
    """What an address said. `url`: where it was in the end, after redirects."""

    status: int
    url: str
    content_type: str
    text: str


class Visitor:
    """Fetches addresses below `base`, which ends with a slash, keeping cookies."""

    def __init__(self, base: str, *, token: str | None = None) -> None:
        """With a `token` every request carries it."""
        self._base = base
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> VisitedPage:
        """Fetch `path`, whatever its status; where it is not ready yet, ask again for a while."""
        request = urllib.request.Request(self._url(path), headers=self._headers)  # noqa: S310
        last = time.monotonic() + _READY_WITHIN_SECONDS
        answer = self._open(request)
        while answer.status in _NOT_READY and time.monotonic() < last:
            time.sleep(_BETWEEN_SECONDS)
            answer = self._open(request)
        return answer

    def post(self, path: str, fields: dict[str, str]) -> VisitedPage:
        """Send a form to `path`."""
        return self._open(
            urllib.request.Request(  # noqa: S310
                self._url(path),
                data=urllib.parse.urlencode(fields).encode(),
                headers={**self._headers, "Referer": self._url(path)},
            )
        )

    def sign_in(self, name: str, password: str) -> None:
        """Sign in by the form, with the form's own CSRF token.

        :raises VisitFailed: it does not let this person in.
        """
        path = "/sign-in/"
        form = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"', form.text)
        if found is None:
            raise VisitFailed(f"{path} answers {form.status} without a form to sign in")
        fields = {"login": name, "password": password, "csrfmiddlewaretoken": found[1]}
        answer = self.post(path, fields)
        if urllib.parse.urlsplit(answer.url).path == path:
            raise VisitFailed(f"{path} does not let {name} in: {answer.status} at {answer.url}")

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self._base, path)

    def _open(self, request: urllib.request.Request) -> VisitedPage:
        try:
            response = self._opener.open(request, timeout=_TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return VisitedPage(
                status=response.status,
                url=response.url,
                content_type=response.headers.get_content_type(),
                text=response.read().decode("utf-8", errors="replace"),
            )
