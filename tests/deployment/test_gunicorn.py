"""What gunicorn itself answers, and for how long it keeps connections."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time

import pytest

from demo.stack.ports import free_port
from governance.config import gunicorn as served


@pytest.fixture(scope="module")
def port():
    """The port of a web server as production starts it, but for a single worker."""
    chosen = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "governance.config.wsgi"),
            *("--config", "python:governance.config.gunicorn", "--bind", f"127.0.0.1:{chosen}"),
            *("--workers", "1", "--threads", "2", "--no-control-socket"),
        ],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "governance.config.settings.test",
            "ORGWARDEN_WARMING_SECONDS": "0",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(chosen)
        yield chosen
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port):
    for _ in range(600):
        try:
            _status(port, "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("gunicorn did not begin to answer")


def _status(port, address):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", address)
        with connection.getresponse() as answer:
            answer.read()
            return answer.status


def _asked(port, head):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head)
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            return answer.status, answer.headers["Content-Type"], json.loads(answer.read())


class TestGunicorn:
    def test_tells_of_an_address_that_is_too_long_as_a_problem(self, port):
        line = b"GET /api/v1/organizations?fields=" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n"
        status, media_type, told = _asked(port, line)

        assert (status, media_type) == (414, "application/problem+json")
        assert told["type"] == "urn:orgwarden:problem:address-too-long"
        assert told["status"] == 414

    def test_tells_of_what_is_no_request_as_a_problem(self, port):
        status, media_type, told = _asked(port, b"G<script> / HTTP/1.1\r\n\r\n")

        assert (status, media_type) == (400, "application/problem+json")
        assert told["type"] == "urn:orgwarden:problem:invalid"

    def test_takes_addresses_of_eight_thousand_characters(self, port):
        assert _status(port, "/api/v1/organizations?fields=" + "x" * 8000) == 401

    def test_keeps_connections_longer_than_proxies_do(self):
        assert served.keepalive > 60
