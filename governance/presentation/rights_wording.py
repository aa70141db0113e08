"""Rights and roles in words, for pages and the API alike."""

from typing import Final

from governance.access import rights
from governance.access.rights import TABLE, RightReach
from governance.access.roles import Role

RIGHT_LABELS: Final[dict[str, str]] = {
    rights.VIEW_INVENTORY: "Read the inventory",
    rights.SIMULATE: "Simulate edits",
    rights.MANAGE_OWN_TOKENS: "Create own API tokens",
    rights.SHARE_VIEWS: "Share saved views of lists",
    rights.START_RUN: "Start inventory runs and refresh accounts",
    rights.CANCEL_RUN: "Cancel inventory runs",
    rights.CONFIRM_DELETION: "Confirm suspected deletions",
    rights.TEST_CONNECTION: "Test connections",
    rights.MANAGE_LOG_SOURCES: "Add CloudTrail log sources and switch them on or off",
    rights.MANAGE_CONNECTIONS: "Connect organizations and change connections",
    rights.MANAGE_ALL_TOKENS: "Create tokens for service accounts and revoke anyone's",
    rights.VIEW_ROLES: "Read who holds which role",
    rights.MANAGE_ROLES: "Assign and withdraw roles",
    rights.MANAGE_PEOPLE: "Manage people, service accounts and groups",
    rights.MANAGE_SESSIONS: "See and end sessions of others",
    rights.MANAGE_OWNERS: "Set owners, environments and criticality",
    rights.CONFIRM_OWNERS: "Confirm owners and grants",
    rights.VIEW_AUDIT: "Read the audit log",
    rights.MANAGE_WEBHOOKS: "Manage webhooks and chats",
    rights.MAKE_REPORT: "Create reports for auditors",
}

ROLE_WORDS: Final[dict[str, str]] = {
    Role.VIEWER: "Reads the inventory and simulates.",
    Role.AUTHOR: "Also starts runs and refreshes accounts.",
    Role.APPROVER: "Reads, and decides on changes.",
    Role.SECURITY: "Also confirms deletions and owners, and reads roles and the audit log.",
    Role.ADMINISTRATOR: "Also manages people, roles, tokens and connections.",
    Role.AUDITOR: "Reads everything, roles and the audit log included; changes nothing.",
}

_REACH_WORDS: Final = {
    RightReach.ANYWHERE: "",
    RightReach.ORGANIZATION: "for a whole organization",
    RightReach.EVERYWHERE: "for all organizations",
}


def right_label(right: str) -> str:
    """Return a right in words; its name where it has none."""
    return RIGHT_LABELS.get(right, right)


def reach_words(right: str) -> str:
    """Say how wide a role must be held for a right; empty: at the place itself."""
    return _REACH_WORDS[TABLE[right].reach]


def place_words(connection_name: str | None, target_id: str, name: str = "") -> str:
    """Say where a role is held."""
    if connection_name is None:
        return "Everywhere"
    if not target_id:
        return connection_name
    return f"{connection_name}: {name or target_id}"
