"""Requests over open connections: sent and answered as by botocore's own session."""

import datetime
import ipaddress
import socketserver
import ssl
import threading
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ConnectionClosedError
from botocore.httpsession import URLLib3Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from inventory.aws.exchange import OpenConnections

FIRST = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast"

ANSWERS = {
    "usual": b"HTTP/1.1 200 OK\r\nX-Amzn-RequestId:  a b \r\nContent-Length: 2\r\n\r\n{}",
    "long": b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"0123456789" * 9000,
    "empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "refused": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied",
    "failed": b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
    "without a reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "in chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    ),
    "closing": b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n{}",
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nall of it",
    "of HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "nothing to say": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not changed": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
    "after one to go on": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
    ),
    "a header twice": b"HTTP/1.1 200 OK\r\nVia: one\r\nVia: two\r\nContent-Length: 1\r\n\r\n1",
    "a header on two lines": b"HTTP/1.1 200 OK\r\nVia: one,\r\n two\r\nContent-Length: 1\r\n\r\n1",
    "headers of 20 kB": (
        b"HTTP/1.1 200 OK\r\nVia: " + b"v" * 20_000 + b"\r\nContent-Length: 1\r\n\r\n1"
    ),
    "lines that end by LF": b"HTTP/1.1 200 OK\nContent-Length: 1\n\n1",
    "compressed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    "cut in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    "cut in its head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    "not HTTP": b"SSH-2.0-OpenSSH_9.9\r\n",
    "none": b"",
}
# After these the server closes.
ENDED = {
    *("until the end", "of HTTP/1.0", "closing", "cut", "cut in a chunk", "cut in its head"),
    *("no length", "not HTTP", "none"),
}


