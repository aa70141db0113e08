"""Addresses of connections. `new` is no connection's slug."""

from django.urls import URLPattern, path

from governance.web.connections.views import (
    ConnectionCreate,
    ConnectionEdit,
    ConnectionOverview,
    ConnectionsPage,
    ConnectionSwitch,
    ConnectionTested,
)

connection_patterns: list[URLPattern] = [
    path("connections/", ConnectionsPage.as_view(), name="connections"),
    path("connections/new/", ConnectionCreate.as_view(), name="connection-create"),
    path("connections/<slug:slug>/", ConnectionOverview.as_view(), name="connection"),
    path("connections/<slug:slug>/edit/", ConnectionEdit.as_view(), name="connection-edit"),
    path("connections/<slug:slug>/test/", ConnectionTested.as_view(), name="connection-test"),
    path("connections/<slug:slug>/switch/", ConnectionSwitch.as_view(), name="connection-switch"),
]
