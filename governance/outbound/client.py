"""Sends one POST to an address that was checked: no redirects, little time, little to read."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from governance.outbound.addresses import OutboundAddress, checked_addresses, parse_address
from inventory.public_addresses import Resolve, resolve

USER_AGENT: Final = "Orgwarden/1"
_CONNECT_SECONDS: Final = 5.0
_TOTAL_SECONDS: Final = 15.0
_ANSWER_BYTES: Final = 4096
_ADDRESSES_TRIED: Final = 3


class CallFailed(Exception):
    """Nothing came back that could be read; the message says why, without the address's path."""


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """What came back. `body`: its first bytes as text; `truncated`: there were more."""

    status: int
    headers: Mapping[str, str]
    body: str
    truncated: bool
    seconds: float
    ip_address: str

    @property
    def is_success(self) -> bool:
        """Whether the status says that it was taken: 200 to 299. A redirect is none."""
        return 200 <= self.status < 300


def post(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    allowed_origins: Collection[str] = (),
    addresses_of: Resolve = resolve,
    context: ssl.SSLContext | None = None,
    total_seconds: float = _TOTAL_SECONDS,
) -> OutboundAnswer:
    """Send `body` to `url` and return what came back, whatever its status.

    The connection goes to an IP address that was checked, with the name of the host for TLS and
    for the header Host. `context`: trusts other certificates than the system's.

    :raises AddressRefused: the address may not be called, as it is now.
    :raises CallFailed: no connection, TLS, no answer in time, or none that is HTTP.
    """
    address = parse_address(url, allowed_origins=allowed_origins)
    found = checked_addresses(address, addresses_of=addresses_of)
    began = time.monotonic()
    connected, ip_address = _connect(address, found, began + total_seconds)
    guard = connected.dup()
    overran = threading.Event()
    late = f"no whole answer within {total_seconds:g} seconds"

    def stop() -> None:
        overran.set()
        _shut(guard)

    timer = threading.Timer(max(0.0, began + total_seconds - time.monotonic()), stop)
    timer.daemon = True
    timer.start()
    connection = _Connected(address, connected, context)
    try:
        status, told, first, truncated = _exchange(connection, address, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CallFailed(late if overran.is_set() else _words(error)) from error
    finally:
        timer.cancel()
        connection.close()
        connected.close()
        guard.close()
    if overran.is_set():
        raise CallFailed(late)
    return OutboundAnswer(
        status=status,
        headers=told,
        body=first.decode("utf-8", "replace").replace("\x00", "\ufffd"),
        truncated=truncated,
        seconds=round(time.monotonic() - began, 3),
        ip_address=ip_address,
    )


class _Connected(http.client.HTTPConnection):
    """HTTP over a socket that is connected already; TLS begins with the first request."""

    def __init__(
        self, address: OutboundAddress, connected: socket.socket, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(address.host, address.port)
        self._connected = connected
        self._context = (context or _trusting()) if address.scheme == "https" else None
        if self._context is not None:
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        """Begin TLS, by the name of the host."""
        self.sock = self._connected
        if self._context is not None:
            self.sock = self._context.wrap_socket(self._connected, server_hostname=self.host)


def _exchange(
    connection: _Connected, address: OutboundAddress, body: bytes, headers: Mapping[str, str]
) -> tuple[int, dict[str, str], bytes, bool]:
    connection.request(
        "POST",
        address.target,
        body=body,
        headers={
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        },
    )
    answer = connection.getresponse()
    first = answer.read(_ANSWER_BYTES + 1)
    told = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, told, first[:_ANSWER_BYTES], len(first) > _ANSWER_BYTES


def _connect(
    address: OutboundAddress, found: tuple[str, ...], until: float
) -> tuple[socket.socket, str]:
    problem = ""
    for ip_address in found[:_ADDRESSES_TRIED]:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            connected = socket.create_connection(
                (ip_address, address.port), timeout=min(_CONNECT_SECONDS, left)
            )
        except OSError as error:
            problem = f"{ip_address} port {address.port}: {_words(error)}"
            continue
        connected.settimeout(max(0.1, until - time.monotonic()))
        return connected, ip_address
    raise CallFailed(f"no connection to {address.host}: {problem or 'no time was left'}")


@cache
def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context()


def _shut(guard: socket.socket) -> None:
    try:
        guard.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is closed already.
        return


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it closed the connection without an answer"
    if isinstance(error, http.client.HTTPException):
        return f"its answer is not HTTP ({type(error).__name__})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
