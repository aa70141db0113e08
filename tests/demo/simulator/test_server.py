"""How the simulator's server holds its connections, as AWS's do: many calls over one."""

import json
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import urlsplit

import pytest

from demo.simulator.credentials import CONSOLE


@pytest.fixture
def line(aws):
    """A connection of its own, over which requests are sent without a client's retries."""
    connection = HTTPConnection(urlsplit(aws.endpoint_url).netloc, timeout=20)
    yield connection
    connection.close()


def asked(line, operation, **given):
    """Return the answer's status and body to an unsigned body with a key in its header."""
    line.request(
        "POST",
        "/",
        json.dumps(given),
        {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={CONSOLE.access_key_id}/20260101/"
            "us-east-1/organizations/aws4_request",
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSOrganizationsV20161128.{operation}",
        },
    )
    answer = line.getresponse()
    return answer.status, answer.read()


def test_answers_many_calls_over_one_connection(line):
    _, first = asked(line, "DescribeOrganization")
    socket = line.sock
    _, refused = asked(line, "NoSuchOperation", Name="x" * 10_000)
    _, again = asked(line, "DescribeOrganization")
    assert b"Organization" in first
    assert again == first
    assert b"NoSuchOperation" in refused
    assert line.sock is socket


def test_ends_the_connection_after_an_answer_shorter_than_it_claims(aws, line):
    aws.control("POST", "/faults", {"kind": "shorten", "operation": "DescribeOrganization"})
    with pytest.raises(IncompleteRead):
        asked(line, "DescribeOrganization")


def test_reads_a_body_that_comes_in_chunks_to_its_end(line):
    for _ in range(2):
        line.request("POST", "/_simulator/faults", iter([b'{"kind": ', b'"refuse"}']))
        answer = line.getresponse()
        assert answer.status == 201
        assert json.loads(answer.read())["kind"] == "refuse"
