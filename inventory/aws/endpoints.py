"""Which addresses may be called in AWS's place.

Signed requests and temporary credentials go to an endpoint, and a worker stands inside of the
network: so an endpoint is one that the settings name, or a public one over https. Behind a public
name an internal address may appear later; the certificate that https demands then no longer fits.
"""

from urllib.parse import urlsplit

from django.conf import settings

from inventory.aws.errors import EndpointRefused
from inventory.public_addresses import Resolve, is_public, resolve


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
        if not is_public(address):
            raise _refused(url, f"{host} is {address}, an address that is not public")


def allowed_endpoints() -> list[str]:
    """Return the endpoints that the settings name."""
    return list(settings.AWS_ENDPOINTS_ALLOWED)


def _refused(url: str, why: str) -> EndpointRefused:
    return EndpointRefused(
        f"the endpoint {url} may not be called: {why}",
        code="EndpointRefused",
        remedy=(
            "leave the endpoint empty for AWS itself, give a public https address, or name it in "
            "ORGWARDEN_AWS_ENDPOINTS_ALLOWED"
        ),
    )
