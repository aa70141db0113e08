"""The tables that hold things in versions, by what they tell of an organization."""

from typing import Final

from inventory.models import (
    Account,
    AccountSetting,
    DelegatedAdministrator,
    IamPolicy,
    IdentityProvider,
    Organization,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    Policy,
    PolicyAttachment,
    Principal,
    Root,
    TrustedService,
    UserCredential,
)
from inventory.models.versions import Version

# The tree and what is attached in it: all that SCPs and RCPs mean follows from these.
HIERARCHY_TABLES: Final[tuple[type[Version], ...]] = (
    Organization,
    Root,
    OrganizationalUnit,
    Account,
    Policy,
    PolicyAttachment,
)
# All that the organization itself tells.
ORGANIZATION_TABLES: Final[tuple[type[Version], ...]] = (
    *HIERARCHY_TABLES,
    DelegatedAdministrator,
    TrustedService,
    OrganizationResourcePolicy,
)
# With what its accounts tell.
VERSIONED_TABLES: Final[tuple[type[Version], ...]] = (
    *ORGANIZATION_TABLES,
    Principal,
    IamPolicy,
    UserCredential,
    IdentityProvider,
    AccountSetting,
)
