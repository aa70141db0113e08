"""What django-allauth asks Orgwarden about people who come from an identity provider.

A way to the provider and back has a process: `login`, `connect` (link the identity to who is signed
in) or `step-up` (prove again who is signed in).
"""

import hmac
import time
from typing import Any, Final

from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import render

from governance.access.sign_in.provider_adapter import Provider
from governance.access.sign_in.providers import CheckedSession
from governance.access.sign_in.recording import record_of_person
from governance.access.step_up import PROVIDER_PROOF
from governance.audit import actions

STEP_UP: Final = "step-up"
LOGIN: Final = "login"
CONNECT: Final = "connect"
_CLOCK_SKEW_SECONDS: Final = 60


class SocialAdapter(DefaultSocialAccountAdapter):
    """Makes people at their first sign-in, links identities, and checks fresh sign-ins."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: Any = None) -> Provider:
        """Return a provider that the settings name.

        :raises SocialApp.DoesNotExist: they name none with this id.
        """
        return Provider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def list_apps(
        self, request: HttpRequest | None, provider: Any = None, client_id: Any = None
    ) -> list[SocialApp]:
        """Return the providers of the settings: none is kept in the database."""
        found = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        apps = [SocialApp(provider="openid_connect", **values) for values in found]
        return [
            app
            for app in apps
            if provider in (None, app.provider, app.provider_id)
            and client_id in (None, app.client_id)
        ]

    def get_requests_session(self) -> CheckedSession:
        """Return what calls the provider: checked addresses, a time limit, no redirects."""
        return CheckedSession()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Let in whom the provider lets in; without a claim that a rule names they may nothing."""
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Check the nonce, finish a step-up, and link by a verified address where that is trusted.

        :raises ImmediateHttpResponse: with the page that goes on, or that says what is wrong.
        """
        state, claims = sociallogin.state, claims_of(sociallogin.account)
        expected = str((state.get("data") or {}).get("nonce", ""))
        if not expected or not hmac.compare_digest(expected, str(claims.get("nonce", ""))):
            raise _refused(request, "The answer of the identity provider belongs to another try.")
        if state.get("process") == STEP_UP:
            raise ImmediateHttpResponse(self._stepped_up(request, sociallogin, claims))
        if not sociallogin.is_existing and state.get("process") != CONNECT:
            self._link_by_address(request, sociallogin)

    def _stepped_up(
        self, request: HttpRequest, sociallogin: SocialLogin, claims: dict[str, Any]
    ) -> HttpResponseRedirect:
        user = request.user
        if not isinstance(user, User) or not sociallogin.is_existing or sociallogin.user != user:
            raise _refused(request, "Someone else signed in at the identity provider.")
        asked_at = float((sociallogin.state.get("data") or {}).get("asked_at", time.time()))
        problem = why_no_proof(claims, asked_at=asked_at, accepted=settings.OIDC_STEP_UP_ACR)
        if problem:
            record_of_person(
                request, user, actions.PERSON_PROVE, outcome="refused", after={"reason": problem}
            )
            raise _refused(request, problem)
        record_authentication(
            request,
            user,
            PROVIDER_PROOF,
            reauthenticated=True,
            provider=sociallogin.account.provider,
        )
        return HttpResponseRedirect(sociallogin.get_redirect_url(request) or "/")

    def _link_by_address(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if not settings.OIDC_TRUST_EMAIL:
            return
        verified = [one.email for one in sociallogin.email_addresses if one.verified]
        found = list(
            User.objects.filter(
                email__iexact=verified[0], is_active=True, is_superuser=False
            ).exclude(profile__break_glass=True)[:2]
            if verified
            else []
        )
        if len(found) == 1:
            sociallogin.connect(request, found[0])

    def send_notification_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """Send none of allauth's mails: notifications are Orgwarden's own."""


def claims_of(account: SocialAccount) -> dict[str, Any]:
    """Return the claims of the ID token of the last sign-in."""
    found = account.extra_data.get("id_token")
    return found if isinstance(found, dict) else {}


def why_no_proof(claims: dict[str, Any], *, asked_at: float, accepted: list[str]) -> str:
    """Return why a sign-in at the provider is no fresh proof, in words; empty: it is one.

    `asked_at`: seconds since 1970. `accepted`: values of `acr` that count; empty: all.
    """
    at = claims.get("auth_time")
    if not isinstance(at, int | float) or isinstance(at, bool):
        return "The identity provider does not say when you signed in (auth_time)."
    if at < asked_at - _CLOCK_SKEW_SECONDS:
        return "The identity provider did not ask you to sign in again."
    if at > time.time() + _CLOCK_SKEW_SECONDS:
        return "The identity provider's clock is ahead: it names a sign-in in the future."
    if accepted and claims.get("acr") not in accepted:
        named = claims.get("acr") or "none"
        return f"The identity provider used a weaker sign-in (acr {named}) than is demanded."
    return ""


def _refused(request: HttpRequest, words: str) -> ImmediateHttpResponse:
    page = "governance/sign_in/provider_problem.html"
    return ImmediateHttpResponse(render(request, page, {"words": words}, status=403))
