"""Addresses of approval settings, under an organization."""

from django.urls import URLPattern, path

from governance.approvals.models import SettingVersion
from governance.web.approval_settings.views import (
    SettingDecide,
    SettingPage,
    SettingPropose,
    address_name,
)


def _patterns(kind: str) -> list[URLPattern]:
    name = address_name(kind)
    one = f"settings/{name}"
    return [
        path(f"{one}/", SettingPage.as_view(kind=kind), name=name),
        path(f"{one}/propose/", SettingPropose.as_view(kind=kind), name=f"{name}-propose"),
        path(
            f"{one}/<int:version>/<str:decision>/",
            SettingDecide.as_view(kind=kind),
            name=f"{name}-decide",
        ),
    ]


setting_patterns: list[URLPattern] = [
    pattern for kind in SettingVersion.Kind.values for pattern in _patterns(kind)
]
