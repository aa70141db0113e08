"""The kinds of differences between two states of an organization, in AWS's words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """What differences are of."""

    ACCOUNTS = "accounts"
    ORGANIZATIONAL_UNITS = "organizational_units"
    POLICIES = "policies"
    ATTACHMENTS = "attachments"
    ORGANIZATION = "organization"


class Kind(StrEnum):
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

    group: Group
    label: str
    verb: str


GROUP_LABELS: Final = {
    Group.ACCOUNTS: "Accounts",
    Group.ORGANIZATIONAL_UNITS: "OUs",
    Group.POLICIES: "Policies",
    Group.ATTACHMENTS: "Attachments",
    Group.ORGANIZATION: "Organization",
}

KIND_WORDS: Final[dict[Kind, KindWords]] = {
    Kind.ACCOUNT_ADDED: KindWords(Group.ACCOUNTS, "Account added", "Added"),
    Kind.ACCOUNT_REMOVED: KindWords(Group.ACCOUNTS, "Account removed", "Removed"),
    Kind.ACCOUNT_MOVED: KindWords(Group.ACCOUNTS, "Account moved", "Moved"),
    Kind.ACCOUNT_RENAMED: KindWords(Group.ACCOUNTS, "Account renamed", "Renamed"),
    Kind.ACCOUNT_STATE_CHANGED: KindWords(
        Group.ACCOUNTS, "Account's state changed", "State changed"
    ),
    Kind.ACCOUNT_EMAIL_CHANGED: KindWords(
        Group.ACCOUNTS, "Account's email changed", "Email changed"
    ),
    Kind.ACCOUNT_TAGS_CHANGED: KindWords(Group.ACCOUNTS, "Account's tags changed", "Tags changed"),
    Kind.ORGANIZATIONAL_UNIT_ADDED: KindWords(Group.ORGANIZATIONAL_UNITS, "OU added", "Added"),
    Kind.ORGANIZATIONAL_UNIT_DELETED: KindWords(
        Group.ORGANIZATIONAL_UNITS, "OU deleted", "Deleted"
    ),
    Kind.ORGANIZATIONAL_UNIT_MOVED: KindWords(Group.ORGANIZATIONAL_UNITS, "OU moved", "Moved"),
    Kind.ORGANIZATIONAL_UNIT_RENAMED: KindWords(
        Group.ORGANIZATIONAL_UNITS, "OU renamed", "Renamed"
    ),
    Kind.ORGANIZATIONAL_UNIT_TAGS_CHANGED: KindWords(
        Group.ORGANIZATIONAL_UNITS, "OU's tags changed", "Tags changed"
    ),
    Kind.POLICY_CREATED: KindWords(Group.POLICIES, "Policy created", "Created"),
    Kind.POLICY_DELETED: KindWords(Group.POLICIES, "Policy deleted", "Deleted"),
    Kind.POLICY_CHANGED: KindWords(Group.POLICIES, "Policy's text changed", "Text changed"),
    Kind.POLICY_RENAMED: KindWords(Group.POLICIES, "Policy renamed", "Renamed"),
    Kind.POLICY_DESCRIPTION_CHANGED: KindWords(
        Group.POLICIES, "Policy's description changed", "Description changed"
    ),
    Kind.POLICY_TAGS_CHANGED: KindWords(Group.POLICIES, "Policy's tags changed", "Tags changed"),
    Kind.POLICY_ATTACHED: KindWords(Group.ATTACHMENTS, "Policy attached", "Attached"),
    Kind.POLICY_DETACHED: KindWords(Group.ATTACHMENTS, "Policy detached", "Detached"),
    Kind.POLICY_TYPE_ENABLED: KindWords(Group.ORGANIZATION, "Policy type enabled", "Enabled"),
    Kind.POLICY_TYPE_DISABLED: KindWords(Group.ORGANIZATION, "Policy type disabled", "Disabled"),
    Kind.POLICY_TYPE_CHANGED: KindWords(
        Group.ORGANIZATION, "Policy type's status changed", "Status changed"
    ),
    Kind.DELEGATED_ADMINISTRATOR_REGISTERED: KindWords(
        Group.ORGANIZATION, "Delegated administrator registered", "Registered"
    ),
    Kind.DELEGATED_ADMINISTRATOR_DEREGISTERED: KindWords(
        Group.ORGANIZATION, "Delegated administrator deregistered", "Deregistered"
    ),
    Kind.TRUSTED_SERVICE_ENABLED: KindWords(
        Group.ORGANIZATION, "Trusted service enabled", "Enabled"
    ),
    Kind.TRUSTED_SERVICE_DISABLED: KindWords(
        Group.ORGANIZATION, "Trusted service disabled", "Disabled"
    ),
    Kind.RESOURCE_POLICY_CREATED: KindWords(
        Group.ORGANIZATION, "Resource policy created", "Created"
    ),
    Kind.RESOURCE_POLICY_DELETED: KindWords(
        Group.ORGANIZATION, "Resource policy deleted", "Deleted"
    ),
    Kind.RESOURCE_POLICY_CHANGED: KindWords(
        Group.ORGANIZATION, "Resource policy's text changed", "Text changed"
    ),
    Kind.ROOT_RENAMED: KindWords(Group.ORGANIZATION, "Root renamed", "Renamed"),
    Kind.ROOT_TAGS_CHANGED: KindWords(Group.ORGANIZATION, "Root's tags changed", "Tags changed"),
    Kind.ORGANIZATION_CHANGED: KindWords(Group.ORGANIZATION, "Organization changed", "Changed"),
}
RANKS: Final = {kind: place for place, kind in enumerate(Kind)}


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
    ORGANIZATION = "ORGANIZATION"
