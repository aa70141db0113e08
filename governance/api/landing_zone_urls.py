"""Addresses of the landing zone."""

from django.urls import URLPattern, path

from governance.api import controls, landing_zone

LANDING_ZONE: list[URLPattern] = [
    path("/landing-zone", landing_zone.LandingZoneDetail.as_view(), name="landing-zone"),
    path(
        "/landing-zone/core-accounts/<str:purpose>",
        landing_zone.CoreAccountDetail.as_view(),
        name="core-account",
    ),
    path(
        "/landing-zone/logging",
        landing_zone.LandingZoneLogging.as_view(),
        name="landing-zone-logging",
    ),
    path("/controls", controls.ControlList.as_view(), name="controls"),
]
