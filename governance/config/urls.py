"""Every address of Orgwarden: pages at the root, the REST API under /api/."""

from django.urls import include, path

handler400 = "governance.web.errors.bad_request"
handler403 = "governance.web.errors.permission_denied"
handler404 = "governance.web.errors.page_not_found"

urlpatterns = [
    path("api/", include("governance.api.urls")),
    path("", include("governance.web.urls")),
]
