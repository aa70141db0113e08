"""The kinds of differences between two states of an organization, in AWS's words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DifferenceGroup(StrEnum):
    """What differences are of."""

    ACCOUNTS = "accounts"
    ORGANIZATIONAL_UNITS = "organizational_units"
    POLICIES = "policies"
    ATTACHMENTS = "attachments"
    RESOURCES = "resources"
    ORGANIZATION = "organization"


class DifferenceKind(StrEnum):
    """What differs. In the order in which differences are told."""

    ACCOUNT_ADDED = "account_added"
    ACCOUNT_REMOVED = "account_removed"
    ACCOUNT_MOVED = "account_moved"
    ACCOUNT_RENAMED = "account_renamed"
    ACCOUNT_STATE_CHANGED = "account_state_changed"
    ACCOUNT_EMAIL_CHANGED = "account_email_changed"
    ACCOUNT_TAGS_CHANGED = "account_tags_changed"
    ORGANIZATIONAL_UNIT_ADDED = "organizational_unit_added"
    ORGANIZATIONAL_UNIT_DELETED = "organizational_unit_deleted"
    ORGANIZATIONAL_UNIT_MOVED = "organizational_unit_moved"
    ORGANIZATIONAL_UNIT_RENAMED = "organizational_unit_renamed"
    ORGANIZATIONAL_UNIT_TAGS_CHANGED = "organizational_unit_tags_changed"
    POLICY_CREATED = "policy_created"
    POLICY_DELETED = "policy_deleted"
    POLICY_CHANGED = "policy_changed"
    POLICY_RENAMED = "policy_renamed"
    POLICY_DESCRIPTION_CHANGED = "policy_description_changed"
    POLICY_TAGS_CHANGED = "policy_tags_changed"
    POLICY_ATTACHED = "policy_attached"
    POLICY_DETACHED = "policy_detached"
    RESOURCE_ADDED = "resource_added"
    RESOURCE_REMOVED = "resource_removed"
    RESOURCE_OWN_POLICY_CHANGED = "resource_own_policy_changed"
    RESOURCE_ACCESS_CHANGED = "resource_access_changed"
    POLICY_TYPE_ENABLED = "policy_type_enabled"
    POLICY_TYPE_DISABLED = "policy_type_disabled"
    POLICY_TYPE_CHANGED = "policy_type_changed"
    DELEGATED_ADMINISTRATOR_REGISTERED = "delegated_administrator_registered"
    DELEGATED_ADMINISTRATOR_DEREGISTERED = "delegated_administrator_deregistered"
    TRUSTED_SERVICE_ENABLED = "trusted_service_enabled"
    TRUSTED_SERVICE_DISABLED = "trusted_service_disabled"
    RESOURCE_POLICY_CREATED = "resource_policy_created"
    RESOURCE_POLICY_DELETED = "resource_policy_deleted"
    RESOURCE_POLICY_CHANGED = "resource_policy_changed"
    ROOT_RENAMED = "root_renamed"
    ROOT_TAGS_CHANGED = "root_tags_changed"
    ORGANIZATION_CHANGED = "organization_changed"


@dataclass(frozen=True, slots=True)
class KindWords:
    """How a kind is called. `label`: alone. `verb`: beside the thing's name."""

    group: DifferenceGroup
    label: str
    verb: str


GROUP_LABELS: Final = {
    DifferenceGroup.ACCOUNTS: "Accounts",
    DifferenceGroup.ORGANIZATIONAL_UNITS: "OUs",
    DifferenceGroup.POLICIES: "Policies",
    DifferenceGroup.ATTACHMENTS: "Attachments",
    DifferenceGroup.RESOURCES: "Resources",
    DifferenceGroup.ORGANIZATION: "Organization",
}

