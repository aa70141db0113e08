"""Has Django ask our roles what a person may do."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User

from governance.access.grants import grants_of
from governance.access.rights import TABLE


class RoleBackend(ModelBackend):
    """`has_perm` means that a role gives it in some place.

    Permissions that Django keeps of users and groups count for nothing.
    """

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the rights that somebody holds in at least one place."""
        if not isinstance(user_obj, User) or obj is not None:
            return set()
        grants = grants_of(user_obj)
        return {right for right in TABLE if any(grant.gives(right) for grant in grants)}

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the same: roles are all there is."""
        return self.get_all_permissions(user_obj, obj)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return none: a group gives what roles it was assigned."""
        return set()
