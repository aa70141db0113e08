"""Where a request comes from, past the proxies in front of the instance."""

from allauth.core.internal.httpkit import get_client_ip
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from rest_framework.request import Request


def client_address(request: HttpRequest | Request) -> str:
    """Return the client's IPv4 or IPv6 address; the connection's where a proxy names none.

    How many proxies are trusted to name it, says `ALLAUTH_TRUSTED_PROXY_COUNT`.
    """
    try:
        found = get_client_ip(request)
    except ImproperlyConfigured:
        found = None
    return str(found or request.META.get("REMOTE_ADDR", ""))
