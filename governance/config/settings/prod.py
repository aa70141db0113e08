"""Production: behind a proxy that ends TLS."""

from governance.config import environment, log_lines
from governance.config.settings.base import *  # noqa: F403

DEBUG = False
SECRET_KEY = environment.secret("ORGWARDEN_SECRET_KEY")
ALLOWED_HOSTS = environment.words("ORGWARDEN_ALLOWED_HOSTS")
SITE_URL = environment.text(
    "ORGWARDEN_SITE_URL", f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if ALLOWED_HOSTS else ""
)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# Programs that send a token in plain text are not led on to HTTPS in silence, but told.
SECURE_REDIRECT_EXEMPT = [r"^api/"]
MIDDLEWARE = ["governance.api.parts.secure_only.SecureOnlyMiddleware", *MIDDLEWARE]  # noqa: F405
SESSION_COOKIE_SECURE = True
# A browser takes cookies of these names from this host alone, over HTTPS, for all of its paths.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING = log_lines.to_standard_error(as_json=True)
