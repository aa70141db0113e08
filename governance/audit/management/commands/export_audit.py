"""Exports the audit log so that it can be verified elsewhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.audit.exports import NothingToExport, export_lines


class Command(BaseCommand):
    """Writes entries and checkpoints to a file for `docs/verify_audit.py`."""

    help = "Export the audit log up to its latest checkpoint, for docs/verify_audit.py."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and what was exported before."""
        parser.add_argument("file", help="The file to write.")
        parser.add_argument(
            "--after-checkpoint",
            type=int,
            default=0,
            metavar="NUMBER",
            help="Leave out the entries that this checkpoint covers: they were exported before.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file.

        :raises CommandError: there is nothing to export.
        """
        count = 0
        try:
            with open(options["file"], "xb") as file:
                for line in export_lines(after_checkpoint=options["after_checkpoint"]):
                    file.write(line + b"\n")
                    count += 1
        except (NothingToExport, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count:,} lines written to {options['file']}.")
