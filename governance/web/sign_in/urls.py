"""Addresses of signing in. Names with `account_` and `mfa_` are those that allauth leads to."""

from django.urls import URLPattern, path

from governance.web.sign_in.password_set import PasswordSet
from governance.web.sign_in.provider_views import (
    ProviderCallback,
    ProviderCancelled,
    ProviderSignIn,
)
from governance.web.sign_in.resuming import ResumeAct
from governance.web.sign_in.step_up import StepUp
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
    path("sign-in/with/<slug:provider_id>/", ProviderSignIn.as_view(), name="openid_connect_login"),
    path(
        "sign-in/with/<slug:provider_id>/callback/",
        ProviderCallback.as_view(),
        name="openid_connect_callback",
    ),
    path("sign-in/cancelled/", ProviderCancelled.as_view(), name="socialaccount_login_cancelled"),
    path("set-password/<str:key>/<str:token>/", PasswordSet.as_view(), name="password-set"),
    path("step-up/", StepUp.as_view(), name="step-up"),
    path("step-up/resume/", ResumeAct.as_view(), name="step-up-resume"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
]
