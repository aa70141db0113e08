"""Addresses of the REST API."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from governance.api import (
    account_parts,
    accounts,
    approval_previews,
    audit,
    ceilings,
    connection_test,
    connections,
    documentation,
    effective_policies,
    explain,
    external_parties,
    findings,
    notifications,
    organizational_units,
    organizations,
    paths,
    policies,
    policy_effects,
    policy_version_diffs,
    principals,
    replays,
    resource_policies,
    role_environments,
    runs,
    simulations,
    snapshots,
    starting,
    structure_findings,
    suspected_deletions,
    tokens,
    trust,
    webhooks,
    who_can,
)
from governance.api.access_urls import ACCESS
from governance.api.approval_settings import setting_addresses
from governance.api.change_urls import CHANGE_REQUESTS
from governance.api.contract_urls import CONTRACTS
from governance.api.detection_urls import DETECTIONS
from governance.api.drift_urls import DRIFT
from governance.api.guardrail_urls import GUARDRAILS
from governance.api.landing_zone_urls import LANDING_ZONE
from governance.api.log_source_urls import LOG_SOURCES
from governance.api.owner_urls import OWNERS
from governance.api.report_urls import REPORTS
from governance.api.unknown import UnknownAddress
from governance.api.usage_urls import USAGE
from governance.approvals.models import SettingVersion

app_name = "api"

_ACCOUNT = [
    path("", accounts.AccountDetail.as_view(), name="account"),
    path(
        "/effective-policies",
        effective_policies.AccountEffectivePolicies.as_view(),
        name="account-effective-policies",
    ),
    path("/levels", accounts.AccountLevelsEndpoint.as_view(), name="account-levels"),
    path("/settings", account_parts.AccountSettings.as_view(), name="account-settings"),
    path("/credentials", account_parts.AccountCredentials.as_view(), name="account-credentials"),
    path(
        "/identity-providers",
        account_parts.AccountIdentityProviders.as_view(),
        name="account-identity-providers",
    ),
    path("/refresh", starting.AccountRefresh.as_view(), name="account-refresh"),
    path("/coverage", account_parts.AccountCoverageEndpoint.as_view(), name="account-coverage"),
    path(
        "/principals/<str:kind>/<str:name>",
        principals.PrincipalDetails.as_view(),
        name="principal",
    ),
    path(
        "/principals/<str:kind>/<str:name>/policies",
        principals.PrincipalPolicies.as_view(),
        name="principal-policies",
    ),
]

_ACCOUNT_CEILING = [
    path("/ceiling", ceilings.AccountCeilingEndpoint.as_view(), name="account-ceiling"),
    path(
        "/ceiling/services",
        ceilings.AccountCeilingServices.as_view(),
        name="account-ceiling-services",
    ),
    path(
        "/ceiling/services/<str:service>/actions",
        ceilings.AccountCeilingActions.as_view(),
        name="account-ceiling-actions",
    ),
    path(
        "/ceiling/services/<str:service>/actions/<str:action>",
        ceilings.AccountCeilingAction.as_view(),
        name="account-ceiling-action",
    ),
]

_UNIT_CEILING = [
    path(
        "/ceiling", ceilings.OrganizationalUnitCeiling.as_view(), name="organizational-unit-ceiling"
    ),
    path(
        "/ceiling/services",
        ceilings.OrganizationalUnitCeilingServices.as_view(),
        name="organizational-unit-ceiling-services",
    ),
    path(
        "/ceiling/services/<str:service>/actions",
        ceilings.OrganizationalUnitCeilingActions.as_view(),
        name="organizational-unit-ceiling-actions",
    ),
    path(
        "/ceiling/services/<str:service>/actions/<str:action>",
        ceilings.OrganizationalUnitCeilingAction.as_view(),
        name="organizational-unit-ceiling-action",
    ),
    path(
        "/ceiling/groups",
        ceilings.OrganizationalUnitCeilingGroups.as_view(),
        name="organizational-unit-ceiling-groups",
    ),
]

_POLICY = [
    path("", policies.PolicyDetail.as_view(), name="policy"),
    path("/content", policies.PolicyContentEndpoint.as_view(), name="policy-content"),
    path("/versions", policies.PolicyVersionsEndpoint.as_view(), name="policy-versions"),
    path("/attachments", policies.PolicyAttachmentsEndpoint.as_view(), name="policy-attachments"),
    path("/lint", policy_effects.PolicyLint.as_view(), name="policy-lint"),
    path("/accounts", policy_effects.PolicyAccountsEndpoint.as_view(), name="policy-accounts"),
    path(
        "/statements", policy_effects.PolicyStatementsEndpoint.as_view(), name="policy-statements"
    ),
    path(
        "/versions/<int:before>/diff/<int:after>",
        policy_version_diffs.PolicyVersionDiff.as_view(),
        name="policy-version-diff",
    ),
]

_RUN = [
    path("", runs.InventoryRunDetail.as_view(), name="inventory-run"),
    path("/cancel", starting.InventoryRunCancel.as_view(), name="inventory-run-cancel"),
    path("/retry", starting.InventoryRunRetry.as_view(), name="inventory-run-retry"),
    path("/progress", runs.InventoryRunProgress.as_view(), name="inventory-run-progress"),
    path("/coverage", runs.InventoryRunCoverage.as_view(), name="inventory-run-coverage"),
    path("/accounts", runs.InventoryRunAccounts.as_view(), name="inventory-run-accounts"),
]

_WEBHOOK = [
    path("", webhooks.WebhookDetail.as_view(), name="webhook"),
    path("/rotate", webhooks.WebhookRotate.as_view(), name="webhook-rotate"),
    path("/test", webhooks.WebhookTest.as_view(), name="webhook-test"),
    path("/deliveries", webhooks.WebhookDeliveryList.as_view(), name="webhook-deliveries"),
    path(
        "/deliveries/<uuid:delivery_id>",
        webhooks.WebhookDeliveryDetail.as_view(),
        name="webhook-delivery",
    ),
    path(
        "/deliveries/<uuid:delivery_id>/replay",
        webhooks.WebhookDeliveryReplay.as_view(),
        name="webhook-delivery-replay",
    ),
]

_ORGANIZATION: list[URLPattern | URLResolver] = [
    path("", organizations.OrganizationDetail.as_view(), name="organization"),
    path(
        "/delegated-administrators",
        organizations.DelegatedAdministratorList.as_view(),
        name="delegated-administrators",
    ),
    path("/trusted-services", organizations.TrustedServiceList.as_view(), name="trusted-services"),
    path(
        "/resource-policy",
        organizations.ResourcePolicyEndpoint.as_view(),
        name="organization-resource-policy",
    ),
    path("/coverage", organizations.CoverageList.as_view(), name="coverage"),
    path(
        "/organizational-units",
        organizational_units.OrganizationalUnitList.as_view(),
        name="organizational-units",
    ),
    path(
        "/organizational-units/<str:target_id>",
        organizational_units.OrganizationalUnitDetail.as_view(),
        name="organizational-unit",
    ),
    path(
        "/organizational-units/<str:target_id>/levels",
        organizational_units.OrganizationalUnitLevels.as_view(),
        name="organizational-unit-levels",
    ),
    path(
        "/organizational-units/<str:target_id>/effective-policies",
        effective_policies.UnitEffectivePolicies.as_view(),
        name="organizational-unit-effective-policies",
    ),
    path(
        "/effective-policies",
        effective_policies.EffectivePolicies.as_view(),
        name="effective-policies",
    ),
    path("/organizational-units/<str:target_id>", include(_UNIT_CEILING)),
    path("/accounts", accounts.AccountList.as_view(), name="accounts"),
    path("/accounts/<str:account_id>", include(_ACCOUNT)),
    path("/accounts/<str:account_id>", include(_ACCOUNT_CEILING)),
    *OWNERS,
    path("/policies", policies.PolicyList.as_view(), name="policies"),
    path("/policies/<str:policy_id>", include(_POLICY)),
    path("/principals", principals.PrincipalList.as_view(), name="principals"),
    path(
        "/resource-policies",
        resource_policies.ResourcePolicyList.as_view(),
        name="resource-policies",
    ),
    path(
        "/resource-policies/<path:resource_arn>",
        resource_policies.ResourcePolicyDetails.as_view(),
        name="resource-policy",
    ),
    path("/resources", resource_policies.ResourceList.as_view(), name="resources"),
    path("/trust-edges", trust.TrustEdgeList.as_view(), name="trust-edges"),
    path("/trust-edges/<str:edge_key>", trust.TrustEdgeDetails.as_view(), name="trust-edge"),
    path("/trust-findings", trust.TrustFindingList.as_view(), name="trust-findings"),
    path("/inventory-runs", starting.InventoryRuns.as_view(), name="inventory-runs"),
    path("/inventory-runs/<int:run_id>", include(_RUN)),
    path(
        "/suspected-deletions",
        suspected_deletions.SuspectedDeletionList.as_view(),
        name="suspected-deletions",
    ),
    path(
        "/suspected-deletions/<int:suspected_id>/confirm",
        suspected_deletions.SuspectedDeletionConfirm.as_view(),
        name="suspected-deletion-confirm",
    ),
    path("/findings", findings.FindingList.as_view(), name="findings"),
    path("/findings/acts", findings.FindingActs.as_view(), name="finding-acts"),
    path("/findings/<int:item_id>", findings.FindingDetail.as_view(), name="finding-item"),
    path(
        "/structure-findings",
        structure_findings.StructureFindingList.as_view(),
        name="structure-findings",
    ),
    path(
        "/structure-findings/<path:finding_key>",
        structure_findings.StructureFindingDetail.as_view(),
        name="structure-finding",
    ),
    path("/paths", paths.PathsEndpoint.as_view(), name="paths"),
    path("/paths/open-graph", paths.OpenGraphFile.as_view(), name="paths-open-graph"),
    path("/paths/<uuid:job_id>", paths.PathsDetail.as_view(), name="paths-job"),
    path(
        "/role-environments",
        role_environments.RoleEnvironmentsList.as_view(),
        name="role-environments",
    ),
    path(
        "/role-environments/<str:name>",
        role_environments.RoleEnvironmentsDetail.as_view(),
        name="role-environment",
    ),
    path("/explain", explain.Explain.as_view(), name="explain"),
    path("/who-can", who_can.WhoCanEndpoint.as_view(), name="who-can"),
    path("/who-can/<uuid:job_id>", who_can.WhoCanDetail.as_view(), name="who-can-job"),
    *CHANGE_REQUESTS,
    *CONTRACTS,
    *DRIFT,
    *USAGE,
    *DETECTIONS,
    *GUARDRAILS,
    *LANDING_ZONE,
    *LOG_SOURCES,
    *REPORTS,
    path(
        "/external-parties",
        external_parties.ExternalPartyList.as_view(),
        name="external-parties",
    ),
    path(
        "/external-parties/<str:party_name>",
        external_parties.ExternalPartyDetail.as_view(),
        name="external-party",
    ),
    path("/simulations", simulations.Simulations.as_view(), name="simulations"),
    path("/snapshots", snapshots.SnapshotList.as_view(), name="snapshots"),
    path(
        "/snapshots/<str:earlier>/diff/<str:later>", snapshots.SnapshotDiff.as_view(), name="diff"
    ),
    path(
        "/snapshots/<str:earlier>/diff/<str:later>/effect",
        snapshots.SnapshotEffect.as_view(),
        name="diff-effect",
    ),
    path(
        "/snapshots/effects/<uuid:effect_id>",
        snapshots.SnapshotEffectDetail.as_view(),
        name="snapshot-effect",
    ),
    *setting_addresses("approval-rules", SettingVersion.Kind.APPROVAL_RULES),
    *setting_addresses("protected-roles", SettingVersion.Kind.PROTECTED_ROLES),
    *setting_addresses("check-levels", SettingVersion.Kind.CHECK_LEVELS),
    *setting_addresses("change-windows", SettingVersion.Kind.CHANGE_WINDOWS),
    *setting_addresses("trust-limits", SettingVersion.Kind.TRUST_LIMITS),
    *setting_addresses("finding-limits", SettingVersion.Kind.FINDING_LIMITS),
    *setting_addresses("guardrail-parameters", SettingVersion.Kind.GUARDRAIL_PARAMETERS),
    path(
        "/approvals/preview", approval_previews.ApprovalPreview.as_view(), name="approval-preview"
    ),
    path("/simulations/<uuid:job_id>", simulations.SimulationDetail.as_view(), name="simulation"),
    path("/replays", replays.Replays.as_view(), name="replays"),
    path("/replays/<uuid:replay_id>", replays.ReplayDetail.as_view(), name="replay"),
]

urlpatterns = [
    path("v1/organizations", organizations.OrganizationList.as_view(), name="organizations"),
    path("v1/organizations/<slug:slug>", include(_ORGANIZATION)),
    path("v1/connections", connections.ConnectionList.as_view(), name="connections"),
    path("v1/connections/<slug:slug>", connections.ConnectionDetail.as_view(), name="connection"),
    path(
        "v1/connections/<slug:slug>/test",
        connection_test.ConnectionTest.as_view(),
        name="connection-test",
    ),
    path("v1/audit-events", audit.AuditEventList.as_view(), name="audit-events"),
    path("v1/audit-events/<int:entry_id>", audit.AuditEventDetail.as_view(), name="audit-event"),
    path(
        "v1/audit-events/<int:entry_id>/proof",
        audit.AuditEventProof.as_view(),
        name="audit-event-proof",
    ),
    path("v1/audit-checkpoints", audit.AuditCheckpointList.as_view(), name="audit-checkpoints"),
    path(
        "v1/audit-checkpoints/<int:checkpoint_number>",
        audit.AuditCheckpointDetail.as_view(),
        name="audit-checkpoint",
    ),
    path(
        "v1/audit-checkpoints/<int:checkpoint_number>/consistency",
        audit.AuditCheckpointConsistency.as_view(),
        name="audit-checkpoint-consistency",
    ),
    *ACCESS,
    path("v1/webhooks", webhooks.WebhookList.as_view(), name="webhooks"),
    path("v1/webhooks/<int:webhook_id>", include(_WEBHOOK)),
    path("v1/notifications", notifications.NotificationList.as_view(), name="notifications"),
    path(
        "v1/notifications/read",
        notifications.NotificationsRead.as_view(),
        name="notifications-read",
    ),
    path(
        "v1/notifications/<int:notification_id>",
        notifications.NotificationDetail.as_view(),
        name="notification",
    ),
    path(
        "v1/notifications/<int:notification_id>/read",
        notifications.NotificationRead.as_view(),
        name="notification-read",
    ),
    path("v1/tokens/self", tokens.TokenSelf.as_view(), name="token-self"),
    path("v1/schema/", documentation.Schema.as_view(), name="schema"),
    path("v1/docs/", documentation.Documentation.as_view(), name="documentation"),
    re_path("^", UnknownAddress.as_view(), name="unknown"),
]
