"""Makes the database roles of production."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from governance.audit.database_roles import (
    APPLICATION,
    APPLY_WORKER,
    AUDIT_WORKER,
    database_roles_apply,
)


class Command(BaseCommand):
    """Gives the application and two workers what they need of the database, and no more."""

    help = (
        f"Make the database roles {APPLICATION}, {AUDIT_WORKER} and {APPLY_WORKER}, and grant each "
        "what it needs. "
        "Run by the owner of the tables after each migration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files with the passwords."""
        parser.add_argument("--application-password-file", required=True, metavar="FILE")
        parser.add_argument("--audit-password-file", required=True, metavar="FILE")
        parser.add_argument("--apply-password-file", required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and grant.

        :raises CommandError: a file cannot be read, or the database refuses.
        """
        try:
            database_roles_apply(
                application_password=_password(options["application_password_file"]),
                audit_password=_password(options["audit_password_file"]),
                apply_password=_password(options["apply_password_file"]),
            )
        except (OSError, DatabaseError) as error:
            raise CommandError(str(error).strip()) from error
        self.stdout.write(f"{APPLICATION}, {AUDIT_WORKER} and {APPLY_WORKER} have what they need.")


def _password(file: str) -> str:
    password = Path(file).read_text(encoding="utf-8").strip()
    if not password:
        raise CommandError(f"{file} is empty")
    return password
