"""`manage.py seed_scale`: a database of 10,000 accounts and 500,000 principals to measure with."""

import time
from datetime import UTC, datetime
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from psycopg2 import sql

from demo.new_database import prepare_database
from demo.scale.seeding import SLUG, OtherOrganization, seed
from demo.scale.shape import Shape


class Command(BaseCommand):
    """Fills a database with a made-up organization."""

    help = (
        "Fills a database with a made-up organization of 10,000 accounts, for measuring. The "
        "database is made and migrated if need be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--database",
            metavar="NAME",
            help="the database to fill (else the one of ORGWARDEN_DATABASE_NAME)",
        )
        parser.add_argument("--accounts", type=int, default=10_000)
        parser.add_argument("--principals", type=int, default=500_000)
        parser.add_argument(
            "--ended-at",
            metavar="TIME",
            help="when the newest run ended, such as 2026-11-24T08:00Z (else: the last full hour)",
        )
        parser.add_argument(
            "--force-new",
            action="store_true",
            help="put it beside other organizations, in place of one that was made so before",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the database, and fill it.

        :raises CommandError: what the database holds, or an option, stands against it.
        """
        began = time.monotonic()
        if options["accounts"] < 10 or options["principals"] < options["accounts"]:
            raise CommandError("give at least 10 accounts, and a principal for each")
        shape = Shape(
            ended_at=_time(options["ended_at"]),
            accounts=options["accounts"],
            principals=options["principals"],
        )
        if options["database"]:
            connection.close()
            connection.settings_dict["NAME"] = options["database"]
            _ensure_database(options["database"])
        prepare_database()
        try:
            counts = seed(shape, force_new=options["force_new"], tell=self.stdout.write)
        except OtherOrganization as refused:
            raise CommandError(str(refused)) from refused
        for name, count in sorted(counts.items()):
            self.stdout.write(f"{name:28} {count:>9,}")
        self.stdout.write(
            f"the organization {SLUG} is in {connection.settings_dict['NAME']}, "
            f"after {time.monotonic() - began:.0f} s"
        )


def _time(text: str | None) -> datetime:
    if text is None:
        return timezone.now().replace(minute=0, second=0, microsecond=0)
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"--ended-at is {text!r}; give a time such as 2026-11-24T08:00Z")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _ensure_database(name: str) -> None:
    given = connection.get_connection_params()
    server = psycopg2.connect(**{**given, "dbname": "postgres"})
    try:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not cursor.fetchone():
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    finally:
        server.close()
