"""The address of external parties, under an organization."""

from django.urls import URLPattern, path

from governance.web.external_parties.page import ExternalPartiesPage

external_party_patterns: list[URLPattern] = [
    path("trust/external-parties/", ExternalPartiesPage.as_view(), name="external-parties"),
]
