"""Makes a key to sign checkpoints with, and shows the public half of one."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.audit.signing import SigningKeyMissing, new_key_pem, signing_key


class Command(BaseCommand):
    """Prints the public key of the signing key; with `--make` makes that first."""

    help = "Show the public key of the audit log's signing key; --make makes a signing key first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument(
            "file",
            nargs="?",
            default="",
            help="The file with the private key. "
            "Without it: that of ORGWARDEN_AUDIT_SIGNING_KEY_FILE.",
        )
        parser.add_argument("--make", action="store_true", help="Make the file; it must not exist.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key if asked to, and print its public half.

        :raises CommandError: the file exists already, or holds no key.
        """
        name = options["file"] or settings.AUDIT_SIGNING_KEY_FILE
        if options["make"]:
            if not name:
                raise CommandError("name the file to make")
            try:
                handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
                with os.fdopen(handle, "wb") as file:
                    file.write(new_key_pem())
            except OSError as error:
                raise CommandError(str(error)) from error
        try:
            self.stdout.write(str(signing_key(name).public))
        except SigningKeyMissing as error:
            raise CommandError(str(error)) from error
