"""Addresses of usage and denials, under an organization."""

from django.urls import URLPattern, path

from governance.web.usage.denials import DenialsPage, PolicyUsage
from governance.web.usage.listing import AccountUsage, PrincipalUsage, UsagePage
from governance.web.usage.unused import UnusedPage

usage_patterns: list[URLPattern] = [
    path("usage/", UsagePage.as_view(), name="usage"),
    path("unused/", UnusedPage.as_view(), name="unused"),
    path("denials/", DenialsPage.as_view(), name="denials"),
    path("accounts/<str:account_id>/usage/", AccountUsage.as_view(), name="account-usage"),
    path("policies/<str:policy_id>/usage/", PolicyUsage.as_view(), name="policy-usage"),
]
principal_usage_patterns: list[URLPattern] = [
    path("principals/usage/<path:arn>", PrincipalUsage.as_view(), name="principal-usage"),
]
