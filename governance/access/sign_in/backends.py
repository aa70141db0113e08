"""Recognises people by user name and password, and finds those who are signed in."""

from typing import Final

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import User

from governance.access.backends import RoleBackend
from governance.access.models import Profile
from inventory.selectors.ready_query import ReadyQuery

# Asked for every page and every call of the API.
_PERSON: Final = ReadyQuery(
    lambda user_id: User.objects.select_related("profile").filter(pk=user_id), user_id=-1
)


class PasswordBackend(RoleBackend, AuthenticationBackend):
    """Passwords as allauth checks them, rights by role; a person comes with the profile."""

    def get_user(self, user_id: int) -> User | None:
        """Return somebody who may use the instance, in one query."""
        user: User | None = next(iter(_PERSON.objects(user_id=int(user_id))), None)
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User) -> bool:  # type: ignore[override]
        """Refuse people who are deactivated, and service accounts, which have only tokens."""
        return bool(user.is_active) and user.profile.kind == Profile.Kind.PERSON
