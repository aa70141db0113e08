"""Addresses of signing in. Names with `account_` and `mfa_` are those that allauth leads to."""

from django.urls import URLPattern, path

from governance.web.sign_in.views import (
    Deactivated,
    PasskeySignIn,
    SecondFactor,
    SignIn,
    SignOut,
)

sign_in_patterns: list[URLPattern] = [
    path("sign-in/", SignIn.as_view(), name="account_login"),
    # The same address under the name that our own pages use.
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/second-factor/", SecondFactor.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("sign-in/deactivated/", Deactivated.as_view(), name="account_inactive"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
]
