"""Signing in by password, second factor or passkey, and out again."""

from typing import Any

from allauth.account import views as account_views
from allauth.account.internal.flows.logout import logout
from allauth.mfa.base import views as second_factor_views
from allauth.mfa.webauthn import views as passkey_views
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import TemplateView

from governance.access.sign_in.provider_adapter import SIGNED_IN_AT_PROVIDER
from governance.access.sign_in.providers import (
    end_session_address,
    provider_name,
    provider_names,
)
from governance.web.parts.rights_view import Opening, RightsView


class SignIn(RightsView, account_views.LoginView):
    """Ask for user name and password; one already signed in goes on to the start."""

    required_right = Opening.PUBLIC
    template_name = "governance/sign_in/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a button for each identity provider."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {**found, "providers": list(provider_names().items())}


class SecondFactor(RightsView, second_factor_views.AuthenticateView):
    """Ask somebody whose password was right for the second factor, a passkey or a recovery code."""

    required_right = Opening.PUBLIC
    template_name = "governance/sign_in/second_factor.html"


class PasskeySignIn(RightsView, passkey_views.LoginWebAuthnView):
    """Sign in by a passkey alone: GET hands the script its challenge, POST takes the answer."""

    required_right = Opening.PUBLIC
    template_name = "governance/sign_in/sign_in.html"


class Deactivated(RightsView, TemplateView):
    """Where somebody ends who proved who they are, and may no longer use the instance."""

    required_right = Opening.PUBLIC
    template_name = "governance/sign_in/deactivated.html"


class SignOut(RightsView):
    """End the session. Only by POST, so that no link can do it."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign out here, then at the provider where one signed the person in and offers it."""
        at_provider = request.session.get(SIGNED_IN_AT_PROVIDER)
        logout(request, show_message=False)
        href = end_session_address(at_provider, back=request.build_absolute_uri(reverse("sign-in")))
        if not href or at_provider is None:
            return HttpResponseRedirect(reverse("sign-in"))
        # A page of its own: a form may lead nowhere else, not even by a redirect (form-action).
        context = {"href": href, "name": provider_name(at_provider["provider_id"])}
        return render(request, "governance/sign_in/signed_out.html", context)
