"""Sign-in by OpenID Connect: what Orgwarden checks beyond django-allauth.

allauth gives the code flow with state and PKCE. Added here: the signature of the ID token whatever
the transport, a nonce, the provider's published addresses, and no parameters from the address bar.
"""

import secrets
import time
from typing import Any, Final

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponseBase

from governance.access.sign_in.providers import CheckedSession, ProviderUnusable, discovery

# Where the session keeps what signing out at the provider needs: its id and the ID token.
SIGNED_IN_AT_PROVIDER: Final = "signed_in_at_provider"
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
_CLOCK_SKEW_SECONDS: Final = 30


class ProviderAdapter(OpenIDConnectOAuth2Adapter):
    """Talks to one identity provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return what the provider publishes, checked.

        :raises ProviderUnusable: it cannot be relied on.
        """
        return discovery(self.get_provider().server_url)

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any
    ) -> Any:
        """Return the sign-in out of the provider's answer to the code.

        :raises ProviderUnusable: there is no ID token, it is not the provider's for us, or
            userinfo speaks of somebody else.
        """
        raw = kwargs["response"].get("id_token")
        if not raw:
            raise ProviderUnusable("the provider sent no ID token")
        claims = self._decode_id_token(app, raw)
        userinfo = self._fetch_user_info(token.token)
        if userinfo.get("sub") != claims["sub"]:
            raise ProviderUnusable("userinfo speaks of another subject than the ID token")
        request.session[SIGNED_IN_AT_PROVIDER] = {"provider_id": self.provider_id, "id_token": raw}
        data = {"userinfo": userinfo, "id_token": claims}
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Return the claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""
        config = self.openid_config
        with CheckedSession() as session:
            answer = session.get(config["jwks_uri"])
            answer.raise_for_status()
            keys = answer.json()
        return decoded_id_token(
            id_token, keys=keys, issuer=config["issuer"], client_id=app.client_id
        )


def decoded_id_token(id_token: str, *, keys: Any, issuer: str, client_id: str) -> dict[str, Any]:
    """Check an ID token against the provider's published keys and return its claims.

    :raises ProviderUnusable: signature, algorithm, issuer, audience or time is not right.
    """
    try:
        header = jwt.get_unverified_header(id_token)
        if header.get("alg") not in _ALGORITHMS:
            raise ProviderUnusable(f"the ID token is signed by {header.get('alg')}")
        known = jwt.PyJWKSet.from_dict(keys).keys
        fitting = [key for key in known if header.get("kid") in (None, key.key_id)]
        if len(fitting) != 1:
            raise ProviderUnusable("the provider publishes no key for the ID token")
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key=fitting[0].key,
            algorithms=[header["alg"]],
            audience=client_id,
            issuer=issuer,
            leeway=_CLOCK_SKEW_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise ProviderUnusable(f"the ID token is not valid: {type(error).__name__}") from error
    if (
        isinstance(claims["aud"], list)
        and len(claims["aud"]) > 1
        and claims.get("azp") != client_id
    ):
        raise ProviderUnusable("the ID token was issued to another client")
    return claims


class Provider(OpenIDConnectProvider):
    """An identity provider of the settings, always with PKCE and a nonce."""

    oauth2_adapter_class = ProviderAdapter
    pkce_enabled_default = True

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """Return the settings' parameters; what the address bar says counts for nothing."""
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Return the settings' scopes; what the address bar says counts for nothing."""
        return list(self.get_scope())

    def lead_there(
        self, request: HttpRequest, *, process: str, next_url: str, **parameters: str
    ) -> HttpResponseBase:
        """Lead the browser to the provider's page, for `process` (see `SocialAdapter`).

        `parameters`: added to the authorization request, such as `prompt`.

        :raises ProviderUnusable: the provider does not answer as it should.
        """
        nonce = secrets.token_urlsafe(24)
        answer: HttpResponseBase = self.redirect(
            request,
            process,
            next_url=next_url,
            data={"nonce": nonce, "asked_at": time.time()},
            auth_params={**self.get_auth_params(), **parameters, "nonce": nonce},
        )
        return answer


def adapter_of(request: HttpRequest, provider_id: str) -> ProviderAdapter:
    """Return what talks to the provider of this id.

    :raises SocialApp.DoesNotExist: the settings name none with this id.
    """
    get_adapter().get_app(request, provider=provider_id)
    return ProviderAdapter(request, provider_id)
