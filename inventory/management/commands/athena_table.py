"""`manage.py athena_table ORGANIZATION NAME --region …`: how a source's table is made."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.logs.athena.table import definition
from inventory.models import Account, LogSource


class Command(BaseCommand):
    """Prints a CREATE EXTERNAL TABLE statement, to be run in Athena by whoever may make tables."""

    help = (
        "Print the statement that makes the table of a log source that Athena reads, with a "
        "partition for each account of the organization and each region given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the organization, the source and regions."""
        parser.add_argument("organization", help="Its name in addresses.")
        parser.add_argument("name", help="The log source's name.")
        parser.add_argument("--region", action="append", required=True, dest="regions")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it.

        :raises CommandError: no such source, or a region that is none.
        """
        source = LogSource.objects.filter(
            connection__slug=options["organization"],
            name=options["name"],
            kind=LogSource.Kind.ATHENA,
        ).first()
        if source is None:
            raise CommandError("The organization has no source of this name that Athena reads.")
        accounts = Account.objects.as_of(None).filter(connection=source.connection)
        ids = list(accounts.order_by("account_id").values_list("account_id", flat=True))
        try:
            statement = definition(source, accounts=ids, regions=options["regions"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(statement)
