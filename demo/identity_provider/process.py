"""The identity provider in a process of its own, for tests."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from demo.module_process import running_module


@dataclass(frozen=True, slots=True)
class RunningProvider:
    """`issuer`: its address, under which it publishes what it offers."""

    issuer: str

    def know(self, subject: str, **claims: Any) -> None:
        """Have it know somebody with these claims, in place of what it knew of them."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.issuer}/users/{subject}",
            method="PUT",
            data=json.dumps(claims).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=20).close()  # noqa: S310

    def sign_in(self, authorization_url: str, subject: str | None) -> str:
        """Do as a browser and a person at the provider's page: return where it leads back to.

        `subject`: who the person says they are; None: they refuse.
        """
        fields = f"sub={subject}" if subject is not None else "action=deny"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        request = urllib.request.Request(authorization_url, data=fields.encode())  # noqa: S310
        with opener.open(request, timeout=20) as answer:
            return str(answer.headers["Location"])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Hands redirects on instead of following them."""

    def http_error_302(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        """Return the answer as it is."""
        return fp


@contextmanager
def running_provider() -> Iterator[RunningProvider]:
    """Start a provider on a free port and stop it at the end.

    :raises RuntimeError: it did not start; the text is what it wrote.
    """
    with running_module("demo.identity_provider", called="the provider") as address:
        yield RunningProvider(address)
