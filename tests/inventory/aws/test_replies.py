"""Replies over a real connection: cut, not JSON, not XML, nested too deep."""

import gzip
import http.server
import threading
from typing import Any

import pytest
from botocore.credentials import ReadOnlyCredentials

from inventory.aws import session
from inventory.aws.client import AwsClient, CallLog, Patience
from inventory.aws.errors import AwsMalformed, AwsReadFailed
from tests.inventory.stubs import ROLE

PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome</body></html>"
# Of each of AWS's protocols a call, what comes of it, and a reply without anything in it.
PROTOCOLS = {
    "json": ("organizations", "list_roots", {}, ("Roots", []), b'{"Roots": []}'),
    "rest-json": ("lambda", "list_functions", {}, ("Functions", []), b'{"Functions": []}'),
    "ec2": (
        "ec2",
        "describe_vpcs",
        {},
        ("Vpcs", []),
        b"<DescribeVpcsResponse><requestId>1</requestId><vpcSet/></DescribeVpcsResponse>",
    ),
    "rest-xml": (
        "s3",
        "list_buckets",
        {},
        ("Buckets", []),
        b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>",
    ),
    "text": (
        "s3",
        "get_bucket_policy",
        {"Bucket": "acme"},
        ("Policy", '{"Id": "1"}'),
        b'{"Id": "1"}',
    ),
}
ROOTS = b'{"Roots": []}'
ALIASES = (
    b"<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases><member>a</member>"
    b"</AccountAliases><IsTruncated>false</IsTruncated></ListAccountAliasesResult>"
    b"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ListAccountAliasesResponse>"
)


class Replies(http.server.BaseHTTPRequestHandler):
    """Answers each request with the next of `given`: a body, the length it claims, and more."""

    given: list[tuple[Any, ...]] = []

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body, length, *more = self.given.pop(0)
        status, encoding = more or (200, "")
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server():
    Replies.given = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Replies) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client_of(server, monkeypatch):
    monkeypatch.setattr(session, "_clients", session._Clients())

    def client_of(service):
        return AwsClient(
            session.acting_client(
                service,
                region="us-east-1",
                endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
            ),
            credentials=ReadOnlyCredentials("AKIATESTS", "secret", "token"),
            role=ROLE,
            log=CallLog(),
            patience=Patience(sleep=lambda _: None),
        )

    return client_of


def whole(body):
    return body, len(body)


class TestReplies:
    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param(whole(b"<html>Please sign in</html>"), id="a page"),
            pytest.param(whole(b""), id="nothing"),
            pytest.param((ROOTS[:7], len(ROOTS)), id="cut"),
            pytest.param(whole(b'{"Roots": [{"Id": "r-ab12"}'), id="JSON that does not end"),
            pytest.param(whole(b'{"Roots": "\xff"}'), id="not UTF-8"),
        ],
    )
    def test_a_reply_that_is_not_whole_json_is_asked_for_again(self, client_of, broken):
        Replies.given = [broken, whole(ROOTS)]
        assert client_of("organizations").call("list_roots")["Roots"] == []

    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param(whole(b"<html>Please sign in</html>"), id="a page"),
            pytest.param(whole(b"<html><body>Sign in</body></html>"), id="a page that is XML"),
            pytest.param(whole(b"ok"), id="a word"),
            pytest.param((ALIASES[:90], len(ALIASES)), id="cut"),
        ],
    )
    def test_a_reply_that_is_not_whole_xml_is_asked_for_again(self, client_of, broken):
        Replies.given = [broken, whole(ALIASES)]
        answer = client_of("iam").call("list_account_aliases")
        assert answer["AccountAliases"] == ["a"]

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_what_is_no_answer_is_asked_for_again_in_every_protocol(self, client_of, protocol):
        service, operation, asked, (member, value), good = PROTOCOLS[protocol]
        broken = [
            whole(PAGE),
            whole(b'<?xml version="1.0"?>' + PAGE),
            (good[:-4], len(good)),
            (*whole(gzip.compress(good)[:-5]), 200, "gzip"),
            (*whole(PAGE), 500, ""),
            (*whole(PAGE), 503, ""),
            (b"", 0, 502, ""),
        ]
        if protocol != "text":
            broken.append(whole(b""))
        for one in broken:
            Replies.given = [one, whole(good)]
            assert client_of(service).call(operation, **asked)[member] == value, one
            assert Replies.given == []

    def test_a_reply_that_is_never_whole_fails_after_four_attempts(self, client_of):
        Replies.given = [whole(b"<html></html>")] * 4
        with pytest.raises(AwsMalformed, match="a web page"):
            client_of("organizations").call("list_roots")

    def test_json_nested_thousands_deep_is_malformed_and_not_asked_for_again(self, client_of):
        Replies.given = [whole(b'{"Roots": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")]
        with pytest.raises(AwsMalformed, match="RecursionError"):
            client_of("organizations").call("list_roots")

    def test_no_reply_at_all_is_asked_for_again(self, client_of, server):
        Replies.given = [(b"", 10), whole(ROOTS)]
        assert client_of("organizations").call("list_roots")["Roots"] == []
        server.shutdown()
        server.server_close()
        with pytest.raises(AwsReadFailed):
            client_of("organizations").call("list_roots")
