"""Addresses of usage, denials and what nobody used, below an organization's."""

from django.urls import URLPattern, path

from governance.api import unused, usage

USAGE: list[URLPattern] = [
    path("/usage", usage.UsageList.as_view(), name="usage"),
    path("/denials", usage.DenialsList.as_view(), name="denials"),
    path("/unused-access", unused.UnusedAccessDetail.as_view(), name="unused-access"),
]
