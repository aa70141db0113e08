"""Verifies the audit log."""

from argparse import ArgumentParser
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.audit.destinations import stored_copies
from governance.audit.signing import PublicKey, PublicKeyInvalid
from governance.audit.verification import VerificationReport, trusted_keys, verify_log


class Command(BaseCommand):
    """Holds every entry, the tree and every checkpoint against each other."""

    help = "Verify the audit log: entries, tree, checkpoints, and copies of checkpoints outside."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take public keys and copies kept outside."""
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="NAME+ID+BASE64",
            help="A key to trust, kept outside of the database. May be given more than once. "
            "Without one: those of ORGWARDEN_AUDIT_PUBLIC_KEYS.",
        )
        parser.add_argument(
            "--checkpoints",
            metavar="FOLDER",
            help="A folder with copies of checkpoints. "
            "Without it: that of ORGWARDEN_AUDIT_CHECKPOINT_DIRECTORY.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, say what was verified, and fail where something is wrong.

        :raises CommandError: a problem was found, or an argument cannot be used.
        """
        try:
            keys = [PublicKey.parse(text) for text in options["public_key"]] or trusted_keys()
        except PublicKeyInvalid as error:
            raise CommandError(str(error)) from error
        began = perf_counter()
        report = verify_log(now=timezone.now(), keys=keys, copies=_copies(options["checkpoints"]))
        seconds = perf_counter() - began
        self._say(report, seconds)
        if report.problems:
            for problem in report.problems:
                self.stderr.write(f"{problem.kind}: {problem.message}")
            if report.more:
                self.stderr.write(f"and {report.more:,} more")
            count = len(report.problems) + report.more
            raise CommandError(f"the audit log does not verify: {count:,} problems")
        self.stdout.write("The audit log verifies.")

    def _say(self, report: VerificationReport, seconds: float) -> None:
        self.stdout.write(
            f"{report.tree_size:,} entries, {report.covered:,} of them covered by "
            f"{report.checkpoints:,} checkpoints, verified in {seconds:.1f} s; "
            f"{report.unsealed:,} not sealed yet; {report.copies:,} copies outside compared."
        )
        if not report.keys_from_outside and report.checkpoints:
            self.stdout.write(
                "Signatures were held against the keys in the database itself. "
                "Give --public-key to hold them against a key that is kept outside."
            )


def _copies(folder: str | None) -> list[str]:
    if folder is None:
        return list(stored_copies())
    paths = sorted(Path(folder).glob("*.txt"))
    if not paths:
        raise CommandError(f"{folder} holds no copies of checkpoints (*.txt)")
    return [path.read_text(encoding="utf-8") for path in paths]
