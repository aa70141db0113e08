"""Tests: a secret key that protects nothing, fast password hashes, a database made for them."""

import os

os.environ.setdefault("ORGWARDEN_SECRET_KEY", "tests-only-" + "x" * 50)

from governance.config.settings.base import *  # noqa: F403

SECRET_KEY = os.environ["ORGWARDEN_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Static files come straight from where they are built: nothing is collected for a test.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
