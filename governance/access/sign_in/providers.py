"""The identity providers of this instance, and what they publish of themselves."""

from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest

_TIMEOUT_SECONDS: Final = 5
_DISCOVERY_SECONDS: Final = 600
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


class ProviderUnusable(OAuth2Error):
    """The provider does not answer, or publishes what cannot be relied on; the message says."""


def configured_apps() -> list[SocialApp]:
    """Return the identity providers that the settings name, in their order."""
    return list(get_adapter().list_apps(None, provider="openid_connect"))


def provider_names() -> dict[str, str]:
    """Return the names of the providers as buttons say them, by id."""
    return {app.provider_id: app.name for app in configured_apps()}


def provider_name(provider_id: str) -> str:
    """Return a provider's name; its id where the settings no longer name it."""
    return provider_names().get(provider_id, provider_id)


class CheckedSession(requests.Session):
    """Requests to an identity provider: https, or an origin that the settings allow; no redirects.

    Providers inside the network are usual, so private addresses are allowed: only the settings of
    the instance name a provider, and what it publishes must lie on an allowed scheme too.
    """

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Send one request.

        :raises ProviderUnusable: the address is none that may be called, or it redirects.
        """
        checked_address(url)
        kwargs.setdefault("timeout", _TIMEOUT_SECONDS)
        kwargs["allow_redirects"] = False
        answer = super().request(method, url, *args, **kwargs)
        if answer.is_redirect:
            raise ProviderUnusable(f"{url} redirects; name the address it leads to")
        return answer


def checked_address(url: str) -> str:
    """Return an address of a provider that may be called or led to.

    :raises ProviderUnusable: it is not https, and its origin is not allowed by the settings.
    """
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme == "https" and parts.hostname and not parts.username:
        return url
    if parts.scheme == "http" and origin in settings.OIDC_HTTP_ALLOWED:
        return url
    raise ProviderUnusable(f"{url} is not an https address")


def discovery(server_url: str) -> dict[str, Any]:
    """Return what a provider publishes at its discovery address; kept for ten minutes.

    :raises ProviderUnusable: it does not answer, names another issuer, or lacks an endpoint.
    """
    address = server_url if "/.well-known/" in server_url else server_url.rstrip("/") + _WELL_KNOWN
    key = f"oidc-discovery:{address}"
    kept: dict[str, Any] | None = caches["optional"].get(key)
    if kept is not None:
        return kept
    try:
        with CheckedSession() as session:
            answer = session.get(address)
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnusable(f"{address} cannot be read: {type(error).__name__}") from error
    checked_discovery(found, address=address)
    caches["optional"].set(key, found, timeout=_DISCOVERY_SECONDS)
    return found


def checked_discovery(found: Any, *, address: str) -> None:
    """Check what a provider publishes against OpenID Connect Discovery 1.0, section 4.3.

    :raises ProviderUnusable: another issuer, a missing endpoint, or one that may not be called.
    """
    if not isinstance(found, dict):
        raise ProviderUnusable(f"{address} is not a discovery document")
    issuer = str(found.get("issuer", ""))
    if not address.startswith(issuer.rstrip("/") + "/.well-known/") or not issuer:
        raise ProviderUnusable(f"{address} names another issuer: {issuer or 'none'}")
    for name in _ENDPOINTS:
        if not isinstance(found.get(name), str):
            raise ProviderUnusable(f"{address} names no {name}")
        checked_address(found[name])
    if "end_session_endpoint" in found:
        checked_address(str(found["end_session_endpoint"]))


def provider_of(request: HttpRequest | None, provider_id: str) -> Any:
    """Return a configured provider by its id.

    :raises SocialApp.DoesNotExist: the settings name none with this id.
    """
    return get_adapter().get_provider(request, provider=provider_id)


def end_session_address(signed_in: dict[str, str] | None, *, back: str) -> str:
    """Return where a person signs out at the provider (OpenID Connect RP-Initiated Logout 1.0).

    `signed_in`: what the session kept of the sign-in, provider id and ID token. Empty: they did not
    come from a provider, it offers no such address, or it does not answer.
    """
    if not signed_in:
        return ""
    try:
        provider = provider_of(None, signed_in["provider_id"])
        endpoint = discovery(provider.server_url).get("end_session_endpoint", "")
    except (SocialApp.DoesNotExist, ProviderUnusable):
        return ""
    if not endpoint:
        return ""
    query = {
        "id_token_hint": signed_in["id_token"],
        "client_id": provider.app.client_id,
        "post_logout_redirect_uri": back,
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
