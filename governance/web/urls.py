"""Addresses of the pages.

Pages about an organization lie under `/o/<slug>/`, the slug being its connection's.
"""

from django.urls import URLPattern, URLResolver, include, path

from governance.web.health import Health
from governance.web.organization.views import OrganizationChildren, OrganizationPage
from governance.web.palette import Palette
from governance.web.sign_in import SignIn, SignOut, Start
from governance.web.style_page import StylePage

organization_patterns: list[URLPattern | URLResolver] = [
    path("", Start.as_view(), name="start-of"),
    path("find/", Palette.as_view(), name="palette"),
    path("organization/", OrganizationPage.as_view(), name="organization"),
    path(
        "organization/<str:target_id>/children/",
        OrganizationChildren.as_view(),
        name="organization-children",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", Start.as_view(), name="start"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("healthz", Health.as_view(), name="healthz"),
    path("find/", Palette.as_view(), name="palette-without-organization"),
    path("style/", StylePage.as_view(), name="style"),
    path("o/<slug:slug>/", include(organization_patterns)),
]
