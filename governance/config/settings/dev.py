"""A developer's machine and the demo: everything on this machine, plain HTTP."""

from governance.config import environment
from governance.config.settings.base import *  # noqa: F403

DEBUG = environment.flag("ORGWARDEN_DEBUG", default=False)
SECRET_KEY = environment.secret("ORGWARDEN_SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
