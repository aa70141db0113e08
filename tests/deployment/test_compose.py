"""What can be said of the container files without running them."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.config.settings import base

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """`docker-compose.yml` with its anchors resolved."""
    resolved: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return resolved


class TestCompose:
    def test_runs_one_service_a_process(self, compose):
        assert set(compose["services"]) == {
            *("postgres", "valkey", "migrate", "web", "worker-inventory", "worker-default", "beat")
        }

    def test_every_service_that_runs_on_has_a_health_check(self, compose):
        without = [
            name for name, service in compose["services"].items() if "healthcheck" not in service
        ]

        assert without == ["migrate"]

    def test_workers_take_every_queue_that_tasks_are_sent_to(self, compose):
        commands = [service.get("command", []) for service in compose["services"].values()]
        taken = {
            command[command.index("--queues") + 1] for command in commands if "--queues" in command
        }
        sent = {str(route["queue"]) for route in base.CELERY_TASK_ROUTES.values()}

        assert taken == sent | {base.CELERY_TASK_DEFAULT_QUEUE}

    def test_no_service_of_ours_may_write_to_its_image_or_gain_rights(self, compose):
        ours = [
            service for service in compose["services"].values() if service["image"] == "orgwarden"
        ]

        assert len(ours) == 5
        for service in ours:
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert "no-new-privileges:true" in service["security_opt"]

    def test_only_the_web_server_is_reachable_and_only_from_this_host(self, compose):
        ports = {
            name: service["ports"]
            for name, service in compose["services"].items()
            if "ports" in service
        }

        assert ports == {"web": ["127.0.0.1:8000:8000"]}

    def test_every_secret_is_a_file(self, compose):
        assert all(set(secret) == {"file"} for secret in compose["secrets"].values())
        text = (ROOT / "docker-compose.yml").read_text()
        assert not re.search(r"(?i)password:|_PASSWORD:", text)

    def test_every_variable_of_ours_is_one_that_something_reads(self, compose):
        read = "".join(
            path.read_text()
            for path in [
                *(ROOT / "governance" / "config").rglob("*.py"),
                ROOT / "docker/entrypoint",
            ]
        )
        for name in compose["services"]["web"]["environment"]:
            assert name.removesuffix("_FILE") in read or name in read or name.startswith("DJANGO_")


class TestImage:
    def test_copies_only_what_there_is(self):
        dockerfile = (ROOT / "Dockerfile").read_text()
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
        sources = [name for line in copied for name in line.split()]

        assert "policies" in sources
        assert [name for name in sources if not (ROOT / name).exists()] == []

    def test_runs_as_somebody_who_is_not_root(self):
        lines = (ROOT / "Dockerfile").read_text().splitlines()

        assert lines.index("USER orgwarden") < next(
            number for number, line in enumerate(lines) if line.startswith("ENTRYPOINT")
        )


class TestEntrypoint:
    def test_hands_passwords_over_where_only_the_process_can_read_them(self, tmp_path):
        (tmp_path / "database").write_text("a:b\\c\n")
        (tmp_path / "valkey").write_text("0123abcd\n")
        done = subprocess.run(
            [
                "sh",
                ROOT / "docker/entrypoint",
                "sh",
                "-c",
                'cat "$PGPASSFILE"; echo "$ORGWARDEN_VALKEY_URL"',
            ],
            env={
                "PATH": os.environ["PATH"],
                "PGPASSFILE": str(tmp_path / "pgpass"),
                "ORGWARDEN_DATABASE_PASSWORD_FILE": str(tmp_path / "database"),
                "ORGWARDEN_VALKEY_PASSWORD_FILE": str(tmp_path / "valkey"),
            },
            check=True,
            capture_output=True,
            text=True,
        )

        assert done.stdout == "*:*:*:*:a\\:b\\\\c\nredis://:0123abcd@valkey:6379/0\n"
        assert (tmp_path / "pgpass").stat().st_mode & 0o077 == 0
