"""Which addresses may be called, and what exactly is then connected to.

An address is checked and connected to by one resolution: a name that resolves to something public
for the check and to something internal a moment later gains nothing by it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from inventory.public_addresses import Resolve, is_public, resolve

LONGEST_URL: Final = 2000
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_PLAIN: Final = re.compile(r"[\x21-\x7e]+")
# Letters, digits and hyphens between dots, or an IPv6 address.
_HOST: Final = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


class AddressRefused(ValueError):
    """An address may not be called; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class OutboundAddress:
    """An address taken apart. `allowed`: the settings name it, so that it may be internal."""

    scheme: str
    host: str
    port: int
    target: str
    allowed: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port, without what may be secret in an address."""
        return f"{self.scheme}://{self.named_host}{self.named_port}"

    @property
    def named_host(self) -> str:
        """The host as it stands in an address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def named_port(self) -> str:
        """The port with its colon; empty where it goes without saying."""
        return "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"


def parse_address(url: str, *, allowed_origins: Collection[str] = ()) -> OutboundAddress:
    """Take an https address apart, or any address of an origin that the settings name.

    `allowed_origins`: scheme, host and port of each, such as `http://10.0.0.7:8080`.

    :raises AddressRefused: it is malformed, not https, or holds a password or fragment.
    """
    if len(url) > LONGEST_URL:
        raise AddressRefused(f"the address is longer than {LONGEST_URL} characters")
    if not _PLAIN.fullmatch(url):
        raise AddressRefused(
            "the address is empty or has spaces, line breaks or characters beyond ASCII: "
            "percent-encode them"
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise AddressRefused(
            "the address cannot be read: check its host, and its port from 1 to 65535"
        ) from None
    _check_parts(parts, host, port)
    found = OutboundAddress(
        scheme=parts.scheme,
        host=host,
        port=port or _DEFAULT_PORTS[parts.scheme],
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        allowed=False,
    )
    if found.origin in {origin.rstrip("/").lower() for origin in allowed_origins}:
        return OutboundAddress(found.scheme, found.host, found.port, found.target, allowed=True)
    if parts.scheme != "https":
        raise AddressRefused("the address is http: give one that begins with https://")
    return found


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address that was checked, without what may be secret."""
    scheme, _, rest = url.partition("://")
    try:
        return parse_address(url, allowed_origins=[f"{scheme}://{rest.partition('/')[0]}"]).origin
    except AddressRefused:
        return f"{scheme}://…"


def _check_parts(parts: SplitResult, host: str, port: int | None) -> None:
    if parts.scheme not in _DEFAULT_PORTS:
        raise AddressRefused("the address does not begin with https://")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("the address holds a user name or password: leave them out")
    if parts.fragment:
        raise AddressRefused("the address holds a fragment (#…): leave it out")
    if not host:
        raise AddressRefused("the address names no host")
    if not _HOST.fullmatch(host):
        raise AddressRefused(f"{host!r} is not a name of a host")
    if port == 0:
        raise AddressRefused("the address has port 0, which nothing listens on")


def checked_addresses(
    address: OutboundAddress, *, addresses_of: Resolve = resolve
) -> tuple[str, ...]:
    """Return the IP addresses to connect to, all of them checked, by one resolution.

    :raises AddressRefused: the name does not resolve, or one of its addresses is internal.
    """
    try:
        found = tuple(dict.fromkeys(addresses_of(address.host, address.port)))
    except (OSError, UnicodeError) as error:
        raise AddressRefused(
            f"{address.host} does not resolve: check the name ({_reason(error)})"
        ) from error
    if not found:
        raise AddressRefused(f"{address.host} does not resolve: check the name")
    if not address.allowed:
        for each in found:
            if not is_public(each):
                raise AddressRefused(
                    f"{address.host} is {each}, an address that is not public: internal receivers "
                    "must be named in ORGWARDEN_OUTBOUND_ALLOWED"
                )
    return found


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
