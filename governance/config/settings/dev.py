"""A developer's machine and the demo: everything on this machine, plain HTTP."""

from governance.config import environment
from governance.config.settings.base import *  # noqa: F403

DEBUG = environment.flag("ORGWARDEN_DEBUG", default=False)
SECRET_KEY = environment.secret("ORGWARDEN_SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
# Served from where they are built: nothing needs to be collected first.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None  # type: ignore[assignment]  # Django takes None for "collected nowhere"
# Asked to stop, a worker lets its tasks go on for so long, and then gives them back to the queue.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
# For `manage.py seed_scale`; installations for work do not have it.
INSTALLED_APPS = [*INSTALLED_APPS, "demo"]  # noqa: F405
