"""IpAddress. Source: IAM user guide, "IP address condition operators".

A value without a prefix is one address; IPv6 compares by value, however it is written; an IPv4
range never holds an IPv6 address, nor the reverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from policies.language.conditions.values import Leaf


def parse_network(text: str) -> IPv4Network | IPv6Network | None:
    """Return the range a text stands for (host bits are ignored); None for other text."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def ip_leaf(values: Sequence[str]) -> Leaf:
    """Return the test of one address against IpAddress' values; no address matches nothing."""
    ranges = [
        (network.version, int(network.network_address), int(network.netmask))
        for value in values
        if (network := parse_network(value)) is not None
    ]

    def leaf(text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        number, version = int(address), address.version
        return any(v == version and number & mask == start for v, start, mask in ranges)

    return leaf