class Server(socketserver.ThreadingTCPServer):
    """Gives each request the next of `answers`; None: closes. Notes requests and connections."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Any] = []
        self.requests: list[Any] = []
        self.connections = 0
        self.context = context

    @property
    def place(self):
        scheme = "http" if self.context is None else "https"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self):
        self.server.connections += 1
        sock = self.request
        if self.server.context is not None:
            sock = self.server.context.wrap_socket(sock, server_side=True)
        while request := self._request(sock):
            self.server.requests.append(request)
            answer, ends = self.server.answers.pop(0)
            sock.sendall(answer)
            if ends:
                break
        sock.close()

    @staticmethod
    def _request(sock):
        request = b""
        while b"\r\n\r\n" not in request:
            more = sock.recv(65536)
            if not more:
                return b""
            request += more
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            assert name.lower() not in headers
            headers[name.lower()] = value
        while len(body) < int(headers.get("content-length", 0)):
            body += sock.recv(65536)
        return lines[0], headers, body


def opened(**how: Any) -> OpenConnections:
    return OpenConnections(URLLib3Session(**how))


def served(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def shared_server():
    yield from served(Server())


@pytest.fixture
def server(shared_server):
    shared_server.answers, shared_server.requests, shared_server.connections = [], [], 0
    return shared_server


def answer_of(session, server, path="/", *, method="POST", headers=None, **more):
    headers = {"User-Agent": "orgwarden", **(headers or {})}
    request = AWSRequest(
        method=method, url=f"{server.place}{path}", headers=headers, **more
    ).prepare()
    try:
        answer = session.send(request)
    except BotoCoreError as error:
        return type(error)
    return answer.status_code, dict(answer.headers.items()), answer.content


class TestAnswers:
    @pytest.mark.parametrize("name", ANSWERS)
    def test_are_as_botocores_own_session_reads_them(self, server, name):
        given = [(FIRST, False), (ANSWERS[name], name in ENDED), (LAST, False)]
        found = []
        for session in (URLLib3Session(), opened()):
            server.answers, server.connections = list(given), 0
            answers = [answer_of(session, server, data="Action=A") for _ in given]
            found.append((answers, server.connections))
            session.close()
        by_botocore, own = found
        assert lowered(own[0]) == lowered(by_botocore[0])
        assert own[0][2][2] == b"last"
        # A connection is used again wherever botocore uses it again.
        assert own[1] == by_botocore[1] == (2 if name in ENDED else 1)

    def test_of_head_requests_have_no_body(self, server):
        server.answers = [(FIRST, False), (FIRST[:-5], False), (LAST, False)]
        session = opened()
        answer_of(session, server)
        assert answer_of(session, server, method="HEAD")[2] == b""
        assert answer_of(session, server)[2] == b"last"

    def test_a_server_that_says_nothing_is_waited_for_no_longer_than_the_timeout(self, server):
        server.answers = [(FIRST, False), (b"", False), (LAST, False)]
        session = opened(timeout=(5, 0.05))
        answer_of(session, server)
        assert answer_of(session, server).__name__ == "ReadTimeoutError"
        assert answer_of(session, server)[2] == b"last"

    def test_a_reading_that_is_stopped_leaves_nothing_for_the_next(self, server, monkeypatch):
        server.answers = [(FIRST, False), (LAST, False), (LAST, False)]
        session = opened()
        answer_of(session, server)
        with monkeypatch.context() as patched:
            patched.setattr("inventory.aws.exchange._head", stop)
            with pytest.raises(KeyboardInterrupt):
                answer_of(session, server)
        assert answer_of(session, server)[2] == b"last"
        assert server.connections == 2

    def test_a_connection_that_the_server_closed_meanwhile_is_made_again(self, server):
        server.answers = [(FIRST, True), (LAST, False)]
        session = opened()
        answer_of(session, server)
        assert answer_of(session, server) in (ConnectionClosedError, (200, LENGTH_4, b"last"))


LENGTH_4 = {"Content-Length": "4"}


def stop(_):
    raise KeyboardInterrupt


def lowered(answers):
    return [
        answer
        if isinstance(answer, type)
        else (answer[0], {name.lower(): value for name, value in answer[1].items()}, answer[2])
        for answer in answers
    ]


class TestRequests:
    @pytest.mark.parametrize(
        "more",
        [
            pytest.param({"data": b'{"a": 1}'}, id="a body"),
            pytest.param({"data": {"Action": "GetUser", "Name": "ä b"}}, id="a form"),
            pytest.param({"method": "GET", "path": "/a%20b/c?x=1&y=%2F"}, id="an address"),
            pytest.param({"method": "GET", "path": "?x=1"}, id="parameters alone"),
            pytest.param({"headers": {"X-Amz-Target": b"A.B", "X-Text": "a"}}, id="headers"),
            pytest.param({"headers": {"Host": "other", "Accept-Encoding": "gzip"}}, id="own host"),
            pytest.param({"data": b"x" * 200_000}, id="a long body"),
            pytest.param({"method": "GET", "path": "/a;b/c;d"}, id="a semicolon"),
            pytest.param({"headers": {"X-Text": "ä"}}, id="no ASCII"),
        ],
    )
    def test_are_as_botocores_own_session_sends_them(self, server, more):
        for session in (URLLib3Session(), opened()):
            server.answers += [(FIRST, False), (LAST, False)]
            answer_of(session, server)
            assert answer_of(session, server, **more)[2] == b"last"
            session.close()
        by_botocore, own = server.requests[1::2]
        assert own == by_botocore
        assert server.connections == 2

    @pytest.mark.parametrize("value", ["a\r\nX-Admin: yes", "a\nX-Admin: yes", b"a\rb"])
    def test_with_a_header_inside_of_another_are_refused(self, server, value):
        server.answers = [(FIRST, False), (LAST, False)]
        session = opened()
        answer_of(session, server)
        assert isinstance(answer_of(session, server, headers={"X-Text": value}), type)
        assert len(server.requests) == 1

    def test_through_a_proxy_are_botocores(self, server):
        server.answers = [(FIRST, False), (LAST, False)]
        session = opened(proxies={"http": server.place})
        for _ in range(2):
            request = AWSRequest(method="GET", url="http://iam.example.com/a").prepare()
            assert session.send(request).status_code == 200
        assert [line for line, _, _ in server.requests] == [
            "GET http://iam.example.com/a HTTP/1.1"
        ] * 2


def test_works_over_tls_as_soon_as_the_certificate_was_checked(tmp_path):
    certificate = tmp_path / "server.pem"
    write_certificate(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    for server in served(Server(context)):
        server.answers = [(FIRST, False), (ANSWERS["long"], False), (LAST, False)]
        session = opened(verify=str(certificate))
        assert [len(answer_of(session, server)[2]) for _ in range(3)] == [5, 90_000, 4]
        assert server.connections == 1
        session.close()
        distrusting = opened()
        assert answer_of(distrusting, server).__name__ == "SSLError"


def write_certificate(file):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    authority = x509.BasicConstraints(ca=True, path_length=None)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(authority, critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
