"""`manage.py break_glass`: a local administrator for emergencies."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.access.actors import command_actor
from governance.access.break_glass import break_glass


class Command(BaseCommand):
    """Makes, or opens again, a break-glass administrator and prints its new password once."""

    help = "Open a local administrator account for some hours. Its use is recorded and announced."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the user name and for how long."""
        parser.add_argument("username", nargs="?", default="break-glass")
        parser.add_argument("--hours", type=int, default=8, help="how long it may do anything")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it and print the password.

        :raises CommandError: the name is somebody's own, or the hours make no sense.
        """
        now, hours = timezone.now(), options["hours"]
        if not 1 <= hours <= 72:
            raise CommandError("--hours is from 1 to 72")
        ends_at = now + timedelta(hours=hours)
        try:
            user, password = break_glass(
                actor=command_actor("break_glass"),
                username=options["username"],
                ends_at=ends_at,
                now=now,
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"User name: {user.username}")
        self.stdout.write(f"Password:  {password}")
        self.stdout.write(f"Administrator of everything until {ends_at:%Y-%m-%d %H:%M} UTC.")
