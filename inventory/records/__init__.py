"""What collectors yield and the store keeps: frozen, without database or AWS.

Fields are named as the columns they become, and each type declares once by `record` what the store
and everything behind it have to know of it. Policy texts are AWS's own, to the letter. `tags` of
None: tags are not read here, see `TagsRecord`; what was known of them stays.
"""

from inventory.record_types import Record, Tags
from inventory.records.organization import (
    AccountRecord,
    DelegatedAdministratorRecord,
    EffectivePolicyAskingRecord,
    EffectivePolicyRecord,
    IdentityCenterPrincipalRecord,
    OrganizationalUnitRecord,
    OrganizationRecord,
    OrganizationResourcePolicyRecord,
    OrganizationSettingRecord,
    PermissionSetAssignmentRecord,
    PermissionSetRecord,
    PolicyAttachmentRecord,
    PolicyRecord,
    ResponsibilityTransferRecord,
    RootRecord,
    TagsRecord,
    TrustedServiceRecord,
)
from inventory.records.within_accounts import (
    AccountSettingRecord,
    CredentialReportRecord,
    IamPolicyRecord,
    IdentityProviderRecord,
    PrincipalActivityRecord,
    PrincipalRecord,
    RegionRecord,
    ResourcePolicyRecord,
    ServiceConfigurationRecord,
    UserCredentialRecord,
)

__all__ = [
    "AccountRecord",
    "AccountSettingRecord",
    "CredentialReportRecord",
    "DelegatedAdministratorRecord",
    "EffectivePolicyAskingRecord",
    "EffectivePolicyRecord",
    "IamPolicyRecord",
    "IdentityCenterPrincipalRecord",
    "IdentityProviderRecord",
    "OrganizationRecord",
    "OrganizationResourcePolicyRecord",
    "OrganizationSettingRecord",
    "OrganizationalUnitRecord",
    "PermissionSetAssignmentRecord",
    "PermissionSetRecord",
    "PolicyAttachmentRecord",
    "PolicyRecord",
    "PrincipalActivityRecord",
    "PrincipalRecord",
    "Record",
    "RegionRecord",
    "ResourcePolicyRecord",
    "ResponsibilityTransferRecord",
    "RootRecord",
    "ServiceConfigurationRecord",
    "Tags",
    "TagsRecord",
    "TrustedServiceRecord",
    "UserCredentialRecord",
]
