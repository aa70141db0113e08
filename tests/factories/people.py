"""People with their roles, and the tokens of their programs."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from governance.access.actors import user_actor
from governance.access.grants import forget_grants
from governance.access.models import ApiToken, RoleAssignment
from governance.access.tokens import token_issue
from inventory.viewing import Place

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody without any right. The password is `correct horse battery`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    email = factory.LazyAttribute(lambda person: f"{person.username}@example.org")
    password = factory.django.Password("correct horse battery")


def person(role: str = "viewer", *places: Place, **values: Any) -> User:
    """Make somebody who holds a role at some places, everywhere where none is given."""
    made = UserFactory.create(**values)
    for place in places or (None,):
        give_role(made, role, place)
    return made


def give_role(
    holder: User | Group, role: str, place: Place | None = None, **values: Any
) -> RoleAssignment:
    """Assign a role to a person or a group, everywhere where no place is given."""
    held_by = {"user": holder} if isinstance(holder, User) else {"group": holder}
    made = RoleAssignment.objects.create(
        role=role,
        connection_id=None if place is None else place.connection_id,
        target_id="" if place is None else place.target_id,
        **{**held_by, "created_at": LONG_AGO, **values},
    )
    if isinstance(holder, User):
        forget_grants(holder)
    return made


def owner_of_every_scope(**values: Any) -> User:
    """Make an administrator who holds what only security does as well: every right of tokens."""
    made = person("administrator", **values)
    give_role(made, "security")
    return made


def take_roles(user: User) -> None:
    """Take all roles from a person."""
    user.role_assignments.all().delete()
    forget_grants(user)


def token_of(user: User, *scopes: str, days: int = 30) -> tuple[ApiToken, str]:
    """Issue a token now; the second value is the token as its program sends it."""
    now = timezone.now()
    return token_issue(
        actor=user_actor(user),
        user=user,
        name="tests",
        scopes=list(scopes),
        expires_at=now + timedelta(days=days),
        now=now,
    )


def prove(client: Client) -> None:
    """Have whoever is signed in have proved just now, by the password, who they are."""
    session = client.session
    # As allauth notes it in `allauth.account.internal.flows.login`.
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = session["_auth_user_id"]
    session.save()
