"""What every installation has in common. Values that differ come from the environment."""

from pathlib import Path
from typing import Any

from governance.config import environment, log_lines
from governance.config.settings.api import *  # noqa: F403
from governance.config.settings.audit import *  # noqa: F403
from governance.config.settings.background import *  # noqa: F403
from governance.config.settings.background import VALKEY_URL
from governance.config.settings.inventory import *  # noqa: F403
from governance.config.settings.notifications import *  # noqa: F403
from governance.config.settings.sign_in import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[3]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "inventory",
    "governance.posture.who_can",
    "governance.posture.trust",
    "governance.posture.paths",
    "governance.contracts",
    "governance.baseline.structure",
    "governance.baseline.landing_zone",
    "governance.baseline.guardrails",
    "governance.baseline.exceptions",
    "governance.drift",
    "governance.detections",
    "governance.inbox",
    "governance.reports",
    "governance.simulations",
    "governance.approvals",
    "governance.changes",
    "governance.audit",
    "governance.access.owners",
    "governance.notifications",
    "governance.access",
    "governance.snapshots",
    "governance.web",
    "governance.api",
]

MIDDLEWARE = [
    "governance.access.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "governance.presentation.security_headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "governance.presentation.compression.CompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "governance.access.sessions.unattended.UnattendedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "governance.web.sign_in_required.SignInRequiredMiddleware",
    "governance.web.own_changes.OwnChangesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "governance.web.sign_in.step_up.StepUpMiddleware",
    "governance.web.preferences.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.presentation.request_text.RequestTextMiddleware",
]

# Addresses of the API end without a slash, so those of nested resources begin with one.
SILENCED_SYSTEM_CHECKS = ["urls.W002"]

ROOT_URLCONF = "governance.config.urls"
WSGI_APPLICATION = "governance.config.wsgi.application"
ASGI_APPLICATION = "governance.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "governance.presentation.compiled_templates.loader.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.web.shell.shell",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": environment.text("ORGWARDEN_DATABASE_HOST", "127.0.0.1"),
        "PORT": environment.text("ORGWARDEN_DATABASE_PORT", "5432"),
        "NAME": environment.text("ORGWARDEN_DATABASE_NAME", "orgwarden"),
        "USER": environment.text("ORGWARDEN_DATABASE_USER", "orgwarden"),
        # The password is read by libpq itself from the file that PGPASSFILE names.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "orgwarden",
            "connect_timeout": 5,
            # A server whose host is gone is missed after half a minute: libpq's own, in seconds
            # and, the last, milliseconds. The system's would take two hours.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_VALKEY: dict[str, Any] = {
    "LOCATION": VALKEY_URL,
    "KEY_PREFIX": "orgwarden",
    # To be raised when values of another form are stored: those before it are then not read.
    "VERSION": 2,
    "OPTIONS": {
        "serializer": "governance.config.cache_serializer.JsonSerializer",
        # Less than whoever asks `/readyz` waits, so that they are answered.
        "socket_connect_timeout": 4,
        "socket_timeout": 4,
    },
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **_VALKEY},
    # For what can be worked out anew: pages do without it.
    "optional": {"BACKEND": "governance.config.optional_cache.OptionalRedisCache", **_VALKEY},
}

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static" / "build"]

LOGGING = log_lines.to_standard_error(as_json=False)

# Who sends it may read /metrics, and nothing else; empty: there is no such address.
METRICS_TOKEN = environment.token_in_file("ORGWARDEN_METRICS_TOKEN_FILE")

# A simulation asked for over the API is answered at once if it bears on at most so many accounts,
# else it becomes a job that may take its seconds, and whose result is kept for its hours.
SIMULATION_AT_ONCE_ACCOUNTS = environment.integer("ORGWARDEN_SIMULATION_AT_ONCE_ACCOUNTS", 2000)
SIMULATION_SECONDS = 120
SIMULATION_RESULT_HOURS = 24

# Over how many days recorded usage is replayed through a change. A replay asked for over the API is
# answered at once if so many different uses were recorded at most, else it becomes a job.
USAGE_REPLAY_DAYS = environment.integer("ORGWARDEN_USAGE_REPLAY_DAYS", 90)
USAGE_REPLAY_AT_ONCE = environment.integer("ORGWARDEN_USAGE_REPLAY_AT_ONCE", 200000)

# How often a web process looks whether a run has written a new state, to work out ahead what it
# comes to; 0: never.
WARMING_SECONDS = environment.integer("ORGWARDEN_WARMING_SECONDS", 5)
# How long pages hold what they say beside what they list; 0: they read it for every page.
FRAME_SECONDS = environment.integer("ORGWARDEN_FRAME_SECONDS", 5)

# Up to so many accounts structure findings are worked out while somebody waits; of more, a worker
# does it and the page says so until then.
STRUCTURE_AT_ONCE_ACCOUNTS = 1000

# A who-can question asked over the API as a job may take its seconds; its answer is kept for hours.
WHO_CAN_SECONDS = 300
WHO_CAN_RESULT_HOURS = 24

# A question about paths asked over the API as a job, the same.
PATHS_SECONDS = 900
PATHS_RESULT_HOURS = 24
# A request starts the graph of paths in a thread and says how far it is; a test has it at once.
PATHS_BUILT_IN_THREADS = True
# What one process has put together is in the cache for all others.
PATHS_SHARED = True

# Owners and roles are looked at again after so many days; what needs a second person waits for one
# so many days.
OWNERS_RECERTIFY_DAYS = environment.integer("ORGWARDEN_RECERTIFY_DAYS", 180)
GRANT_PROPOSAL_DAYS = environment.integer("ORGWARDEN_GRANT_DAYS", 14)

# A change request waits for its review so many days, and once approved so many to be applied.
CHANGES_REVIEW_DAYS = environment.integer("ORGWARDEN_CHANGE_REVIEW_DAYS", 14)
CHANGES_APPROVED_DAYS = environment.integer("ORGWARDEN_CHANGE_APPROVED_DAYS", 30)
# Evidence older than this is made anew before a change is applied.
CHANGES_EVIDENCE_HOURS = environment.integer("ORGWARDEN_CHANGE_EVIDENCE_HOURS", 24)
CHANGES_CHECK_SECONDS = 300
# The AWS profile of the apply worker; empty: the credentials of its environment.
APPLY_PROFILE = environment.text("ORGWARDEN_APPLY_PROFILE", "")
# AWS shows an attachment before it is enforced: so long a rollout waits after a step that the next
# one rests on.
CHANGES_PROPAGATION_SECONDS = environment.integer("ORGWARDEN_PROPAGATION_SECONDS", 300)
# A worker holds a rollout for so long without a sign of life; one call takes less.
CHANGES_LEASE_SECONDS = environment.integer("ORGWARDEN_ROLLOUT_LEASE_SECONDS", 180)
