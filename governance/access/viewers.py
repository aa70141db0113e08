"""From a signed-in person, or a program's token, to what they may do and see."""

from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser

from governance.access import rights
from governance.access.models import ApiToken
from inventory.viewing import Viewer


def holds(
    user: AbstractBaseUser | AnonymousUser,
    right: str,
    *,
    token: ApiToken | None = None,
) -> bool:
    """Return whether this person holds `right`, and through a token: whether it has it too."""
    if not isinstance(user, AbstractUser) or not user.is_active:
        return False
    if token is not None and (
        right not in rights.TOKEN_SCOPES or right not in token.scopes or token.user_id != user.pk
    ):
        return False
    return user.has_perm(right)


def viewer_of(user: AbstractBaseUser | AnonymousUser, *, token: ApiToken | None = None) -> Viewer:
    """Return what this person, or their token, may see; somebody not signed in sees nothing."""
    return Viewer(sees_inventory=holds(user, rights.VIEW_INVENTORY, token=token))
