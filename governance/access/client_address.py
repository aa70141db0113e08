"""Where a request comes from, past the proxies in front of the instance."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request


def client_address(request: HttpRequest | Request) -> str:
    """Return the client's IPv4 or IPv6 address; the connection's where a proxy names none.

    Of `X-Forwarded-For` only what `ORGWARDEN_PROXIES` proxies in front have added counts: whatever
    stands before it the client may have written itself.
    """
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    named = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < trusted <= len(named):
        found = _address(named[-trusted])
        if found:
            return found
    return str(request.META.get("REMOTE_ADDR", ""))


def _address(text: str) -> str:
    """Return an address without port and brackets, as proxies may add them; empty: it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
