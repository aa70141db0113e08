"""Every address of Orgwarden: pages at the root, the REST API under /api/."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("governance.api.urls")),
    path("", include("governance.web.urls")),
]
