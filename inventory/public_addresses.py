"""Which addresses are the Internet's, and which lead inside of a network.

A worker stands inside of the network. What it calls at an address that somebody typed in must not
lead back into it: not to other machines, not to a cloud's metadata service, not to itself.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Final

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# IPv4-translated (RFC 2765): not the mapped ones, which have 16 zero bits less.
_TRANSLATED: Final = ipaddress.IPv6Network("::ffff:0:0:0/96")
# Not the Internet's, though Python takes all or parts of them for it: IETF protocol assignments
# (RFC 6890), among them a cloud's metadata service; 6to4 relays (RFC 7526); the wire server of
# another cloud, which answers its own machines alone.
_INTERNAL_V4: Final = tuple(
    map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))
)
# Segment routing (RFC 9602) and documentation (RFC 9637).
_INTERNAL_V6: Final = tuple(map(ipaddress.IPv6Network, ("5f00::/16", "3fff::/20")))
# For use inside of a network (RFC 8215): what it carries depends on that network.
_NAT64_LOCAL: Final = ipaddress.IPv6Network("64:ff9b:1::/48")

Resolve = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that `host` has now.

    :raises OSError: the name does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


def is_public(text: str) -> bool:
    """Return whether an IPv4 or IPv6 address, with or without a zone, is one of the Internet's.

    What stands for an IPv4 address (mapped, translated, 6to4, NAT64, ISATAP) is judged by that one.

    :raises ValueError: `text` is no address.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return is_public(str(inner))
        if address in _NAT64_LOCAL or address.is_site_local:
            return False
        if any(address in network for network in _INTERNAL_V6):
            return False
        if _is_isatap(address) and not is_public(str(_last_32_bits(address))):
            return False
    elif any(address in network for network in _INTERNAL_V4):
        return False
    return address.is_global and not address.is_multicast


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for; None: it is one of its own.

    Mapped and compatible (RFC 4291), translated (RFC 2765), 6to4 (RFC 3056), NAT64 (RFC 6052).
    """
    if int(address) >> 32 == 0 and int(address) > 1:
        return _last_32_bits(address)
    if address in _NAT64 or address in _TRANSLATED:
        return _last_32_bits(address)
    return address.ipv4_mapped or address.sixtofour


def _last_32_bits(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    """Whether the interface identifier is that of a tunnel to an IPv4 address (RFC 5214)."""
    return (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE
