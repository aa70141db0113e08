"""How people sign in: django-allauth, password hashes, sessions. Taken up by `base`."""

from django.urls import reverse_lazy

from governance.config import environment

AUTHENTICATION_BACKENDS = ["governance.access.sign_in.backends.PasswordBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    # Reads the hashes of earlier versions; each is replaced at its person's next sign-in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "governance.access.sign_in.passwords.ContextWordsValidator"},
]
# A link with which somebody sets a first or a new password works for so long.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

LOGIN_URL = reverse_lazy("sign-in")
LOGIN_REDIRECT_URL = reverse_lazy("start")
LOGOUT_REDIRECT_URL = reverse_lazy("sign-in")

# A session ends this long after sign-in, whatever happens, and earlier where nobody uses it.
SESSION_ENGINE = "governance.access.sessions.store"
SESSION_SECONDS = environment.integer("ORGWARDEN_SESSION_SECONDS", 12 * 60 * 60)
SESSION_IDLE_SECONDS = environment.integer("ORGWARDEN_SESSION_IDLE_SECONDS", 60 * 60)
SESSION_COOKIE_AGE = SESSION_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# So many proxies stand in front and each adds an address to X-Forwarded-For; 0: none does, and the
# address of a person is that of the connection.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.integer("ORGWARDEN_PROXIES", 0)

ACCOUNT_ADAPTER = "governance.access.sign_in.account_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
# How old a proof of who somebody is may be where one is demanded (`governance.access.step_up`).
STEP_UP_SECONDS = environment.integer("ORGWARDEN_STEP_UP_SECONDS", 10 * 60)
ACCOUNT_REAUTHENTICATION_TIMEOUT = STEP_UP_SECONDS
# Wrong passwords: what is beyond these is refused before a hash is computed.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}

MFA_ADAPTER = "governance.access.sign_in.second_factor_adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Orgwarden"
# One step of 30 seconds before and after: telephones' clocks differ.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Sign-in by an identity provider (OpenID Connect): one by the environment. Further ones are further
# entries of APPS in a settings module of one's own.
OIDC_ISSUER = environment.text("ORGWARDEN_OIDC_ISSUER", "")
SOCIALACCOUNT_ADAPTER = "governance.access.sign_in.social_adapter.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": environment.text("ORGWARDEN_OIDC_ID", "sso"),
                "name": environment.text("ORGWARDEN_OIDC_NAME", "single sign-on"),
                "client_id": environment.text("ORGWARDEN_OIDC_CLIENT_ID"),
                "secret": environment.secret("ORGWARDEN_OIDC_CLIENT_SECRET"),
                "settings": {
                    "server_url": OIDC_ISSUER,
                    "oauth_pkce_enabled": True,
                    "scope": environment.text(
                        "ORGWARDEN_OIDC_SCOPES", "openid profile email"
                    ).split(),
                },
            }
        ]
        if OIDC_ISSUER
        else []
    }
}
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# The claim that names groups, of the ID token or userinfo; dots lead into objects.
OIDC_GROUPS_CLAIM = environment.text("ORGWARDEN_OIDC_GROUPS_CLAIM", "groups")
# Roles from claims end so many hours after the sign-in that named them.
OIDC_ROLE_HOURS = environment.integer("ORGWARDEN_OIDC_ROLE_HOURS", 24)
# Whether an address that the provider calls verified links to the person who has it here.
OIDC_TRUST_EMAIL = environment.flag("ORGWARDEN_OIDC_TRUST_EMAIL", default=False)
# Values of `acr` that count as a fresh proof; empty: any.
OIDC_STEP_UP_ACR = environment.words("ORGWARDEN_OIDC_STEP_UP_ACR")
# Origins that a provider may have although they are plain http: those of the demo and of tests.
OIDC_HTTP_ALLOWED = environment.words("ORGWARDEN_OIDC_HTTP_ALLOWED")
