"""Addresses of IAM principals, under an organization. An ARN holds slashes, so it comes last."""

from django.urls import URLPattern, path

from governance.web.principals.listing import PrincipalsPage
from governance.web.principals.names import PrincipalNamesPage
from governance.web.principals.principal import PrincipalHistory, PrincipalPage

principal_patterns: list[URLPattern] = [
    path("principals/", PrincipalsPage.as_view(), name="principals"),
    path("principals/by-name/", PrincipalNamesPage.as_view(), name="principal-names"),
    path("principals/history/<path:arn>", PrincipalHistory.as_view(), name="principal-history"),
    path("principals/<path:arn>", PrincipalPage.as_view(), name="principal"),
]
