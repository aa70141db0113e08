"""Where a request comes from."""

import pytest
from django.test import RequestFactory

from governance.access.client_address import client_address

CASES = {
    "no proxy": (0, "203.0.113.9", "192.0.2.1"),
    "one proxy": (1, "203.0.113.9", "203.0.113.9"),
    "what the client wrote before it": (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
    "two proxies": (2, "198.51.100.7, 203.0.113.9", "198.51.100.7"),
    "fewer than are trusted": (2, "203.0.113.9", "192.0.2.1"),
    "with a port": (1, "203.0.113.9:4711", "203.0.113.9"),
    "IPv6": (1, "2001:db8::7", "2001:db8::7"),
    "IPv6 in brackets": (1, "[2001:db8::7]:443", "2001:db8::7"),
    "no address": (1, "unknown", "192.0.2.1"),
    "nothing": (1, "", "192.0.2.1"),
}


@pytest.mark.parametrize("name", CASES)
def test_client_address_trusts_what_our_proxies_add(name, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT, forwarded, address = CASES[name]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")
    assert client_address(request) == address
