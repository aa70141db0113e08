"""The rights by name, and which role holds them where.

A right is a Django permission, written `application.codename`. Views and endpoints name the right
they need from here. `TABLE` is the only place that says who holds a right.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.access.roles import Role

VIEW_INVENTORY: Final = "inventory.view_connection"
START_RUN: Final = "inventory.start_inventoryrun"
CANCEL_RUN: Final = "inventory.cancel_inventoryrun"
CONFIRM_DELETION: Final = "inventory.confirm_suspecteddeletion"
MANAGE_CONNECTIONS: Final = "inventory.change_connection"
TEST_CONNECTION: Final = "inventory.test_connection"
MANAGE_LOG_SOURCES: Final = "inventory.change_logsource"
SIMULATE: Final = "simulations.add_simulation"
MANAGE_OWN_TOKENS: Final = "access.add_apitoken"
MANAGE_ALL_TOKENS: Final = "access.delete_apitoken"
SHARE_VIEWS: Final = "access.share_savedview"
VIEW_ROLES: Final = "access.view_roleassignment"
MANAGE_ROLES: Final = "access.change_roleassignment"
MANAGE_PEOPLE: Final = "access.manage_people"
MANAGE_SESSIONS: Final = "access.manage_sessions"
MANAGE_OWNERS: Final = "owners.change_ownership"
CONFIRM_OWNERS: Final = "owners.confirm_ownership"
VIEW_AUDIT: Final = "audit.view_auditentry"
MANAGE_WEBHOOKS: Final = "notifications.manage_webhook"
VIEW_CHANGES: Final = "changes.view_changerequest"
PROPOSE_CHANGE: Final = "changes.add_changerequest"
REVIEW_CHANGE: Final = "changes.review_changerequest"
APPLY_CHANGE: Final = "changes.apply_changerequest"
HALT_CHANGE: Final = "changes.halt_changerequest"
OVERRIDE_CHANGE: Final = "changes.override_changerequest"
EMERGENCY_CHANGE: Final = "changes.emergency_changerequest"
VIEW_APPROVAL_SETTINGS: Final = "approvals.view_settingversion"
MANAGE_APPROVAL_SETTINGS: Final = "approvals.change_settingversion"
VIEW_TRUST: Final = "trust.view_trustedge"
NAME_EXTERNAL_PARTIES: Final = "trust.change_externalparty"
VIEW_CONTRACTS: Final = "contracts.view_trustcontract"
DECLARE_CONTRACT: Final = "contracts.add_trustcontract"
APPROVE_CONTRACT: Final = "contracts.approve_trustcontract"
VIEW_BASELINE: Final = "structure.view_baselineversion"
ADOPT_BASELINE: Final = "structure.add_baselineversion"
VIEW_GUARDRAILS: Final = "guardrails.view_guardraildefinition"
MANAGE_GUARDRAILS: Final = "guardrails.change_guardraildefinition"
VIEW_EXCEPTIONS: Final = "exceptions.view_guardrailexception"
ASK_EXCEPTION: Final = "exceptions.add_guardrailexception"
APPROVE_EXCEPTION: Final = "exceptions.approve_guardrailexception"
VIEW_LANDING_ZONE: Final = "landing_zone.view_coreaccount"
CONFIRM_CORE_ACCOUNTS: Final = "landing_zone.change_coreaccount"
VIEW_DRIFT: Final = "drift.view_driftitem"
RESOLVE_DRIFT: Final = "drift.change_driftitem"
VIEW_IGNORE_RULES: Final = "drift.view_ignorerule"
MANAGE_IGNORE_RULES: Final = "drift.change_ignorerule"
VIEW_FINDINGS: Final = "inbox.view_inboxitem"
WORK_ON_FINDINGS: Final = "inbox.change_inboxitem"
MANAGE_DETECTION_RULES: Final = "detections.change_detectionruleversion"
MAKE_REPORT: Final = "reports.add_subtreereport"

# An endpoint that everybody signed in may call names this in place of a right.
SIGNED_IN: Final = "signed in"


class RightReach(StrEnum):
    """How wide a role must be held for a right to come with it.

    ANYWHERE: at the place itself, an account if need be. ORGANIZATION: for the whole organization.
    EVERYWHERE: for all organizations.
    """

    ANYWHERE = "anywhere"
    ORGANIZATION = "organization"
    EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Holders:
    """The roles that hold a right, and how wide they must be held for it."""

    roles: frozenset[Role]
    reach: RightReach


def _of(*roles: Role, reach: RightReach = RightReach.ANYWHERE) -> Holders:
    return Holders(frozenset(roles), reach)


_OPERATING: Final = (Role.AUTHOR, Role.SECURITY, Role.ADMINISTRATOR)
# An auditor reads everything and changes nothing. A simulation changes nothing but what its owner
# keeps of it.
TABLE: Final[dict[str, Holders]] = {
    VIEW_INVENTORY: _of(*Role),
    SIMULATE: _of(*Role),
    MANAGE_OWN_TOKENS: _of(*Role),
    SHARE_VIEWS: _of(*_OPERATING, Role.APPROVER),
    START_RUN: _of(*_OPERATING),
    CANCEL_RUN: _of(*_OPERATING, reach=RightReach.ORGANIZATION),
    CONFIRM_DELETION: _of(Role.SECURITY, Role.ADMINISTRATOR),
    TEST_CONNECTION: _of(Role.SECURITY, Role.ADMINISTRATOR, reach=RightReach.ORGANIZATION),
    MANAGE_LOG_SOURCES: _of(Role.SECURITY, Role.ADMINISTRATOR, reach=RightReach.ORGANIZATION),
    MANAGE_CONNECTIONS: _of(Role.ADMINISTRATOR, reach=RightReach.EVERYWHERE),
    MANAGE_ALL_TOKENS: _of(Role.ADMINISTRATOR, reach=RightReach.EVERYWHERE),
    MANAGE_PEOPLE: _of(Role.ADMINISTRATOR, reach=RightReach.EVERYWHERE),
    MANAGE_SESSIONS: _of(Role.ADMINISTRATOR, reach=RightReach.EVERYWHERE),
    MANAGE_WEBHOOKS: _of(Role.ADMINISTRATOR, reach=RightReach.EVERYWHERE),
    VIEW_ROLES: _of(Role.SECURITY, Role.ADMINISTRATOR, Role.AUDITOR),
    MANAGE_ROLES: _of(Role.ADMINISTRATOR),
    MANAGE_OWNERS: _of(Role.SECURITY, Role.ADMINISTRATOR),
    CONFIRM_OWNERS: _of(Role.SECURITY, Role.ADMINISTRATOR),
    VIEW_AUDIT: _of(Role.SECURITY, Role.ADMINISTRATOR, Role.AUDITOR),
    VIEW_CHANGES: _of(*Role),
    PROPOSE_CHANGE: _of(*_OPERATING),
    REVIEW_CHANGE: _of(Role.APPROVER, Role.SECURITY),
    APPLY_CHANGE: _of(*_OPERATING, Role.APPROVER),
    HALT_CHANGE: _of(*_OPERATING, Role.APPROVER),
    OVERRIDE_CHANGE: _of(Role.SECURITY, reach=RightReach.ORGANIZATION),
    EMERGENCY_CHANGE: _of(Role.SECURITY, reach=RightReach.ORGANIZATION),
    VIEW_APPROVAL_SETTINGS: _of(*Role),
    MANAGE_APPROVAL_SETTINGS: _of(Role.SECURITY, Role.ADMINISTRATOR, reach=RightReach.ORGANIZATION),
    VIEW_TRUST: _of(*Role),
    NAME_EXTERNAL_PARTIES: _of(Role.SECURITY, reach=RightReach.ORGANIZATION),
    VIEW_CONTRACTS: _of(*Role),
    DECLARE_CONTRACT: _of(*_OPERATING, Role.APPROVER),
    APPROVE_CONTRACT: _of(Role.APPROVER, Role.SECURITY),
    VIEW_BASELINE: _of(*Role),
    ADOPT_BASELINE: _of(Role.SECURITY, Role.ADMINISTRATOR),
    VIEW_GUARDRAILS: _of(*Role),
    MANAGE_GUARDRAILS: _of(Role.SECURITY, reach=RightReach.ORGANIZATION),
    VIEW_EXCEPTIONS: _of(*Role),
    ASK_EXCEPTION: _of(*_OPERATING, Role.APPROVER),
    APPROVE_EXCEPTION: _of(Role.APPROVER, Role.SECURITY),
    VIEW_LANDING_ZONE: _of(*Role),
    CONFIRM_CORE_ACCOUNTS: _of(Role.SECURITY, Role.ADMINISTRATOR, reach=RightReach.ORGANIZATION),
    VIEW_DRIFT: _of(*Role),
    RESOLVE_DRIFT: _of(Role.SECURITY, Role.ADMINISTRATOR),
    VIEW_IGNORE_RULES: _of(*Role),
    MANAGE_IGNORE_RULES: _of(Role.SECURITY),
    VIEW_FINDINGS: _of(*Role),
    WORK_ON_FINDINGS: _of(*_OPERATING, Role.APPROVER),
    MANAGE_DETECTION_RULES: _of(Role.SECURITY, reach=RightReach.ORGANIZATION),
    MAKE_REPORT: _of(Role.SECURITY, Role.ADMINISTRATOR, Role.AUDITOR),
}

# What a token may be given. A list of what it may, so that a right made later (to approve, say) is
# kept from tokens until somebody adds it here; no token may ever make or end tokens, or give roles.
TOKEN_SCOPES: Final = (
    *(VIEW_INVENTORY, START_RUN, CANCEL_RUN, CONFIRM_DELETION, TEST_CONNECTION, SIMULATE),
    *(VIEW_ROLES, MANAGE_OWNERS, VIEW_AUDIT, MANAGE_WEBHOOKS),
    *(VIEW_CHANGES, PROPOSE_CHANGE, HALT_CHANGE, VIEW_APPROVAL_SETTINGS),
    *(VIEW_TRUST, VIEW_CONTRACTS, DECLARE_CONTRACT),
    *(VIEW_BASELINE, ADOPT_BASELINE, VIEW_GUARDRAILS, MANAGE_GUARDRAILS),
    *(VIEW_EXCEPTIONS, ASK_EXCEPTION, VIEW_LANDING_ZONE, VIEW_DRIFT, RESOLVE_DRIFT),
    *(VIEW_IGNORE_RULES, MANAGE_IGNORE_RULES, VIEW_FINDINGS, WORK_ON_FINDINGS),
    *(MANAGE_DETECTION_RULES, MAKE_REPORT),
)


def rights_of(role: str, *, reach: RightReach = RightReach.EVERYWHERE) -> frozenset[str]:
    """Return the rights of somebody who holds a role as widely as `reach` says."""
    enough = _WIDER[reach]
    return frozenset(
        right
        for right, holders in TABLE.items()
        if role in holders.roles and holders.reach in enough
    )


def roles_with(right: str) -> tuple[Role, ...]:
    """Return the roles that hold a right, in their usual order."""
    holders = TABLE.get(right)
    return () if holders is None else tuple(role for role in Role if role in holders.roles)


_WIDER: Final = {
    RightReach.ANYWHERE: (RightReach.ANYWHERE,),
    RightReach.ORGANIZATION: (RightReach.ANYWHERE, RightReach.ORGANIZATION),
    RightReach.EVERYWHERE: tuple(RightReach),
}
