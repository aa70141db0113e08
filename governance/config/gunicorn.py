"""How gunicorn serves: `gunicorn --config python:governance.config.gunicorn`."""

import json
from typing import Any, Final

from gunicorn import util

# A proxy keeps a connection for 60 s or less: it must be the one to close it, or it sends a request
# into a connection that has just been closed here.
keepalive: Final = 75
# The longest that gunicorn lets a line be. Questions are asked in addresses, with ARNs in them.
limit_request_line: Final = 8190

_NAMES: Final = {414: "address-too-long", 431: "headers-too-large"}


def post_worker_init(worker: Any) -> None:
    """Keep the worker warm. Here, after the fork: a thread does not survive one."""
    # Its models can be imported once the application has set Django up.
    from governance.posture.warming import start_warming

    util.write_error = write_problem
    start_warming()


def write_problem(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """Answer what is no request that Django could be given, as a problem (RFC 9457).

    In place of gunicorn's own function, which sends HTML. Of such a request not even the address
    is known for certain, so pages and API are answered alike. `mesg`: what is wrong with it.
    """
    body = json.dumps(
        {
            "type": f"urn:orgwarden:problem:{_NAMES.get(status_int, 'invalid')}",
            "title": reason,
            "status": status_int,
            "detail": mesg if status_int < 500 else reason,
        }
    ).encode()
    head = (
        f"HTTP/1.1 {status_int} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("latin1") + body)
