"""Signing in by password, second factor or passkey, and out again."""

from typing import Any

from allauth.account import views as account_views
from allauth.account.internal.flows.logout import logout
from allauth.mfa.base import views as second_factor_views
from allauth.mfa.webauthn import views as passkey_views
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import TemplateView

from governance.web.parts.pages import Opening, RightsView


class SignIn(RightsView, account_views.LoginView):
    """Ask for user name and password; one already signed in goes on to the start."""

    required_right = Opening.PUBLIC
    template_name = "governance/sign_in/sign_in.html"


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
        """Sign out here."""
        logout(request, show_message=False)
        return HttpResponseRedirect(reverse("sign-in"))
