"""What a page may load and run: only what this server sends, no script in the markup."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "Content-Security-Policy"
_RULES: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
)
# What scripts write as HTML passes the policy of static/src/scripts/theme.js.
_TRUSTED_TYPES: Final = ("require-trusted-types-for 'script'", "trusted-types default ow-inert")
POLICY: Final = "; ".join((*_RULES, *_TRUSTED_TYPES, "style-src 'self'"))
# Plotly writes the styles of its drawings into the page itself.
POLICY_WITH_CHARTS: Final = "; ".join(
    (*_RULES, *_TRUSTED_TYPES, "style-src 'self' 'unsafe-inline'")
)

# Swagger UI writes HTML by ways of its own, which Trusted Types refuse.
POLICY_OF_SWAGGER: Final = "; ".join((*_RULES, "style-src 'self' 'unsafe-inline'"))


def policy_with_style_nonce(nonce: str) -> str:
    """Return the policy of a page whose editor writes a style element that carries `nonce`."""
    return "; ".join((*_RULES, f"style-src 'self' 'nonce-{nonce}'"))


class SecurityHeadersMiddleware:
    """Give every answer that has none the strict policy, and switch off what no page uses.

    No cache, of the browser or on the way, may keep an answer that does not say otherwise: pages
    and files tell what an organization is open to. Files of the product itself and the API say
    otherwise.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request and add the headers."""
        response = self.get_response(request)
        response.headers.setdefault(HEADER, POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response
