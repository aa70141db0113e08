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
