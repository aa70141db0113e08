"""Addresses of the pages.

Pages about an organization lie under `/o/<slug>/`, the slug being its connection's.
"""

from django.urls import URLPattern, URLResolver, include, path

from governance.web.accounts.account import (
    AccountCoverageTab,
    AccountHistory,
    AccountIam,
    AccountOverview,
)
from governance.web.accounts.collecting import AccountsCollectPage
from governance.web.accounts.listing import AccountsPage
from governance.web.accounts.resources import AccountResources
from governance.web.accounts.unit import UnitHistory, UnitPage
from governance.web.approval_settings.urls import setting_patterns
from governance.web.audit.urls import audit_patterns
from governance.web.ceiling_tabs.urls import ceiling_patterns
from governance.web.changes.urls import change_patterns
from governance.web.connections.urls import connection_patterns
from governance.web.contracts.urls import contract_patterns
from governance.web.effective.urls import effective_patterns
from governance.web.external_parties.urls import external_party_patterns
from governance.web.findings.urls import finding_patterns
from governance.web.guardrails.urls import guardrail_patterns
from governance.web.health import Health, Readiness
from governance.web.help import HelpPage
from governance.web.landing_zone.urls import landing_zone_patterns
from governance.web.list_views import list_view_patterns
from governance.web.logs.urls import log_patterns
from governance.web.metrics import Metrics
from governance.web.notifications.urls import notification_patterns
from governance.web.organization.views import (
    OrganizationChildren,
    OrganizationPage,
    OrganizationPicture,
)
from governance.web.owners.urls import grant_patterns, owner_patterns
from governance.web.palette.views import Palette
from governance.web.people.urls import people_patterns
from governance.web.policies.urls import policy_patterns
from governance.web.posture.demo_tour import TourDismiss
from governance.web.posture.views import PosturePage
from governance.web.principals.urls import principal_patterns
from governance.web.profile.urls import profile_patterns
from governance.web.reports.urls import report_patterns
from governance.web.resources.urls import resource_patterns
from governance.web.roles.urls import role_patterns
from governance.web.rollouts.urls import rollout_patterns
from governance.web.runs.urls import run_patterns
from governance.web.sign_in.urls import sign_in_patterns
from governance.web.simulator.urls import simulator_patterns
from governance.web.snapshots.urls import snapshot_patterns
from governance.web.start import Start
from governance.web.style_page import StylePage
from governance.web.tokens.urls import token_patterns
from governance.web.trust.urls import trust_patterns
from governance.web.usage.urls import principal_usage_patterns, usage_patterns
from governance.web.webhooks.urls import webhook_patterns
from governance.web.who_can.urls import who_can_patterns
from governance.web.why_denied.urls import why_denied_patterns

organization_patterns: list[URLPattern | URLResolver] = [
    path("", Start.as_view(), name="start-of"),
    path("find/", Palette.as_view(), name="palette"),
    path("organization/", OrganizationPage.as_view(), name="organization"),
    path("organization/picture/", OrganizationPicture.as_view(), name="organization-picture"),
    path(
        "organization/<str:target_id>/children/",
        OrganizationChildren.as_view(),
        name="organization-children",
    ),
    path("posture/", PosturePage.as_view(), name="posture"),
    path("posture/tour/dismiss/", TourDismiss.as_view(), name="tour-dismiss"),
    path("accounts/", AccountsPage.as_view(), name="accounts"),
    path("accounts/collect/", AccountsCollectPage.as_view(), name="accounts-collect"),
    path("accounts/<str:account_id>/", AccountOverview.as_view(), name="account"),
    path("accounts/<str:account_id>/iam/", AccountIam.as_view(), name="account-iam"),
    path(
        "accounts/<str:account_id>/resources/",
        AccountResources.as_view(),
        name="account-resources",
    ),
    path(
        "accounts/<str:account_id>/coverage/", AccountCoverageTab.as_view(), name="account-coverage"
    ),
    path("accounts/<str:account_id>/history/", AccountHistory.as_view(), name="account-history"),
    path("organizational-units/<str:target_id>/", UnitPage.as_view(), name="organizational-unit"),
    path(
        "organizational-units/<str:target_id>/history/",
        UnitHistory.as_view(),
        name="organizational-unit-history",
    ),
    *ceiling_patterns,
    *change_patterns,
    *contract_patterns,
    *effective_patterns,
    *external_party_patterns,
    *finding_patterns,
    *guardrail_patterns,
    *landing_zone_patterns,
    *owner_patterns,
    *policy_patterns,
    *principal_usage_patterns,
    *principal_patterns,
    *report_patterns,
    *resource_patterns,
    *rollout_patterns,
    *setting_patterns,
    *run_patterns,
    *simulator_patterns,
    *snapshot_patterns,
    *trust_patterns,
    *log_patterns,
    *usage_patterns,
    *who_can_patterns,
    *why_denied_patterns,
]

urlpatterns: list[URLPattern | URLResolver] = [
    # First, since nearly all that is asked for lies here, and addresses are tried one by one.
    path("o/<slug:slug>/", include(organization_patterns)),
    path("", Start.as_view(), name="start"),
    *sign_in_patterns,
    *profile_patterns,
    *people_patterns,
    path("healthz", Health.as_view(), name="healthz"),
    path("readyz", Readiness.as_view(), name="readyz"),
    path("metrics", Metrics.as_view(), name="metrics"),
    path("find/", Palette.as_view(), name="palette-without-organization"),
    *connection_patterns,
    *grant_patterns,
    *audit_patterns,
    *role_patterns,
    *token_patterns,
    *list_view_patterns,
    *notification_patterns,
    *webhook_patterns,
    path("help/", HelpPage.as_view(), name="help"),
    path("style/", StylePage.as_view(), name="style"),
]
