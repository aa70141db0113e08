"""Addresses of one's own profile. Names with `mfa_` are those that allauth leads to."""

from django.urls import URLPattern, path

from governance.web.profile.second_factors import (
    PasskeyAdd,
    PasskeyRemove,
    RecoveryCodes,
    RecoveryCodesMake,
    TotpAdd,
    TotpRemove,
)
from governance.web.profile.views import (
    IdentityUnlink,
    PasswordPage,
    ProfilePage,
    SecurityPage,
    SessionEnd,
    SessionsPage,
)

profile_patterns: list[URLPattern] = [
    path("profile/", ProfilePage.as_view(), name="profile"),
    path("profile/security/", SecurityPage.as_view(), name="mfa_index"),
    path("profile/security/", SecurityPage.as_view(), name="mfa_list_webauthn"),
    path("profile/security/", SecurityPage.as_view(), name="socialaccount_connections"),
    # The same address under the name that our own pages use.
    path("profile/security/", SecurityPage.as_view(), name="profile-security"),
    path("profile/security/password/", PasswordPage.as_view(), name="profile-password"),
    path("profile/security/authenticator/", TotpAdd.as_view(), name="mfa_activate_totp"),
    path(
        "profile/security/authenticator/remove/", TotpRemove.as_view(), name="mfa_deactivate_totp"
    ),
    path("profile/security/passkeys/add/", PasskeyAdd.as_view(), name="mfa_add_webauthn"),
    path(
        "profile/security/passkeys/<int:pk>/remove/",
        PasskeyRemove.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("profile/security/codes/", RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "profile/security/codes/make/",
        RecoveryCodesMake.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "profile/security/identities/<int:account_id>/unlink/",
        IdentityUnlink.as_view(),
        name="identity-unlink",
    ),
    path("profile/sessions/", SessionsPage.as_view(), name="profile-sessions"),
    path("profile/sessions/end/", SessionEnd.as_view(), name="profile-sessions-end"),
    path(
        "profile/sessions/<int:session_id>/end/", SessionEnd.as_view(), name="profile-session-end"
    ),
]
