"""Which addresses may be called in AWS's place.

Signed requests and temporary credentials go to an endpoint, and a worker stands inside of the
network: so an endpoint is one that the settings name, or a public one over https. Behind a public
name an internal address may appear later; the certificate that https demands then no longer fits.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from inventory.aws.errors import EndpointRefused

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# For use inside of a network (RFC 8215): what it carries depends on that network.
_NAT64_LOCAL: Final = ipaddress.IPv6Network("64:ff9b:1::/48")

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
        inner = _carried(address)
        if inner is not None:
            return _is_public(str(inner))
        if address in _NAT64_LOCAL:
            return False
        if _is_isatap(address) and not _is_public(str(_last_32_bits(address))):
            return False
    return address.is_global and not address.is_multicast


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for; None: it is one of its own.

    Mapped and compatible (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052).
    """
    if int(address) >> 32 == 0 and int(address) > 1:
        return _last_32_bits(address)
    if address in _NAT64:
        return _last_32_bits(address)
    return address.ipv4_mapped or address.sixtofour


def _last_32_bits(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    """Whether the interface identifier is that of a tunnel to an IPv4 address (RFC 5214)."""
    return (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE


def _refused(url: str, why: str) -> EndpointRefused:
    return EndpointRefused(
        f"the endpoint {url} may not be called: {why}",
        code="EndpointRefused",
        remedy=(
            "leave the endpoint empty for AWS itself, give a public https address, or name it in "
            "ORGWARDEN_AWS_ENDPOINTS_ALLOWED"
        ),
    )
