"""A developer's machine and the demo: everything on this machine, plain HTTP."""

from governance.config import environment
from governance.config.settings.base import *  # noqa: F403

DEBUG = environment.flag("ORGWARDEN_DEBUG", default=False)
SECRET_KEY = environment.secret("ORGWARDEN_SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
# The demo collects static files into a folder, hashed and compressed as in production. Without one
# they are served from where they are built.
STATIC_ROOT = environment.text("ORGWARDEN_STATIC_ROOT", "") or None  # type: ignore[assignment]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
if STATIC_ROOT is not None:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
# Asked to stop, a worker lets its tasks go on for so long, and then gives them back to the queue.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
# The simulator enforces at once, so that a rollout's next step is soon due.
CELERY_BEAT_SCHEDULE["carry-on-rollouts"]["schedule"] = 2.0  # noqa: F405
# For `manage.py seed_scale`; installations for work do not have it.
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]  # noqa: F405
