"""The roles that no change may lock out: who they are, and what they must still be able to do.

Content of the setting "protected roles": `{"roles": [{"name", "purpose", "role_pattern",
"actions"}, …]}`. `role_pattern`: the ARN of a role whose account and name may hold `*`, such as
`arn:aws:iam::*:role/OrgwardenAudit`. `actions`: patterns such as `iam:Get*`; empty: those that a
role of its purpose needs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from governance.approvals.models import SettingVersion
from governance.approvals.settings import active_setting
from governance.changes.evidence.collected import EVERYTHING
from inventory.models import Connection, PrincipalName
from inventory.selectors.principals import principals
from policies import load_catalogue
from policies.lint.settings import RolePurpose, role_actions

MOST_ROLES: Final = 50
_MOST_ACTIONS: Final = 200
_PATTERN: Final = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov|\*):iam::(\d{12}|\*):role/[\w+=,.@/*?-]{1,576}"
)
_ACTION: Final = re.compile(r"[a-z0-9*-]+:[A-Za-z0-9*?]+")


class ProtectedPurpose(StrEnum):
    """What a protected role is for."""

    AUDIT = "audit"
    ORGANIZATION_READER = "organization_reader"
    APPLY = "apply"
    DEPLOYMENT = "deployment"
    BREAK_GLASS = "break_glass"


PURPOSE_LABELS: Final = {
    ProtectedPurpose.AUDIT: "Audit",
    ProtectedPurpose.ORGANIZATION_READER: "Organization reader",
    ProtectedPurpose.APPLY: "Apply",
    ProtectedPurpose.DEPLOYMENT: "Deployment",
    ProtectedPurpose.BREAK_GLASS: "Break-glass",
}


@dataclass(frozen=True, slots=True)
class ProtectedRolePattern:
    """Roles that must keep working, as the setting names them."""

    name: str
    purpose: ProtectedPurpose
    role_pattern: str
    actions: tuple[str, ...] = ()

    @property
    def needed_actions(self) -> tuple[str, ...]:
        """The action patterns that the roles cannot do without."""
        return self.actions or needed_by(self.purpose)

    def as_json(self) -> dict[str, Any]:
        """Return the role as `read_protected_roles` reads it."""
        return {
            "name": self.name,
            "purpose": self.purpose.value,
            "role_pattern": self.role_pattern,
            "actions": list(self.actions),
        }


class ProtectedRolesInvalid(ValueError):
    """The content of the setting does not have its form; the message names what is wrong."""


def needed_by(purpose: ProtectedPurpose) -> tuple[str, ...]:
    """Return the actions that a role of a purpose cannot do without, unless the setting says."""
    match purpose:
        case ProtectedPurpose.AUDIT:
            return role_actions()[RolePurpose.AUDIT]
        case ProtectedPurpose.APPLY:
            return role_actions()[RolePurpose.APPLY]
        case ProtectedPurpose.BREAK_GLASS:
            return role_actions()[RolePurpose.BREAK_GLASS]
        case ProtectedPurpose.ORGANIZATION_READER:
            return ("organizations:Describe*", "organizations:List*")
        case ProtectedPurpose.DEPLOYMENT:
            return ("cloudformation:*", "iam:PassRole", "s3:GetObject", "s3:PutObject")


def read_protected_roles(content: object) -> tuple[ProtectedRolePattern, ...]:
    """Read the roles of the setting's content.

    :raises ProtectedRolesInvalid: naming the first member that is wrong.
    """
    if not isinstance(content, list) or len(content) > MOST_ROLES:
        raise ProtectedRolesInvalid(f"give a list of at most {MOST_ROLES} roles")
    found = tuple(_role(number, one) for number, one in enumerate(content, 1))
    names = [role.name for role in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ProtectedRolesInvalid(f"{twice} is given twice: names tell the roles apart")
    return found


def _role(number: int, value: object) -> ProtectedRolePattern:
    where = f"role {number}"
    if not isinstance(value, dict) or set(value) - {"name", "purpose", "role_pattern", "actions"}:
        raise ProtectedRolesInvalid(f"{where}: give name, purpose, role_pattern and actions")
    name, pattern = value.get("name"), value.get("role_pattern")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100:
        raise ProtectedRolesInvalid(f"{where}: give a name of 1 to 100 characters")
    if value.get("purpose") not in set(ProtectedPurpose):
        purposes = ", ".join(ProtectedPurpose)
        raise ProtectedRolesInvalid(f"{where}: give one of the purposes {purposes}")
    if not isinstance(pattern, str) or not _PATTERN.fullmatch(pattern):
        raise ProtectedRolesInvalid(
            f"{where}: give a role's ARN such as arn:aws:iam::*:role/OrgwardenAudit"
        )
    actions = value.get("actions", [])
    if not isinstance(actions, list) or len(actions) > _MOST_ACTIONS:
        raise ProtectedRolesInvalid(f"{where}: give a list of at most {_MOST_ACTIONS} actions")
    for action in actions:
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            raise ProtectedRolesInvalid(f"{where}: {action!r} is not an action such as iam:Get*")
        if not load_catalogue().bits(action):
            raise ProtectedRolesInvalid(f"{where}: AWS has no action {action}")
    return ProtectedRolePattern(
        name.strip(), ProtectedPurpose(value["purpose"]), pattern, tuple(actions)
    )


def protected_roles(connection: Connection) -> tuple[ProtectedRolePattern, ...]:
    """Return the roles that hold for an organization: as set, else Orgwarden's own."""
    _, content = active_setting(connection, SettingVersion.Kind.PROTECTED_ROLES)
    return read_protected_roles(content["roles"])


