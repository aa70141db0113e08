"""From a signed-in person to what the inventory's selectors ask for."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

from governance.access.rights import VIEW_INVENTORY
from inventory.viewing import Viewer


def viewer_of(user: "AbstractBaseUser | PermissionsMixin | AnonymousUser") -> Viewer:
    """Return what this person may see; somebody not signed in sees nothing."""
    sees = isinstance(user, PermissionsMixin) and user.has_perm(VIEW_INVENTORY)
    return Viewer(sees_inventory=sees)
