"""The acts that the audit log knows, as `subject.verb`, and how screens name them.

`audit_record` refuses an act that is not declared here.
"""

from typing import Final

PERSON_SIGN_IN: Final = "person.sign_in"
PERSON_SIGN_OUT: Final = "person.sign_out"
PERSON_LOCK_OUT: Final = "person.lock_out"
PERSON_PROVE: Final = "person.prove"
PERSON_CREATE: Final = "person.create"
PERSON_CHANGE: Final = "person.change"
PERSON_DEACTIVATE: Final = "person.deactivate"
PERSON_REACTIVATE: Final = "person.reactivate"
PERSON_INVITE: Final = "person.invite"
PERSON_OPEN_BREAK_GLASS: Final = "person.open_break_glass"
PERSON_USE_BREAK_GLASS: Final = "person.use_break_glass"
PASSWORD_CHANGE: Final = "password.change"  # noqa: S105
SECOND_FACTOR_ADD: Final = "second_factor.add"
SECOND_FACTOR_REMOVE: Final = "second_factor.remove"
RECOVERY_CODES_MAKE: Final = "recovery_codes.make"
SESSION_END: Final = "session.end"
IDENTITY_LINK: Final = "identity.link"
IDENTITY_UNLINK: Final = "identity.unlink"
SERVICE_ACCOUNT_CREATE: Final = "service_account.create"
SERVICE_ACCOUNT_CHANGE: Final = "service_account.change"
GROUP_CREATE: Final = "group.create"
GROUP_CHANGE: Final = "group.change"
GROUP_DELETE: Final = "group.delete"
CLAIM_RULE_CREATE: Final = "claim_rule.create"
CLAIM_RULE_DELETE: Final = "claim_rule.delete"
TOKEN_ISSUE: Final = "token.issue"  # noqa: S105
TOKEN_REVOKE: Final = "token.revoke"  # noqa: S105
TOKEN_ROTATE: Final = "token.rotate"  # noqa: S105
ROLE_ASSIGN: Final = "role.assign"
ROLE_WITHDRAW: Final = "role.withdraw"
CONNECTION_CONNECT: Final = "connection.connect"
CONNECTION_CHANGE: Final = "connection.change"
CONNECTION_SWITCH: Final = "connection.switch"
CONNECTION_TEST: Final = "connection.test"
LOG_SOURCE_ADD: Final = "log_source.add"
LOG_SOURCE_SWITCH: Final = "log_source.switch"
RUN_START: Final = "run.start"
RUN_RETRY: Final = "run.retry"
RUN_REFRESH: Final = "run.refresh"
RUN_CANCEL: Final = "run.cancel"
DELETION_CONFIRM: Final = "deletion.confirm"
SIMULATION_CREATE: Final = "simulation.create"
SIMULATION_EDIT: Final = "simulation.edit"
SIMULATION_DELETE: Final = "simulation.delete"
SAVED_VIEW_SHARE: Final = "saved_view.share"
SAVED_VIEW_UNSHARE: Final = "saved_view.unshare"
SAVED_VIEW_CHANGE: Final = "saved_view.change"
SAVED_VIEW_REMOVE: Final = "saved_view.remove"
DATA_EXPORT: Final = "data.export"
AUDIT_EXPORT: Final = "audit.export"
OWNER_SET: Final = "owner.set"
OWNER_CONFIRM: Final = "owner.confirm"
OWNER_RECERTIFY: Final = "owner.recertify"
OWNER_IMPORT: Final = "owner.import"
OWNER_RULE_SET: Final = "owner_rule.set"
OWNER_RULE_END: Final = "owner_rule.end"
LABEL_SET: Final = "label.set"
LABEL_RULE_SET: Final = "label_rule.set"
LABEL_RULE_END: Final = "label_rule.end"
ABSENCE_NOTE: Final = "absence.note"
ABSENCE_REMOVE: Final = "absence.remove"
DEPUTY_NAME: Final = "deputy.name"
DEPUTY_REMOVE: Final = "deputy.remove"
GRANT_PROPOSE: Final = "grant.propose"
GRANT_CONFIRM: Final = "grant.confirm"
GRANT_CONFIRM_ALONE: Final = "grant.confirm_alone"
GRANT_REFUSE: Final = "grant.refuse"
GRANT_EXPIRE: Final = "grant.expire"
ROLE_RECERTIFY: Final = "role.recertify"
WEBHOOK_CREATE: Final = "webhook.create"
WEBHOOK_CHANGE: Final = "webhook.change"
WEBHOOK_SWITCH: Final = "webhook.switch"
WEBHOOK_ROTATE: Final = "webhook.rotate"
WEBHOOK_REMOVE: Final = "webhook.remove"
WEBHOOK_TEST: Final = "webhook.test"
WEBHOOK_REPLAY: Final = "webhook.replay"
CHANGE_CREATE: Final = "change_request.create"
CHANGE_EDIT: Final = "change_request.edit"
CHANGE_SUBMIT: Final = "change_request.submit"
CHANGE_CHECK: Final = "change_request.check"
CHANGE_REVIEW: Final = "change_request.review"
CHANGE_COMMENT: Final = "change_request.comment"
CHANGE_STATE: Final = "change_request.state"
CHANGE_REBASE: Final = "change_request.rebase"
CHANGE_ESCALATE: Final = "change_request.escalate"
CHANGE_OVERRIDE: Final = "change_request.override"
CHANGE_SCHEDULE: Final = "change_request.schedule"
CHANGE_START: Final = "change_request.start"
CHANGE_GO: Final = "change_request.go"
CHANGE_HALT: Final = "change_request.halt"
CHANGE_RESUME: Final = "change_request.resume"
CHANGE_ROLL_BACK: Final = "change_request.roll_back"
CHANGE_WAY_BACK: Final = "change_request.way_back"
CHANGE_WRITE: Final = "change_request.write"
CHANGE_UNLOCK: Final = "change_request.unlock"
CHANGE_EMERGENCY: Final = "change_request.emergency"
CHANGE_RATIFY: Final = "change_request.ratify"
CHANGE_WITHDRAW: Final = "change_request.withdraw"
SETTING_PROPOSE: Final = "setting.propose"
SETTING_CONFIRM: Final = "setting.confirm"
SETTING_CONFIRM_ALONE: Final = "setting.confirm_alone"
SETTING_REFUSE: Final = "setting.refuse"
SETTING_WITHDRAW: Final = "setting.withdraw"
CONTRACT_DECLARE: Final = "contract.declare"
CONTRACT_EDIT: Final = "contract.edit"
CONTRACT_SUBMIT: Final = "contract.submit"
CONTRACT_REVIEW: Final = "contract.review"
CONTRACT_STATE: Final = "contract.state"
CONTRACT_IMPORT: Final = "contract.import"
EXTERNAL_PARTY_SET: Final = "external_party.set"
EXTERNAL_PARTY_REMOVE: Final = "external_party.remove"
BASELINE_ADOPT: Final = "baseline.adopt"
BASELINE_IMPORT: Final = "baseline.import"
BASELINE_APPLY: Final = "baseline.apply"
GUARDRAIL_WRITE: Final = "guardrail.write"
GUARDRAIL_SWITCH: Final = "guardrail.switch"
EXCEPTION_ASK: Final = "exception.ask"
EXCEPTION_EDIT: Final = "exception.edit"
EXCEPTION_SUBMIT: Final = "exception.submit"
EXCEPTION_REVIEW: Final = "exception.review"
EXCEPTION_STATE: Final = "exception.state"
CORE_ACCOUNT_CONFIRM: Final = "core_account.confirm"
CORE_ACCOUNT_REMOVE: Final = "core_account.remove"
DRIFT_RESOLVE: Final = "drift.resolve"
IGNORE_RULE_WRITE: Final = "ignore_rule.write"
IGNORE_RULE_END: Final = "ignore_rule.end"
FINDING_ASSIGN: Final = "finding.assign"
FINDING_SNOOZE: Final = "finding.snooze"
FINDING_MUTE: Final = "finding.mute"
FINDING_RETURN: Final = "finding.return"
FINDING_COMMENT: Final = "finding.comment"
FINDING_EXPORT: Final = "finding.export"
DETECTION_CLOSE: Final = "detection.close"
DETECTION_RULE_WRITE: Final = "detection_rule.write"
DETECTION_RULE_SWITCH: Final = "detection_rule.switch"

