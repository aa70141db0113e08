"""Tests: a secret key that protects nothing, fast password hashes, a database made for them."""

import os

os.environ.setdefault("ORGWARDEN_SECRET_KEY", "tests-only-" + "x" * 50)

# Each of pytest-xdist's workers has a Valkey database of its own, as it has one of PostgreSQL's.
# Here, because pytest-django reads the settings in a worker before any conftest module.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker.startswith("gw") and "ORGWARDEN_VALKEY_URL" in os.environ:
    _server = os.environ["ORGWARDEN_VALKEY_URL"].rpartition("/")[0]
    os.environ["ORGWARDEN_VALKEY_URL"] = f"{_server}/{int(_worker.removeprefix('gw')) + 1}"

from governance.config.settings.base import *  # noqa: E402, F403

SECRET_KEY = os.environ["ORGWARDEN_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Static files come straight from where they are built: nothing is collected for a test.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests sign in more often than a person does; what slows wrong passwords stays as it is.
ACCOUNT_RATE_LIMITS = {**ACCOUNT_RATE_LIMITS, "login": "10000/m/ip"}  # noqa: F405
# Nothing in tests takes as long to pass as an outage of AWS.
INVENTORY_SECOND_PASS_SECONDS = 0.05
# Tests store within a transaction of their own, which may rest for long on a busy machine.
INVENTORY_SILENT_SECONDS = 0
# Threads do not see what a test has written in its transaction.
PATHS_BUILT_IN_THREADS = False
# Tests change how steps are found, and rows in place.
PATHS_SHARED = False
# Tests change rows in place, and look at the next page at once.
FRAME_SECONDS = 0
# Mails are kept in memory, and what seals protects nothing.
MAIL_IS_SENT = True
SEALING_KEYS = ["tests-only-" + "x" * 40]
SITE_URL = "http://testserver"
