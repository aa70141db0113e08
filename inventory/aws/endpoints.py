"""Which addresses may be called in AWS's place.

Signed requests and temporary credentials go to an endpoint, and a worker stands inside of the
network: so an endpoint is one that the settings name, or a public one over https. Behind a public
name an internal address may appear later; the certificate that https demands then no longer fits.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.conf import settings

from inventory.aws.errors import EndpointRefused

Resolve = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that `host` has now.

    :raises OSError: the name does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


def check_endpoint(url: str, *, addresses_of: Resolve = resolve) -> None:
    """Accept the empty URL (AWS itself), one that the settings allow, or a public https address.

    :raises EndpointRefused: any other; the message says what is wrong with it.
    """
    if not url or url.rstrip("/") in {allowed.rstrip("/") for allowed in allowed_endpoints()}:
        return
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise _refused(url, "it is not https")
    if parts.username or parts.password:
        raise _refused(url, "it holds a user name or password")
    if parts.query or parts.fragment:
        raise _refused(url, "it holds a query or fragment")
    try:
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise _refused(url, "its port is not a number from 0 to 65535") from None
    if not host:
        raise _refused(url, "it names no host")
    try:
        addresses = list(addresses_of(host, port))
    except OSError as error:
        raise _refused(url, f"{host} does not resolve: {error}") from error
    for address in addresses:
        if not _is_public(address):
            raise _refused(url, f"{host} is {address}, an address that is not public")


def allowed_endpoints() -> list[str]:
    """Return the endpoints that the settings name."""
    return list(settings.AWS_ENDPOINTS_ALLOWED)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # Forms that carry an IPv4 address are judged by that address.
        inner = address.ipv4_mapped or address.sixtofour or _nat64(address)
        if inner is not None:
            return inner.is_global
    return address.is_global and not address.is_multicast


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _refused(url: str, why: str) -> EndpointRefused:
    return EndpointRefused(
        f"the endpoint {url} may not be called: {why}",
        code="EndpointRefused",
        remedy=(
            "leave the endpoint empty for AWS itself, give a public https address, or name it in "
            "ORGWARDEN_AWS_ENDPOINTS_ALLOWED"
        ),
    )
