"""The tables of the inventory, one module a topic."""

from inventory.models.accounts import AccountSetting, IdentityProvider
from inventory.models.connections import Connection
from inventory.models.coverage import (
    AccountCoverage,
    CollectedSpan,
    Coverage,
    GroupCoverage,
    GroupCoverageSpan,
)
from inventory.models.effective_policies import EffectivePolicy, EffectivePolicyAsking
from inventory.models.identity_center import (
    IdentityCenterPrincipal,
    PermissionSet,
    PermissionSetAssignment,
)
from inventory.models.log_queries import LogQuery
from inventory.models.logs import (
    KeptEventName,
    LogDay,
    LoggedEvent,
    LogObject,
    LogSource,
    ReadEvents,
)
from inventory.models.organization import (
    Account,
    DelegatedAdministrator,
    Organization,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    OrganizationSetting,
    ResponsibilityTransfer,
    Root,
    TrustedService,
)
from inventory.models.policies import Policy, PolicyAttachment, PolicyContent
from inventory.models.principals import (
    CredentialReport,
    IamPolicy,
    Principal,
    PrincipalActivity,
    PrincipalName,
    UserCredential,
)
from inventory.models.resources import ResourcePolicy
from inventory.models.runs import CollectionTask, InventoryRun
from inventory.models.service_configurations import ServiceConfiguration
from inventory.models.suspected import SuspectedDeletion
from inventory.models.usage import (
    DailyDenial,
    DailyUsage,
    DeniedCalls,
    HourlyCalls,
    UnmappedCall,
    UsageContext,
    UsedAccess,
)

__all__ = [
    "Account",
    "AccountCoverage",
    "AccountSetting",
    "CollectedSpan",
    "CollectionTask",
    "Connection",
    "Coverage",
    "CredentialReport",
    "DailyDenial",
    "DailyUsage",
    "DelegatedAdministrator",
    "DeniedCalls",
    "EffectivePolicy",
    "EffectivePolicyAsking",
    "GroupCoverage",
    "GroupCoverageSpan",
    "HourlyCalls",
    "IamPolicy",
    "IdentityCenterPrincipal",
    "IdentityProvider",
    "InventoryRun",
    "KeptEventName",
    "LogDay",
    "LogObject",
    "LogQuery",
    "LogSource",
    "LoggedEvent",
    "Organization",
    "OrganizationResourcePolicy",
    "OrganizationSetting",
    "OrganizationalUnit",
    "PermissionSet",
    "PermissionSetAssignment",
    "Policy",
    "PolicyAttachment",
    "PolicyContent",
    "Principal",
    "PrincipalActivity",
    "PrincipalName",
    "ReadEvents",
    "ResourcePolicy",
    "ResponsibilityTransfer",
    "Root",
    "ServiceConfiguration",
    "SuspectedDeletion",
    "TrustedService",
    "UnmappedCall",
    "UsageContext",
    "UsedAccess",
    "UserCredential",
]
