"""Tables of people, their roles and the tokens of programs."""

from governance.access.models.claims import ClaimRule
from governance.access.models.profiles import Profile
from governance.access.models.roles import RoleAssignment
from governance.access.models.saved_views import SavedView
from governance.access.models.tokens import ApiToken

__all__ = ["ApiToken", "ClaimRule", "Profile", "RoleAssignment", "SavedView"]
