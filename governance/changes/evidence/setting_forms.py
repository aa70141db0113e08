"""The settings that evidence reads, as people edit them: protected roles and check levels."""

from collections.abc import Mapping
from typing import Final

from governance.approvals.forms import (
    FieldType,
    SettingContent,
    SettingField,
    SettingForm,
    SettingTable,
)
from governance.approvals.models import SettingVersion
from governance.changes.evidence.findings import CheckLevel
from governance.changes.evidence.levels import DEFAULT_LEVELS, FIXED_CODES
from governance.changes.evidence.protected_roles import (
    PURPOSE_LABELS,
    ProtectedRolesInvalid,
    content_of,
    own_roles,
    proposed_roles,
    read_protected_roles,
)
from inventory.models import Connection


def _own_content(connection: Connection) -> SettingContent:
    return {"roles": content_of(own_roles(connection))}


def _found_content(connection: Connection) -> SettingContent:
    return {"roles": content_of(proposed_roles(connection))}


def _wrong_roles(connection: Connection, content: SettingContent) -> Mapping[str, str]:
    try:
        read_protected_roles(content["roles"])
    except ProtectedRolesInvalid as error:
        return {"roles": str(error)}
    return {}


PROTECTED_ROLES: Final = SettingForm(
    kind=SettingVersion.Kind.PROTECTED_ROLES.value,
    title="Protected roles",
    intro=(
        "Roles that no change may lock out. Checks make sure that they can still do what they "
        "must, at the end and after each step."
    ),
    tables=(
        SettingTable(
            name="roles",
            label="Roles",
            row="role",
            columns=(
                SettingField("name", "Name", required=True),
                SettingField(
                    "purpose",
                    "Purpose",
                    FieldType.CHOICE,
                    choices={purpose.value: label for purpose, label in PURPOSE_LABELS.items()},
                    required=True,
                ),
                SettingField(
                    "role_pattern",
                    "Role",
                    help="An ARN; * stands for any account or name: "
                    "arn:aws:iam::*:role/OrgwardenAudit",
                    required=True,
                ),
                SettingField(
                    "actions",
                    "Actions",
                    FieldType.LIST,
                    default=[],
                    help="What it must still do, such as iam:Get*. Empty: what its purpose needs.",
                    shown="Those of its purpose",
                ),
            ),
        ),
    ),
    default=_own_content,
    check=_wrong_roles,
    suggest=_found_content,
)

CHECK_LABELS: Final[Mapping[str, str]] = {
    "may_lock_out_protected_role": "A protected role may be locked out in some requests",
    "transient_denial": "Denied for a while between two steps",
    "transient_setting": "A setting of a management policy differs between two steps",
    "transient_undecided": "A state between two steps could not be decided",
    "undecided": "Effects that could not be decided",
    "accounts_unknown": "Accounts of which nothing is known",
    "inventory_incomplete": "The organization was not read completely",
    "inventory_stale": "The inventory is too old",
    "lint": "Warnings about the text of a policy",
    "allow_chain": "Nothing is allowed at a level",
    "moved_unit": "An OU would have to move",
    "policy_in_use": "A policy is detached to be deleted",
    "ring_target_unknown": "A ring names what the organization does not have",
    "ring_without_steps": "A ring makes no call",
    "plan_notice": "What the planner says of its order",
    "proven_unchanged": "Proven to change nothing",
    "exempt_role_missing": "An exemption names a principal that does not exist",
    "exempt_role_unknown": "An exemption names a principal that was not found",
    "exempt_role_creatable": "An exemption names a principal that anyone could create",
    "statement_without_effect": "A statement changes nothing",
    "allow_without_effect": "An allow beside FullAWSAccess has no effect",
    "region_lock_hits_global_service": "A region lock denies global services",
    "region_lock_hits_inference": "A region lock denies cross-region inference",
    "blocks_federated_sign_in": "Federated sign-in is denied for want of a key",
    "resources_open_outside": "Resources let in callers who may be shut out",
    "resources_not_known": "Resources whose own policies are not known",
    "trust_edges_closed": "Edges of trust are closed",
    "trust_edges_opened": "Edges of trust are opened",
    "conflicting_request": "An open request contradicts this one",
    "usage_denied": "Calls of the last days would have been denied",
    "usage_may_be_denied": "Calls of the last days may have been denied",
    "usage_incomplete": "The logs of the last days are incomplete",
    "usage_not_known": "What becomes of some calls is not known",
}
"""What each check that can be weighed is called."""

_LEVEL_LABELS: Final = {
    CheckLevel.ADVISORY.value: "Advisory",
    CheckLevel.SOFT.value: "Soft: security may override it",
    CheckLevel.HARD.value: "Hard: blocks",
}

CHECK_LEVELS: Final = SettingForm(
    kind=SettingVersion.Kind.CHECK_LEVELS.value,
    title="Check levels",
    intro=(
        "The level of each finding. What AWS refuses, what locks out a protected role and what "
        "opens a deny between two steps always blocks."
    ),
    tables=(),
    values=tuple(
        SettingField(
            code,
            CHECK_LABELS[code],
            FieldType.CHOICE,
            choices=_LEVEL_LABELS,
            default=level.value,
            required=True,
        )
        for code, level in DEFAULT_LEVELS.items()
        if code not in FIXED_CODES
    ),
    default=lambda connection: {
        code: level.value for code, level in DEFAULT_LEVELS.items() if code not in FIXED_CODES
    },
)
