"""What changed between two runs, in words with links to the things."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse

from inventory.models import (
    Account,
    AccountSetting,
    DelegatedAdministrator,
    IamPolicy,
    IdentityCenterPrincipal,
    IdentityProvider,
    Organization,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    OrganizationSetting,
    PermissionSet,
    PermissionSetAssignment,
    Policy,
    PolicyAttachment,
    Principal,
    ResourcePolicy,
    ResponsibilityTransfer,
    Root,
    ServiceConfiguration,
    TrustedService,
    UserCredential,
)
from inventory.models.versions import Version
from inventory.selectors.history import VersionChange


@dataclass(frozen=True, slots=True)
class Noun:
    """How things of one table are called, and where one of them is shown."""

    singular: str
    plural: str
    icon: str
    url_name: str = ""
    argument: str = ""


NOUNS: Final[dict[type[Version], Noun]] = {
    Organization: Noun("organization", "organization", "building", "organization"),
    Root: Noun("root", "roots", "building", "organization"),
    OrganizationalUnit: Noun("OU", "OUs", "folder", "organizational-unit", "target_id"),
    Account: Noun("account", "accounts", "box", "account", "account_id"),
    Policy: Noun("policy", "policies", "file-certificate", "policy", "policy_id"),
    PolicyAttachment: Noun("attachment", "attachments", "link", "policy", "policy_id"),
    DelegatedAdministrator: Noun(
        "delegated administrator", "delegated administrators", "user-shield"
    ),
    TrustedService: Noun("trusted service", "trusted services", "shield-check"),
    OrganizationResourcePolicy: Noun("resource policy", "resource policies", "file-certificate"),
    OrganizationSetting: Noun("organization setting", "organization settings", "settings"),
    ResponsibilityTransfer: Noun("billing transfer", "billing transfers", "building"),
    PermissionSet: Noun("permission set", "permission sets", "file-certificate"),
    PermissionSetAssignment: Noun(
        "assignment of a permission set",
        "assignments of permission sets",
        "link",
        "account",
        "account_id",
    ),
    IdentityCenterPrincipal: Noun(
        "Identity Center principal", "Identity Center principals", "users"
    ),
    Principal: Noun("principal", "principals", "users", "principal", "arn"),
    ResourcePolicy: Noun("resource", "resources", "file-certificate", "account", "account_id"),
    IamPolicy: Noun("IAM policy", "IAM policies", "file-certificate", "account", "account_id"),
    UserCredential: Noun("credential", "credentials", "key", "account", "account_id"),
    IdentityProvider: Noun(
        "identity provider", "identity providers", "id-badge-2", "account", "account_id"
    ),
    ServiceConfiguration: Noun(
        "service configuration", "service configurations", "settings", "account", "account_id"
    ),
    AccountSetting: Noun(
        "account setting", "account settings", "settings", "account", "account_id"
    ),
}


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change as a line of a list. `kind`: added, removed or changed."""

    kind: str
    icon: str
    noun: str
    label: str
    href: str
    fields: str


def shown_changes(
    changes: Iterable[VersionChange], *, slug: str, names: Mapping[str, str] | None = None
) -> list[ShownChange]:
    """Describe changes in their order. `names`: of the things that their keys name, by id."""
    return [_shown(change, slug, names or {}) for change in changes]


def _shown(change: VersionChange, slug: str, names: Mapping[str, str]) -> ShownChange:
    noun = NOUNS[change.model]
    shown = change.after or change.before
    name = str(getattr(shown, "name", "") or "")
    label = name
    if not name or change.model is AccountSetting:
        label = " at ".join(names.get(part, part) for part in change.key)
    return ShownChange(
        kind=change.kind,
        icon=noun.icon,
        noun=noun.singular,
        label=label,
        href=_address(noun, shown, slug),
        fields=", ".join(
            field.removesuffix("_id").replace("_", " ") for field in change.changed_fields
        ),
    )


def _address(noun: Noun, shown: Version | None, slug: str) -> str:
    if not noun.url_name:
        return ""
    arguments = {"slug": slug}
    if noun.argument:
        arguments[noun.argument] = str(getattr(shown, noun.argument))
    try:
        return reverse(noun.url_name, kwargs=arguments)
    except NoReverseMatch:
        return ""
