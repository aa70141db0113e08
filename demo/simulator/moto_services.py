"""moto behind the front: how it is reached, made quick, and kept from answering in HTML."""

import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import moto.backends
import moto.core.responses
from moto.core.utils import method_names_from_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from demo.simulator.answering import Answer
from demo.simulator.calls import Call
from demo.simulator.errors import AwsError

# The first touch of EC2 in an account loads 500 machine images nobody looks at: 50 ms instead of 8.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
# At each request moto lists its own folder, with a look at each entry, and the methods of the class
# that answers: a third of the time of an answer, and neither ever changes.
_MODULES = frozenset(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: _MODULES
moto.core.responses.method_names_from_class = cache(method_names_from_class)  # type: ignore[attr-defined]


class MotoServices:
    """moto's applications, one a service, made at their first call."""

    def __init__(self) -> None:
        self._applications = DomainDispatcherApplication(create_backend_app)

    def answer(self, call: Call, environ: dict[str, Any], account_id: str) -> Answer:
        """Let moto answer for `account_id`.

        :raises AwsError: where moto has no such service or operation, or fails.
        """
        if not self._knows(environ):
            raise unsupported(call)
        # moto looks for the key in every account at each request; this header ends the search.
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account_id
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            started.append((status, headers))
            return lambda _: None

        try:
            application: Callable[..., Iterable[bytes]] = self._applications
            body = b"".join(application(environ, start_response))
        except (NotImplementedError, AttributeError, KeyError, TypeError, ValueError) as error:
            # moto raises whatever comes where it has no such operation; AWS would say it in words.
            raise unsupported(call) from error
        status, headers = started[-1]
        number = int(status.split()[0])
        content_type = dict(headers).get("Content-Type", "")
        if number >= 400 and content_type.startswith("text/html") and not _is_aws_error(body):
            raise unsupported(call)
        return number, headers, body

    def _knows(self, environ: dict[str, Any]) -> bool:
        host = self._applications.infer_service_region_host(environ, environ["PATH_INFO"])
        return host is not None and (
            host in _MODULES
            or any(
                pattern.match(f"http://{host}")
                for _, pattern in self._applications.backend_url_patterns
            )
        )


def _is_aws_error(body: bytes) -> bool:
    text = body.lstrip()
    if text.startswith((b"<?xml", b"<Error", b"<Response")):
        return True
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def unsupported(call: Call) -> AwsError:
    """Return the answer to an operation that nothing here can do, in the protocol's own code."""
    if call.protocol == "query":
        return AwsError(
            "InvalidAction",
            f"The action {call.operation} is not valid for this web service.",
        )
    return AwsError(
        "UnknownOperationException",
        f"The operation {call.name} is not available at this endpoint.",
        status=404 if call.protocol.startswith("rest") else 400,
    )
