"""Requests over connections that are open already, sent and read in fewer steps.

Of a short call to AWS's APIs, urllib3 and the standard library spend more of the processor than
signing and parsing do: a packet for the head and one for the body, an e-mail parser for the
headers, and a chain of objects for the answer. Here a request is one packet, and an answer of the
usual form is read at once. Connecting with its checks of certificates, proxies, streams, and
whatever has another form is left to botocore and the standard library.
"""

import contextlib
import http.client
import re
from collections.abc import Iterator, Mapping
from ssl import SSLError as TlsError
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import BotoCoreError, ConnectionClosedError, ReadTimeoutError, SSLError
from urllib3 import HTTPConnectionPool, HTTPHeaderDict
from urllib3.connection import HTTPConnection

# The usual head of an answer: no answer before the last, and one that has a body.
_HEAD: Final = re.compile(rb"HTTP/1\.1 (?!204|304)([2-5]\d\d)[ \r]")
_END_OF_HEAD: Final = b"\r\n\r\n"
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
# What the first read of an answer takes at most; heads of AWS's are shorter by far.
_FIRST_READ_BYTES: Final = 16 * 1024
# With these a request or an answer is not sent or read as a whole.
_IN_PARTS: Final = frozenset({"expect", "transfer-encoding"})
# What no address has where it is sent as it stands.
_NOT_IN_ADDRESSES: Final = re.compile(r"[\x00-\x20\x7f#;]")


class _Answer(NamedTuple):
    status: int
    headers: Any
    body: bytes
    closes: bool


class _Head(NamedTuple):
    status: int
    headers: Mapping[str, str]
    bytes_read: int
    body_bytes: int


class _Body:
    """The body of an answer that was read, as AWSResponse asks for it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class _Place(NamedTuple):
    """A host that is called: `address` is all of an address before the path, `host` a header."""

    address: str
    host: str
    pool: HTTPConnectionPool


class OpenConnections:
    """Sends over the open connections of a botocore session, and by that session where none is."""

    def __init__(self, session: Any) -> None:
        """`session`: a URLLib3Session; it connects, and sends all that goes through a proxy."""
        self._session = session
        self._proxied = bool(session._proxy_config._proxies)
        # Nearly all requests of a client go to one place.
        self._last: _Place | None = None

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Return AWS's answer.

        :raises botocore.exceptions.BotoCoreError: there is none, or it takes too long.
        """
        place = self._place(request.url)
        message = _message(request, place)
        if self._proxied or request.stream_output or message is None:
            return self._sent_by_botocore(request)
        connection: Any = place.pool._get_conn()
        if connection.is_closed:
            # A new one does not know yet how to check certificates: botocore makes its own.
            place.pool._put_conn(None)
            return self._sent_by_botocore(request)
        try:
            answer = _exchange(connection, message, method=request.method)
        except BaseException as error:
            # Nobody may take the rest of this answer for that to another request.
            connection.close()
            failure = _failure(error, request)
            if failure is None:
                raise
            raise failure from error
        else:
            if answer.closes:
                connection.close()
        finally:
            place.pool._put_conn(connection)
        return AWSResponse(request.url, answer.status, answer.headers, _Body(answer.body))

    def _sent_by_botocore(self, request: AWSPreparedRequest) -> AWSResponse:
        answer: AWSResponse = self._session.send(request)
        return answer

    def _place(self, url: str) -> _Place:
        last = self._last
        if last is None or not url.startswith(f"{last.address}/") or last.pool.pool is None:
            split = urlsplit(url)
            pool = self._session._manager.connection_from_url(url)
            host = f"[{split.hostname}]" if ":" in (split.hostname or "") else split.hostname or ""
            if split.port not in {None, pool.ConnectionCls.default_port}:
                host = f"{host}:{split.port}"
            last = self._last = _Place(f"{split.scheme}://{split.netloc}", host, pool)
        return last


def _failure(error: BaseException, request: AWSPreparedRequest) -> BotoCoreError | None:
    """Return botocore's error for what happened; None: it has none."""
    if isinstance(error, TimeoutError):
        return ReadTimeoutError(endpoint_url=request.url, error=error)
    if isinstance(error, TlsError):
        return SSLError(endpoint_url=request.url, error=error)
    if isinstance(error, OSError | http.client.HTTPException):
        return ConnectionClosedError(endpoint_url=request.url, error=error, request=request)
    return None


def _message(request: AWSPreparedRequest, place: _Place) -> bytes | None:
    """Return a request as it is sent; None: it is not one to be sent as a whole."""
    body: Any = request.body
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes | None):
        return None
    headers = {"host": place.host, "accept-encoding": "identity"}
    for name, value in request.headers.items():
        headers[name.lower()] = _text(value)
    target = request.url[len(place.address) :]
    if not target.startswith("/"):
        target = f"/{target}"
    if _NOT_IN_ADDRESSES.search(target) or not headers.keys().isdisjoint(_IN_PARTS):
        return None
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"{request.method} {target} HTTP/1.1", *lines])
    # Nothing that is part of a value may pass as another header.
    if not head.count("\n") == head.count("\r") == len(lines):
        return None
    try:
        return head.encode("ascii") + _END_OF_HEAD + (body or b"")
    except UnicodeEncodeError:
        return None


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _exchange(connection: HTTPConnection, message: bytes, *, method: str) -> _Answer:
    """Send a request, and return the whole answer.

    :raises OSError: the connection breaks, or nothing comes for too long.
    :raises http.client.HTTPException: the answer is not one of HTTP, or ends too early.
    """
    sock: Any = connection.sock
    if sock is None:
        raise http.client.NotConnected
    # Who answers before it has read everything may have closed its side; the answer is here.
    with contextlib.suppress(BrokenPipeError):
        sock.sendall(message)
    with sock.makefile("rb", _FIRST_READ_BYTES) as reader:
        head = _head(reader.peek()) if method != "HEAD" else None
        if head is not None:
            reader.read(head.bytes_read)
            body = reader.read(head.body_bytes)
            closes = "close" in head.headers.get("connection", "").lower()
            closes = closes or len(body) < head.body_bytes
            return _Answer(head.status, head.headers, body, closes)
        response = http.client.HTTPResponse(sock, method=method)
        response.fp.close()
        response.fp = reader
        response.begin()
        try:
            body, closes = response.read(), response.will_close
        except http.client.IncompleteRead as error:
            if response.chunked:
                raise
            # As botocore does: who reads an answer compares it with its length.
            body, closes = error.partial, True
        headers = HTTPHeaderDict(
            (name, _FOLD.sub(" ", value)) for name, value in response.headers.items()
        )
        return _Answer(response.status, headers, body, closes)


def _head(begun: bytes) -> _Head | None:
    """Return the head of an answer by the first bytes of it; None: it has not the usual form.

    The usual form: HTTP/1.1, each header once and on one line, and the length of the body.
    """
    found = _HEAD.match(begun)
    end = begun.find(_END_OF_HEAD)
    if found is None or end < 0:
        return None
    lines = begun[:end].decode("latin-1").split("\r\n")[1:]
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or name in headers or not name.isascii() or name.strip() != name:
            return None
        headers[name] = value.lstrip(" \t")
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or not headers.keys().isdisjoint(_IN_PARTS):
        return None
    return _Head(int(found[1]), headers, end + len(_END_OF_HEAD), int(length))
