"""Addresses of IAM principals, under an organization."""

from django.urls import URLPattern, path

from governance.web.principals.listing import PrincipalsPage
from governance.web.principals.principal import PrincipalPage

principal_patterns: list[URLPattern] = [
    path("principals/", PrincipalsPage.as_view(), name="principals"),
    path("principals/<path:arn>", PrincipalPage.as_view(), name="principal"),
]
