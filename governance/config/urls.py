"""Every address of Orgwarden: pages at the root, the REST API under /api/."""

from django.urls import include, path

handler400 = "governance.config.errors.bad_request"
handler403 = "governance.config.errors.permission_denied"
handler404 = "governance.config.errors.page_not_found"
handler500 = "governance.config.errors.server_error"

urlpatterns = [
    path("api/", include("governance.api.urls")),
    path("", include("governance.web.urls")),
]
