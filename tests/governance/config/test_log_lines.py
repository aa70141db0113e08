"""What a log line says, and that every failure makes one."""

import json
import os
import subprocess
import sys

FAILS = """
import logging, django
django.setup()
logging.getLogger("inventory.runs").info("account %s is done", "111122223333")
try:
    {}["missing"]
except KeyError:
    logging.getLogger("django.request").exception("Internal Server Error: /o/acme/")
logging.getLogger("botocore").info("what nobody needs to read")
"""


def told(settings):
    done = subprocess.run(
        [sys.executable, "-c", FAILS],
        check=True,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": f"governance.config.settings.{settings}",
            "ORGWARDEN_SECRET_KEY": "x" * 60,
            "ORGWARDEN_ALLOWED_HOSTS": "orgwarden.example.com",
        },
    )
    return done.stderr


class TestProduction:
    def test_writes_one_json_object_a_line(self):
        run, request = [json.loads(line) for line in told("prod").splitlines()]

        assert run["event"] == "account 111122223333 is done"
        assert (run["level"], run["logger"]) == ("info", "inventory.runs")
        assert run["timestamp"].endswith("Z")
        assert request["event"] == "Internal Server Error: /o/acme/"
        assert "KeyError: 'missing'" in request["exception"]


class TestDevelopment:
    def test_writes_text_with_the_traceback_below(self):
        text = told("dev")

        assert "account 111122223333 is done" in text.splitlines()[0]
        assert "inventory.runs" in text.splitlines()[0]
        assert "KeyError: 'missing'" in text
        assert "\033[" not in text
