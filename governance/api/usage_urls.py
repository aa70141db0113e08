"""Addresses of usage and denials, below an organization's."""

from django.urls import URLPattern, path

from governance.api import usage

USAGE: list[URLPattern] = [
    path("/usage", usage.UsageList.as_view(), name="usage"),
    path("/denials", usage.DenialsList.as_view(), name="denials"),
]
