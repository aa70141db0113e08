"""`manage.py reduce_cloudtrail PATH… [--usage FILE]`: what CloudTrail's files say was used."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.cloudtrail.files import reduce_files
from policies.usage import write_usage


class Command(BaseCommand):
    """Reads CloudTrail's files and prints what they amount to, without a database."""

    help = (
        "Read CloudTrail's files (JSON or gzip; a directory is read completely, - is standard "
        "input) and print as one JSON object how many events they hold and what of them is usage."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and where to write the usage records."""
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--usage", metavar="FILE", help="Write a record a line here.")
        parser.add_argument(
            "--processes", type=int, help="As many as there are processors, unless given."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, write the records, print the object.

        :raises CommandError: the file of records cannot be written.
        """
        begun = time.perf_counter()
        usage = reduce_files(options["paths"], processes=options["processes"])
        if options["usage"]:
            try:
                # Half a pair of surrogates, which JSON may hold, is no text that can be written.
                with open(options["usage"], "w", encoding="utf-8", errors="replace") as file:
                    write_usage(usage.records(), file)
            except OSError as error:
                raise CommandError(f"{options['usage']} cannot be written: {error}") from error
        result = {
            "events": usage.events,
            "duplicates": usage.duplicates,
            "unreadable": [{"path": path, "why": why} for path, why in usage.problems],
            "unmapped": usage.unmapped,
            "usage_records": usage.usage_records,
            "denied": usage.denied,
            "seconds": round(time.perf_counter() - begun, 3),
        }
        self.stdout.write(json.dumps(result))
        if usage.silent:
            reasons = ", ".join(f"{count} {reason}" for reason, count in usage.silent.items())
            print(f"Events that authorised nothing: {reasons}.", file=sys.stderr)  # noqa: T201