def own_roles(connection: Connection) -> tuple[ProtectedRolePattern, ...]:
    """Return the roles that Orgwarden itself assumes, as the connection names them."""
    found = []
    if connection.organization_role_arn:
        found.append(
            ProtectedRolePattern(
                "Organization reader",
                ProtectedPurpose.ORGANIZATION_READER,
                connection.organization_role_arn,
            )
        )
    if connection.audit_role_name:
        found.append(
            ProtectedRolePattern(
                "Audit",
                ProtectedPurpose.AUDIT,
                f"arn:aws:iam::*:role/{connection.audit_role_name}",
            )
        )
    apply_role = getattr(connection, "apply_role_arn", "")
    if apply_role:
        found.append(ProtectedRolePattern("Apply", ProtectedPurpose.APPLY, apply_role))
    return tuple(found)


# Names under which teams commonly keep such roles; what is proposed is looked at by a person.
_TELLING: Final = (
    (ProtectedPurpose.BREAK_GLASS, re.compile(r"break.?glass|emergency", re.IGNORECASE)),
    (
        ProtectedPurpose.DEPLOYMENT,
        re.compile(
            r"terraform|cloudformation|deploy|pipeline|cicd|ci-cd|"
            r"AWSControlTowerExecution|OrganizationAccountAccessRole",
            re.IGNORECASE,
        ),
    ),
)
_MANY_ACCOUNTS: Final = 2


def proposed_roles(connection: Connection) -> tuple[ProtectedRolePattern, ...]:
    """Return the roles to protect that the inventory suggests, Orgwarden's own first.

    A role that stands in several accounts is proposed for all (`*`), one of a single account with
    its ARN.
    """
    found = list(own_roles(connection))
    names = PrincipalName.objects.filter(connection=connection).values_list("name", flat=True)
    telling: dict[str, ProtectedPurpose] = {}
    for name in names.order_by("name"):
        purpose = next((kind for kind, form in _TELLING if form.search(name)), None)
        if purpose is not None:
            telling[name] = purpose
    rows = (
        principals(EVERYTHING, connection=connection)
        .filter(kind="role", name__in=list(telling))
        .exclude(path__startswith="/aws-service-role/")
        .order_by("name", "path", "account_id")
        .values_list("name", "path", "arn")
    )
    by_name: dict[tuple[str, str], list[str]] = {}
    for name, path, arn in rows:
        by_name.setdefault((name, path), []).append(arn)
    taken = {role.role_pattern for role in found}
    used = {role.name for role in found}
    for (name, path), arns in by_name.items():
        one = f"arn:aws:iam::*:role{path}{name}"
        pattern = one if len(arns) >= _MANY_ACCOUNTS else arns[0]
        label = name if name not in used else f"{name} at {path}"
        if pattern not in taken and len(found) < MOST_ROLES:
            taken.add(pattern)
            used.add(label)
            found.append(ProtectedRolePattern(label, telling[name], pattern))
    return tuple(found)


def content_of(roles: Iterable[ProtectedRolePattern]) -> list[dict[str, Any]]:
    """Return roles as the setting's content lists them."""
    return [role.as_json() for role in roles]
