"""Who sent a request, and what people are called."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def person_of(request: HttpRequest) -> User:
    """Return the signed-in person.

    :raises PermissionDenied: the request is not that of a person of this instance.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in to do this.")
    return request.user


def name_of(person: User) -> str:
    """Return a person's name, or what they sign in as."""
    return person.get_full_name() or person.get_username()