LABELS: Final[dict[str, str]] = {
    PERSON_SIGN_IN: "Signed in",
    PERSON_SIGN_OUT: "Signed out",
    PERSON_LOCK_OUT: "Locked out after wrong passwords",
    PERSON_PROVE: "Identity confirmed again",
    PERSON_CREATE: "Person created",
    PERSON_CHANGE: "Person changed",
    PERSON_DEACTIVATE: "Person deactivated",
    PERSON_REACTIVATE: "Person reactivated",
    PERSON_INVITE: "Link for a new password made",
    PERSON_OPEN_BREAK_GLASS: "Break-glass account opened",
    PERSON_USE_BREAK_GLASS: "Break-glass account used",
    PASSWORD_CHANGE: "Password changed",
    SECOND_FACTOR_ADD: "Second factor added",
    SECOND_FACTOR_REMOVE: "Second factor removed",
    RECOVERY_CODES_MAKE: "Recovery codes made",
    SESSION_END: "Session ended",
    IDENTITY_LINK: "Identity linked",
    IDENTITY_UNLINK: "Identity unlinked",
    SERVICE_ACCOUNT_CREATE: "Service account created",
    SERVICE_ACCOUNT_CHANGE: "Service account changed",
    GROUP_CREATE: "Group created",
    GROUP_CHANGE: "Group changed",
    GROUP_DELETE: "Group deleted",
    CLAIM_RULE_CREATE: "Claim rule created",
    CLAIM_RULE_DELETE: "Claim rule deleted",
    TOKEN_ISSUE: "Token issued",
    TOKEN_REVOKE: "Token revoked",
    TOKEN_ROTATE: "Token replaced",
    ROLE_ASSIGN: "Role assigned",
    ROLE_WITHDRAW: "Role withdrawn",
    CONNECTION_CONNECT: "Organization connected",
    CONNECTION_CHANGE: "Connection changed",
    CONNECTION_SWITCH: "Connection switched on or off",
    CONNECTION_TEST: "Connection tested",
    LOG_SOURCE_ADD: "Log source added",
    LOG_SOURCE_SWITCH: "Log source switched on or off",
    RUN_START: "Run started",
    RUN_RETRY: "Accounts of a run retried",
    RUN_REFRESH: "Accounts refreshed",
    RUN_CANCEL: "Run cancelled",
    DELETION_CONFIRM: "Suspected deletion confirmed",
    SIMULATION_CREATE: "Simulation draft saved",
    SIMULATION_EDIT: "Simulation draft edited",
    SIMULATION_DELETE: "Simulation draft deleted",
    SAVED_VIEW_SHARE: "View of a list shared",
    SAVED_VIEW_UNSHARE: "View of a list no longer shared",
    SAVED_VIEW_CHANGE: "Shared view of a list changed",
    SAVED_VIEW_REMOVE: "Shared view of a list removed",
    DATA_EXPORT: "Data exported",
    AUDIT_EXPORT: "Audit log exported",
    OWNER_SET: "Owners set",
    OWNER_CONFIRM: "Owner from a tag confirmed",
    OWNER_RECERTIFY: "Owner recertified",
    OWNER_IMPORT: "Owners imported from a file",
    OWNER_RULE_SET: "Owner rule set",
    OWNER_RULE_END: "Owner rule ended",
    LABEL_SET: "Label set",
    LABEL_RULE_SET: "Label rule set",
    LABEL_RULE_END: "Label rule ended",
    ABSENCE_NOTE: "Absence noted",
    ABSENCE_REMOVE: "Absence removed",
    DEPUTY_NAME: "Deputy named",
    DEPUTY_REMOVE: "Deputy removed",
    GRANT_PROPOSE: "Grant proposed",
    GRANT_CONFIRM: "Grant confirmed",
    GRANT_CONFIRM_ALONE: "Grant confirmed on the server without a second person",
    GRANT_REFUSE: "Grant refused",
    GRANT_EXPIRE: "Grant expired",
    ROLE_RECERTIFY: "Role recertified",
    WEBHOOK_CREATE: "Webhook added",
    WEBHOOK_CHANGE: "Webhook changed",
    WEBHOOK_SWITCH: "Webhook switched on or off",
    WEBHOOK_ROTATE: "Webhook secret rotated",
    WEBHOOK_REMOVE: "Webhook removed",
    WEBHOOK_TEST: "Webhook tested",
    WEBHOOK_REPLAY: "Webhook delivery replayed",
    CHANGE_CREATE: "Change request created",
    CHANGE_EDIT: "Change request edited",
    CHANGE_SUBMIT: "Change request submitted",
    CHANGE_CHECK: "Change request checked",
    CHANGE_REVIEW: "Change request reviewed",
    CHANGE_COMMENT: "Change request commented",
    CHANGE_STATE: "Change request's state changed",
    CHANGE_REBASE: "Change request's evidence remade, conclusions equal",
    CHANGE_ESCALATE: "Owners further up asked",
    CHANGE_OVERRIDE: "Soft finding overridden",
    CHANGE_SCHEDULE: "Rollout scheduled",
    CHANGE_START: "Rollout started",
    CHANGE_GO: "Next ring released",
    CHANGE_HALT: "Rollout halted",
    CHANGE_RESUME: "Rollout resumed",
    CHANGE_ROLL_BACK: "Rollback started",
    CHANGE_WAY_BACK: "Rollback prepared",
    CHANGE_WRITE: "AWS changed",
    CHANGE_UNLOCK: "Lock released",
    CHANGE_EMERGENCY: "Change applied in an emergency",
    CHANGE_RATIFY: "Emergency change ratified",
    CHANGE_WITHDRAW: "Change request withdrawn",
    SETTING_PROPOSE: "Setting proposed",
    SETTING_CONFIRM: "Setting confirmed",
    SETTING_CONFIRM_ALONE: "Setting confirmed on the server without a second person",
    SETTING_REFUSE: "Setting refused",
    SETTING_WITHDRAW: "Setting withdrawn",
    CONTRACT_DECLARE: "Contract declared",
    CONTRACT_EDIT: "Contract edited",
    CONTRACT_SUBMIT: "Contract submitted",
    CONTRACT_REVIEW: "Contract reviewed",
    CONTRACT_STATE: "Contract's state changed",
    CONTRACT_IMPORT: "Contracts imported from a file",
    EXTERNAL_PARTY_SET: "External party named",
    EXTERNAL_PARTY_REMOVE: "External party removed",
    BASELINE_ADOPT: "Baseline adopted",
    BASELINE_IMPORT: "Baseline imported from a file",
    BASELINE_APPLY: "Baseline moved by an applied change request",
    GUARDRAIL_WRITE: "Guardrail written",
    GUARDRAIL_SWITCH: "Guardrail enabled or disabled",
    EXCEPTION_ASK: "Exception asked for",
    EXCEPTION_EDIT: "Exception edited",
    EXCEPTION_SUBMIT: "Exception submitted",
    EXCEPTION_REVIEW: "Exception reviewed",
    EXCEPTION_STATE: "Exception's state changed",
    CORE_ACCOUNT_CONFIRM: "Core account confirmed",
    CORE_ACCOUNT_REMOVE: "Confirmation of a core account removed",
    DRIFT_RESOLVE: "Drift resolved",
    IGNORE_RULE_WRITE: "Ignore rule written",
    IGNORE_RULE_END: "Ignore rule ended",
    FINDING_ASSIGN: "Finding assigned",
    FINDING_SNOOZE: "Finding snoozed",
    FINDING_MUTE: "Finding muted",
    FINDING_RETURN: "Finding opened again",
    FINDING_COMMENT: "Finding commented on",
    FINDING_EXPORT: "Findings exported to a ticket",
    DETECTION_CLOSE: "Detection closed",
    DETECTION_RULE_WRITE: "Detection rule written",
    DETECTION_RULE_SWITCH: "Detection rule enabled or disabled",
}


def label_of(action: str) -> str:
    """Return how screens name an act; one that is not declared any more by its own name."""
    return LABELS.get(action, action)
