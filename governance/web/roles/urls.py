"""Addresses of roles."""

from django.urls import URLPattern, path

from governance.web.roles.explaining import WhyMayPage
from governance.web.roles.places import RolePlaces
from governance.web.roles.views import RolesPage, RoleWithdraw

role_patterns: list[URLPattern] = [
    path("roles/", RolesPage.as_view(), name="roles"),
    path("roles/places/", RolePlaces.as_view(), name="role-places"),
    path("roles/why/", WhyMayPage.as_view(), name="roles-why"),
    path("roles/<int:assignment_id>/withdraw/", RoleWithdraw.as_view(), name="role-withdraw"),
]
