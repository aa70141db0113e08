"""`manage.py assign_role PERSON ROLE`: gives a role, such as to the first administrator."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.access.actors import command_actor
from governance.access.role_assignments import CannotAssignRole, RolePlace, role_assign
from governance.access.roles import Role
from inventory.models import Connection


class Command(BaseCommand):
    """Gives a person a role everywhere, or in an organization or a part of it."""

    help = "Give a person a role. It counts at once and stands in the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the person, the role and the place."""
        parser.add_argument("person", help="User name.")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--organization", help="Slug; without it, everywhere.")
        parser.add_argument("--target", default="", help="An OU or account in it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give it.

        :raises CommandError: there is no such person, organization or place.
        """
        user = User.objects.filter(username=options["person"]).first()
        if user is None:
            raise CommandError(f"no person is called {options['person']}")
        connection = None
        if options["organization"]:
            connection = Connection.objects.filter(slug=options["organization"]).first()
            if connection is None:
                raise CommandError(f"there is no organization {options['organization']}")
        try:
            role_assign(
                actor=command_actor("assign_role"),
                role=options["role"],
                place=RolePlace(connection, options["target"]),
                user=user,
                now=timezone.now(),
            )
        except CannotAssignRole as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.get_username()} has the role {options['role']}")
