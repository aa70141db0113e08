"""Confirms a grant where no second person can: the first set-up has one administrator only."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.access.actors import command_actor
from governance.access.owners.deciding import CannotDecide, grant_confirm_by_command
from governance.access.owners.models import GrantProposal


class Command(BaseCommand):
    """`manage.py confirm_grant ID --reason TEXT`, refused while somebody else could confirm."""

    help = (
        "Confirm a proposed grant without a second person. Only where nobody could confirm it in "
        "the browser. The audit log says that it was done so, and why. Without ID: list what waits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the grant's number and the reason."""
        parser.add_argument("grant", nargs="?", type=int, help="Number of the grant.")
        parser.add_argument("--reason", default="", help="Why no second person confirms it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """List what waits, or confirm one grant.

        :raises CommandError: there is no such grant, or it cannot be confirmed so.
        """
        if options["grant"] is None:
            waiting = GrantProposal.objects.filter(state=GrantProposal.State.PROPOSED)
            for one in waiting.select_related("user", "group", "proposed_by"):
                to = one.user or one.group or "-"
                self.stdout.write(f"{one.pk}  {one}  to {to}, proposed by {one.proposed_by}")
            return
        try:
            grant_confirm_by_command(
                proposal_id=options["grant"],
                reason=options["reason"],
                actor=command_actor("confirm_grant"),
                now=timezone.now(),
            )
        except GrantProposal.DoesNotExist:
            raise CommandError(f"There is no grant {options['grant']}.") from None
        except CannotDecide as error:
            text = str(error)
            raise CommandError(f"{text[:1].upper()}{text[1:]}.") from error
        self.stderr.write(
            self.style.WARNING(
                f"Grant {options['grant']} was confirmed WITHOUT a second person. "
                "The audit log has an entry."
            )
        )
