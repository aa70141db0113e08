"""People in their groups, and the tokens of their programs."""

from datetime import timedelta
from typing import Any

import factory
from django.contrib.auth.models import Group, User
from django.utils import timezone

from governance.access.actors import user_actor
from governance.access.models import ApiToken
from governance.access.tokens import token_issue


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody without any right. The password is `correct horse battery`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    email = factory.LazyAttribute(lambda person: f"{person.username}@example.org")
    password = factory.django.Password("correct horse battery")


def person(group: str = "viewer", **values: Any) -> User:
    """Make somebody in one of the groups that `governance.access.rights` names."""
    made = UserFactory.create(**values)
    made.groups.add(Group.objects.get(name=group))
    return made


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
