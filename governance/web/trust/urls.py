"""Addresses of the Trust screen, under an organization."""

from django.urls import URLPattern, path

from governance.web.trust.around import TrustAround
from governance.web.trust.crossings import CrossingsPage, CrossingsPicture
from governance.web.trust.edge import EdgePage, EdgePanel
from governance.web.trust.environments import RoleEnvironmentsPage, RoleServicesPage
from governance.web.trust.explorer import ExplorerGraph, ExplorerPage
from governance.web.trust.fix import FixPage
from governance.web.trust.paths import OpenGraphDownload, PathsPage
from governance.web.trust.posture_card import TrustOnPosture
from governance.web.trust.within import WithinAccountsPage

trust_patterns: list[URLPattern] = [
    path("trust/", CrossingsPage.as_view(), name="trust"),
    path("trust/picture/", CrossingsPicture.as_view(), name="trust-picture"),
    path("trust/explorer/", ExplorerPage.as_view(), name="trust-explorer"),
    path("trust/explorer/graph/", ExplorerGraph.as_view(), name="trust-explorer-graph"),
    path("trust/around/", TrustAround.as_view(), name="trust-around"),
    path("trust/posture/", TrustOnPosture.as_view(), name="trust-on-posture"),
    path("trust/within-accounts/", WithinAccountsPage.as_view(), name="trust-within-accounts"),
    path("trust/paths/", PathsPage.as_view(), name="trust-paths"),
    path(
        "trust/role-environments/", RoleEnvironmentsPage.as_view(), name="trust-role-environments"
    ),
    path(
        "trust/role-environments/<str:name>/",
        RoleServicesPage.as_view(),
        name="trust-role-services",
    ),
    path("trust/paths/open-graph/", OpenGraphDownload.as_view(), name="trust-open-graph"),
    path("trust/findings/<str:trust_finding_key>/fix/", FixPage.as_view(), name="trust-fix"),
    path("trust/edges/<str:edge_key>/", EdgePage.as_view(), name="trust-edge"),
    path("trust/edges/<str:edge_key>/panel/", EdgePanel.as_view(), name="trust-edge-panel"),
]