KIND_WORDS: Final[dict[DifferenceKind, KindWords]] = {
    DifferenceKind.ACCOUNT_ADDED: KindWords(DifferenceGroup.ACCOUNTS, "Account added", "Added"),
    DifferenceKind.ACCOUNT_REMOVED: KindWords(
        DifferenceGroup.ACCOUNTS, "Account removed", "Removed"
    ),
    DifferenceKind.ACCOUNT_MOVED: KindWords(DifferenceGroup.ACCOUNTS, "Account moved", "Moved"),
    DifferenceKind.ACCOUNT_RENAMED: KindWords(
        DifferenceGroup.ACCOUNTS, "Account renamed", "Renamed"
    ),
    DifferenceKind.ACCOUNT_STATE_CHANGED: KindWords(
        DifferenceGroup.ACCOUNTS, "Account's state changed", "State changed"
    ),
    DifferenceKind.ACCOUNT_EMAIL_CHANGED: KindWords(
        DifferenceGroup.ACCOUNTS, "Account's email changed", "Email changed"
    ),
    DifferenceKind.ACCOUNT_TAGS_CHANGED: KindWords(
        DifferenceGroup.ACCOUNTS, "Account's tags changed", "Tags changed"
    ),
    DifferenceKind.ORGANIZATIONAL_UNIT_ADDED: KindWords(
        DifferenceGroup.ORGANIZATIONAL_UNITS, "OU added", "Added"
    ),
    DifferenceKind.ORGANIZATIONAL_UNIT_DELETED: KindWords(
        DifferenceGroup.ORGANIZATIONAL_UNITS, "OU deleted", "Deleted"
    ),
    DifferenceKind.ORGANIZATIONAL_UNIT_MOVED: KindWords(
        DifferenceGroup.ORGANIZATIONAL_UNITS, "OU moved", "Moved"
    ),
    DifferenceKind.ORGANIZATIONAL_UNIT_RENAMED: KindWords(
        DifferenceGroup.ORGANIZATIONAL_UNITS, "OU renamed", "Renamed"
    ),
    DifferenceKind.ORGANIZATIONAL_UNIT_TAGS_CHANGED: KindWords(
        DifferenceGroup.ORGANIZATIONAL_UNITS, "OU's tags changed", "Tags changed"
    ),
    DifferenceKind.POLICY_CREATED: KindWords(DifferenceGroup.POLICIES, "Policy created", "Created"),
    DifferenceKind.POLICY_DELETED: KindWords(DifferenceGroup.POLICIES, "Policy deleted", "Deleted"),
    DifferenceKind.POLICY_CHANGED: KindWords(
        DifferenceGroup.POLICIES, "Policy's text changed", "Text changed"
    ),
    DifferenceKind.POLICY_RENAMED: KindWords(DifferenceGroup.POLICIES, "Policy renamed", "Renamed"),
    DifferenceKind.POLICY_DESCRIPTION_CHANGED: KindWords(
        DifferenceGroup.POLICIES, "Policy's description changed", "Description changed"
    ),
    DifferenceKind.POLICY_TAGS_CHANGED: KindWords(
        DifferenceGroup.POLICIES, "Policy's tags changed", "Tags changed"
    ),
    DifferenceKind.POLICY_ATTACHED: KindWords(
        DifferenceGroup.ATTACHMENTS, "Policy attached", "Attached"
    ),
    DifferenceKind.POLICY_DETACHED: KindWords(
        DifferenceGroup.ATTACHMENTS, "Policy detached", "Detached"
    ),
    DifferenceKind.RESOURCE_ADDED: KindWords(DifferenceGroup.RESOURCES, "Resource added", "Added"),
    DifferenceKind.RESOURCE_REMOVED: KindWords(
        DifferenceGroup.RESOURCES, "Resource removed", "Removed"
    ),
    DifferenceKind.RESOURCE_OWN_POLICY_CHANGED: KindWords(
        DifferenceGroup.RESOURCES, "Resource's own policy changed", "Text changed"
    ),
    DifferenceKind.RESOURCE_ACCESS_CHANGED: KindWords(
        DifferenceGroup.RESOURCES, "Resource's access settings changed", "Changed"
    ),
    DifferenceKind.POLICY_TYPE_ENABLED: KindWords(
        DifferenceGroup.ORGANIZATION, "Policy type enabled", "Enabled"
    ),
    DifferenceKind.POLICY_TYPE_DISABLED: KindWords(
        DifferenceGroup.ORGANIZATION, "Policy type disabled", "Disabled"
    ),
    DifferenceKind.POLICY_TYPE_CHANGED: KindWords(
        DifferenceGroup.ORGANIZATION, "Policy type's status changed", "Status changed"
    ),
    DifferenceKind.DELEGATED_ADMINISTRATOR_REGISTERED: KindWords(
        DifferenceGroup.ORGANIZATION, "Delegated administrator registered", "Registered"
    ),
    DifferenceKind.DELEGATED_ADMINISTRATOR_DEREGISTERED: KindWords(
        DifferenceGroup.ORGANIZATION, "Delegated administrator deregistered", "Deregistered"
    ),
    DifferenceKind.TRUSTED_SERVICE_ENABLED: KindWords(
        DifferenceGroup.ORGANIZATION, "Trusted service enabled", "Enabled"
    ),
    DifferenceKind.TRUSTED_SERVICE_DISABLED: KindWords(
        DifferenceGroup.ORGANIZATION, "Trusted service disabled", "Disabled"
    ),
    DifferenceKind.RESOURCE_POLICY_CREATED: KindWords(
        DifferenceGroup.ORGANIZATION, "Resource policy created", "Created"
    ),
    DifferenceKind.RESOURCE_POLICY_DELETED: KindWords(
        DifferenceGroup.ORGANIZATION, "Resource policy deleted", "Deleted"
    ),
    DifferenceKind.RESOURCE_POLICY_CHANGED: KindWords(
        DifferenceGroup.ORGANIZATION, "Resource policy's text changed", "Text changed"
    ),
    DifferenceKind.ROOT_RENAMED: KindWords(DifferenceGroup.ORGANIZATION, "Root renamed", "Renamed"),
    DifferenceKind.ROOT_TAGS_CHANGED: KindWords(
        DifferenceGroup.ORGANIZATION, "Root's tags changed", "Tags changed"
    ),
    DifferenceKind.ORGANIZATION_CHANGED: KindWords(
        DifferenceGroup.ORGANIZATION, "Organization changed", "Changed"
    ),
}
RANKS: Final = {kind: place for place, kind in enumerate(DifferenceKind)}


class Subject(StrEnum):
    """What a difference is of."""

    ACCOUNT = "ACCOUNT"
    ORGANIZATIONAL_UNIT = "ORGANIZATIONAL_UNIT"
    ROOT = "ROOT"
    POLICY = "POLICY"
    POLICY_TYPE = "POLICY_TYPE"
    DELEGATED_ADMINISTRATOR = "DELEGATED_ADMINISTRATOR"
    TRUSTED_SERVICE = "TRUSTED_SERVICE"
    RESOURCE_POLICY = "RESOURCE_POLICY"
    RESOURCE = "RESOURCE"
    ORGANIZATION = "ORGANIZATION"
