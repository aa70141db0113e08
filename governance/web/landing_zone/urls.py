"""Addresses of the landing zone, under an organization."""

from django.urls import URLPattern, path

from governance.web.landing_zone.controls import LandingZoneControlsPage
from governance.web.landing_zone.core_accounts import CoreAccountConfirmation
from governance.web.landing_zone.enforcement import LandingZoneEnforcementPage
from governance.web.landing_zone.log_picture import LandingZoneLoggingPage
from governance.web.landing_zone.overview import LandingZonePage

landing_zone_patterns: list[URLPattern] = [
    path("landing-zone/", LandingZonePage.as_view(), name="landing-zone"),
    path("landing-zone/confirm/", CoreAccountConfirmation.as_view(), name="core-account-confirm"),
    path("landing-zone/controls/", LandingZoneControlsPage.as_view(), name="landing-zone-controls"),
    path(
        "landing-zone/enforcement/",
        LandingZoneEnforcementPage.as_view(),
        name="landing-zone-enforcement",
    ),
    path("landing-zone/logging/", LandingZoneLoggingPage.as_view(), name="landing-zone-logging"),
]
