"""Addresses of resources, under an organization. An ARN holds slashes, so it comes last."""

from django.urls import URLPattern, path

from governance.web.resources.listing import ResourcePoliciesPage
from governance.web.resources.resource import ResourceHistory, ResourcePage

resource_patterns: list[URLPattern] = [
    path("resources/", ResourcePoliciesPage.as_view(), name="resource-policies"),
    path(
        "resources/history/<path:resource_arn>",
        ResourceHistory.as_view(),
        name="resource-policy-history",
    ),
    path("resources/<path:resource_arn>", ResourcePage.as_view(), name="resource-policy"),
]
