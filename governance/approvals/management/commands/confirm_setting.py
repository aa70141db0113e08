"""Confirms a setting where no second person can: the first set-up has one administrator only."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.access.actors import command_actor
from governance.approvals.forms import SettingInvalid
from governance.approvals.models import SettingVersion
from governance.approvals.settings import CannotChangeSetting, setting_confirm_by_command
from inventory.models import Connection


class Command(BaseCommand):
    """`manage.py confirm_setting ORGANIZATION KIND VERSION --reason TEXT`.

    Refused while somebody else could confirm.
    """

    help = (
        "Confirm a proposed version of a setting without a second person. Only where nobody could "
        "confirm it in the browser. The audit log says that it was done so, and why. Without "
        "arguments: list what waits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the version and the reason."""
        parser.add_argument("organization", nargs="?", help="Its slug, as in addresses of pages.")
        parser.add_argument("kind", nargs="?", choices=SettingVersion.Kind.values)
        parser.add_argument("version", nargs="?", type=int)
        parser.add_argument("--reason", default="", help="Why no second person confirms it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """List what waits, or confirm one version.

        :raises CommandError: there is no such version, or it cannot be confirmed so.
        """
        if options["organization"] is None:
            self._list()
            return
        if options["version"] is None:
            raise CommandError("Name organization, kind and version, as the list has them.")
        try:
            row = setting_confirm_by_command(
                actor=command_actor("confirm_setting"),
                connection=Connection.objects.get(slug=options["organization"]),
                kind=options["kind"],
                version=options["version"],
                reason=options["reason"],
                now=timezone.now(),
            )
        except Connection.DoesNotExist:
            raise CommandError(f"There is no organization {options['organization']}.") from None
        except (CannotChangeSetting, SettingInvalid) as error:
            text = str(error)
            raise CommandError(f"{text[:1].upper()}{text[1:]}.") from error
        self.stderr.write(
            self.style.WARNING(
                f"{row} was confirmed WITHOUT a second person. The audit log has an entry."
            )
        )

    def _list(self) -> None:
        waiting = SettingVersion.objects.filter(state=SettingVersion.State.PROPOSED)
        for one in waiting.select_related("connection", "proposed_by"):
            self.stdout.write(
                f"{one.connection.slug} {one.kind} {one.version}  proposed by {one.proposed_by}"
            )
