"""What can be said of the container files without running them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.config.settings import base

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "Dockerfile"
READS_FILES = """
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.template.loader import get_template
from governance.web.connections import deploying
from inventory.models import Connection
folder = Path(settings.BASE_DIR, "templates")
for path in folder.rglob("*.html"):
    get_template(str(path.relative_to(folder)))
arn = "arn:aws:iam::111122223333:role/OrgwardenOrganizationReader"
assert len(deploying.templates(Connection(organization_role_arn=arn), with_external_id=True)) == 2
print(folder)
"""


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, ignore=without, dirs_exist_ok=True)
    else:
        target.mkdir(exist_ok=True)
        shutil.copy(source, target)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """`docker-compose.yml` with its anchors resolved."""
    resolved: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return resolved


class TestCompose:
    def test_runs_one_service_a_process(self, compose):
        assert set(compose["services"]) == {
            *("postgres", "valkey", "migrate", "web", "beat"),
            *("worker-inventory", "worker-default", "worker-audit", "worker-apply"),
        }

    def test_every_service_that_runs_on_has_a_health_check(self, compose):
        without = [
            name for name, service in compose["services"].items() if "healthcheck" not in service
        ]

        assert without == ["migrate"]

    def test_workers_take_every_queue_that_tasks_are_sent_to(self, compose):
        commands = [service.get("command", []) for service in compose["services"].values()]
        taken = {
            queue
            for command in commands
            if "--queues" in command
            for queue in command[command.index("--queues") + 1].split(",")
        }
        sent = {str(route["queue"]) for route in base.CELERY_TASK_ROUTES.values()}

        assert taken == sent | {base.CELERY_TASK_DEFAULT_QUEUE}

    def test_no_service_of_ours_may_write_to_its_image_or_gain_rights(self, compose):
        ours = [
            service for service in compose["services"].values() if service["image"] == "orgwarden"
        ]

        assert len(ours) == 7
        for service in ours:
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert "no-new-privileges:true" in service["security_opt"]

    def test_no_service_may_write_to_its_image_gain_rights_or_take_all_of_the_host(self, compose):
        for name, service in compose["services"].items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["mem_limit"].endswith(("m", "g")), name
            assert 0 < service["cpus"] <= 2, name
            assert 0 < service["pids_limit"] <= 256, name
            assert "privileged" not in service, name
            assert service.get("user") != "root", name

    def test_only_the_database_is_given_rights_back(self, compose):
        given = {name for name, service in compose["services"].items() if "cap_add" in service}
        assert given == {"postgres"}
        assert set(compose["services"]["postgres"]["cap_add"]) <= {
            *("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
        }

    def test_no_log_fills_the_disk(self, compose):
        for name, service in compose["services"].items():
            options = service["logging"]["options"]
            assert service["logging"]["driver"] == "json-file", name
            assert options["max-size"] == "20m", name
            assert options["max-file"] == "5", name

    def test_every_image_has_an_exact_version(self, compose):
        images = {service["image"] for service in compose["services"].values()} - {"orgwarden"}
        images |= set(re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE))

        assert len(images) == 4
        for image in images:
            assert re.search(r":\d+\.\d+(\.\d+)?(-slim)?(@sha256:[0-9a-f]{64})?$", image), image

    def test_database_and_broker_are_apart_and_out_of_reach(self, compose):
        networks, services = compose["networks"], compose["services"]

        assert networks["database"] == networks["broker"] == {"internal": True}
        assert services["postgres"]["networks"] == ["database"]
        assert services["valkey"]["networks"] == ["broker"]
        assert services["migrate"]["networks"] == ["database"]
        assert services["beat"]["networks"] == ["broker"]
        # What nobody publishes stays inside, whoever shares a network with it.
        assert {name for name, one in services.items() if "outside" in one["networks"]} == {
            *("web", "worker-inventory", "worker-default", "worker-audit", "worker-apply")
        }

    def test_each_service_is_given_the_secrets_that_it_reads_and_no_other(self, compose):
        services = compose["services"]
        for name, service in services.items():
            if service["image"] != "orgwarden":
                continue
            named = {
                str(value).removeprefix("/run/secrets/")
                for value in service["environment"].values()
                if str(value).startswith("/run/secrets/")
            }
            command = " ".join(service.get("command", []))
            named |= set(re.findall(r"/run/secrets/([a-z-]+)", command))
            assert named == set(service["secrets"]), name
        assert services["web"]["environment"]["ORGWARDEN_METRICS_TOKEN_FILE"]
        assert [name for name, one in services.items() if "metrics" in one["secrets"]] == ["web"]

    def test_the_first_lines_say_how_to_make_every_secret(self, compose):
        text = (ROOT / "docker-compose.yml").read_text()
        (made,) = re.findall(r"for name in ([a-z -]+); do openssl", text)

        signing = re.findall(r"(?:-out|touch) secrets/([a-z-]+)", text)
        assert {*made.split(), *signing} == set(compose["secrets"])

    def test_only_the_web_server_is_reachable_and_only_from_this_host(self, compose):
        ports = {
            name: service["ports"]
            for name, service in compose["services"].items()
            if "ports" in service
        }

        assert ports == {"web": ["127.0.0.1:8000:8000"]}

    def test_only_one_worker_has_the_key_that_signs_the_audit_log(self, compose):
        holders = {
            name
            for name, service in compose["services"].items()
            if "audit-key" in service.get("secrets", [])
            or "ORGWARDEN_AUDIT_SIGNING_KEY_FILE" in service.get("environment", {})
        }

        assert holders == {"worker-audit"}

    def test_only_one_worker_has_the_identity_that_writes_to_aws(self, compose):
        holders = {
            name
            for name, service in compose["services"].items()
            if "apply-aws" in service.get("secrets", [])
            or "AWS_CONFIG_FILE" in service.get("environment", {})
        }

        assert holders == {"worker-apply"}

    def test_only_migrations_connect_as_the_owner_of_the_tables(self, compose):
        users = {
            name: service["environment"]["ORGWARDEN_DATABASE_USER"]
            for name, service in compose["services"].items()
            if service["image"] == "orgwarden"
        }

        assert users.pop("migrate") == "orgwarden"
        assert users.pop("worker-audit") == "orgwarden_audit"
        assert users.pop("worker-apply") == "orgwarden_apply"
        assert set(users.values()) == {"orgwarden_app"}
        holders = {
            name
            for name, service in compose["services"].items()
            if "database" in service.get("secrets", [])
        }
        assert holders == {"postgres", "migrate"}

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
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
        sources = [name for line in copied for name in line.split()]

        assert "policies" in sources
        assert [name for name in sources if not (ROOT / name).exists()] == []

    def test_holds_every_file_that_pages_read(self, tmp_path):
        """The tree that the image would hold, at another place, with production's settings."""
        lines = re.findall(r"^COPY (?!--from)(.+) (\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
        lines = lines[[sources for sources, _ in lines].index("manage.py") :]
        for sources, target in lines:
            for source in sources.split():
                if target.startswith("./"):
                    _copy(ROOT / source, tmp_path / target)
        done = subprocess.run(
            [sys.executable, "-c", READS_FILES],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "DJANGO_SETTINGS_MODULE": "governance.config.settings.prod",
                "ORGWARDEN_SECRET_KEY": "x" * 60,
            },
        )

        assert done.returncode == 0, done.stderr
        assert str(tmp_path) in done.stdout

    def test_is_given_what_it_copies(self):
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
        given = {
            line.removeprefix("!")
            for line in (ROOT / ".dockerignore").read_text().splitlines()
            if line.startswith("!")
        }
        withheld = [
            source
            for line in copied
            for source in line.split()
            if not any(source == name or source.startswith(f"{name}/") for name in given)
        ]

        assert withheld == []

    def test_runs_as_somebody_who_is_not_root(self):
        lines = DOCKERFILE.read_text().splitlines()

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
