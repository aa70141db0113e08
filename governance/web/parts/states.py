"""How each state looks: an icon, a tone and a word, never a colour alone."""

from dataclasses import dataclass
from typing import Final, Literal

from governance.approvals.models import ReviewVerdict

Tone = Literal["ok", "warn", "bad", "act", "unknown", "plain"]


@dataclass(frozen=True, slots=True)
class StateLook:
    """`tone`: judgement green, amber or red; `act` the accent; `plain` grey; `unknown` dashed."""

    icon: str
    tone: Tone
    word: str


STATES: Final[dict[str, StateLook]] = {
    # What is known of an account or a collector.
    "collected": StateLook("check", "ok", "Collected"),
    "complete": StateLook("check", "ok", "Complete"),
    "partial": StateLook("alert-triangle", "warn", "Partial"),
    "computed": StateLook("adjustments", "plain", "Computed"),
    "stale": StateLook("clock-exclamation", "warn", "Stale"),
    "denied": StateLook("lock", "bad", "Denied"),
    "failed": StateLook("x", "bad", "Failed"),
    "cancelled": StateLook("ban", "plain", "Cancelled"),
    "throttled": StateLook("clock-exclamation", "warn", "Throttled"),
    "timed_out": StateLook("clock-exclamation", "bad", "Timed out"),
    "inconsistent": StateLook("alert-triangle", "bad", "Inconsistent"),
    "unsupported": StateLook("minus", "plain", "Unsupported"),
    "skipped": StateLook("minus", "plain", "Skipped"),
    "suspected": StateLook("question-mark", "warn", "Suspected"),
    "deleted": StateLook("trash", "plain", "Deleted"),
    "found": StateLook("check", "ok", "Found again"),
    "unknown": StateLook("question-mark", "unknown", "Not known"),
    # Where long work stands.
    "pending": StateLook("circle-dashed", "plain", "Pending"),
    "queued": StateLook("circle-dashed", "plain", "Queued"),
    "delivered": StateLook("check", "ok", "Delivered"),
    "running": StateLook("loader-2", "act", "Running"),
    "waiting": StateLook("clock", "warn", "Waiting"),
    # An account's state, in AWS's words.
    "ACTIVE": StateLook("circle-check", "plain", "Active"),
    "SUSPENDED": StateLook("ban", "warn", "Suspended"),
    "PENDING_CLOSURE": StateLook("clock", "warn", "Pending closure"),
    "PENDING_ACTIVATION": StateLook("clock", "plain", "Pending activation"),
    "CLOSED": StateLook("ban", "plain", "Closed"),
    # How an act on record ended, and its place in the audit log.
    "done": StateLook("check", "plain", "Done"),
    "sealed": StateLook("circle-check", "ok", "Sealed"),
    "unsealed": StateLook("clock", "plain", "Not sealed yet"),
    "verified": StateLook("shield-check", "ok", "Verified"),
    "not_verified": StateLook("alert-circle", "bad", "Does not verify"),
    # Judgements.
    "holds": StateLook("circle-check", "ok", "Holds"),
    "fails": StateLook("x", "bad", "Fails"),
    "not_covered": StateLook("question-mark", "unknown", "Not covered"),
    "excepted": StateLook("hourglass", "plain", "Excepted"),
    "proven": StateLook("circle-check", "ok", "Proven"),
    "approved": StateLook("circle-check", "ok", "Approved"),
    "guarded": StateLook("lock-check", "ok", "Guarded"),
    "open": StateLook("lock-open", "warn", "Open"),
    # Whether somebody can use an edge of trust; red only where a finding says so.
    "trust_open": StateLook("lock-open", "plain", "Open"),
    "trust_open_bad": StateLook("lock-open", "bad", "Open"),
    "trust_guarded": StateLook("lock-check", "plain", "Guarded"),
    "trust_blocked": StateLook("shield-x", "plain", "Blocked"),
    "trust_undecided": StateLook("help-circle", "unknown", "Undecided"),
    "no_contract": StateLook("file-x", "warn", "None"),
    "drifted": StateLook("alert-circle", "bad", "Drift"),
    "critical": StateLook("alert-circle", "bad", "Critical"),
    "high": StateLook("alert-triangle", "bad", "High"),
    "medium": StateLook("alert-triangle", "warn", "Medium"),
    "low": StateLook("info-circle", "plain", "Low"),
    "in_review": StateLook("eye", "act", "In review"),
    "newly_denied": StateLook("minus", "bad", "Newly denied"),
    "newly_allowed": StateLook("plus", "warn", "Newly allowed"),
    "differs_between": StateLook("adjustments", "warn", "Differs for a while"),
    "undecided": StateLook("help-circle", "unknown", "Undecided"),
    # The states of a change request, and what its rings and reviews say.
    "draft": StateLook("pencil", "plain", "Draft"),
    "active": StateLook("circle-check", "ok", "Active"),
    "ended": StateLook("minus", "plain", "Ended"),
    "waiting_for_approval": StateLook("clock", "warn", "Waiting for approval"),
    "checking": StateLook("loader-2", "act", "Checking"),
    "checks_failed": StateLook("x", "bad", "Checks failed"),
    "changes_requested": StateLook("message", "warn", "Changes requested"),
    "rejected": StateLook("ban", "bad", "Rejected"),
    "withdrawn": StateLook("minus", "plain", "Withdrawn"),
    "scheduled": StateLook("calendar-clock", "act", "Scheduled"),
    "handed_out": StateLook("send", "act", "Handed out"),
    "differs": StateLook("alert-triangle", "bad", "Differs"),
    "applying": StateLook("player-play", "act", "Applying"),
    "soaking": StateLook("clock-play", "act", "Soaking"),
    "waiting_for_go": StateLook("clock", "warn", "Waiting for go"),
    "halted": StateLook("player-pause", "warn", "Halted"),
    "partially_applied": StateLook("alert-triangle", "warn", "Partially applied"),
    "rolling_back": StateLook("arrow-back-up", "act", "Rolling back"),
    "rolled_back": StateLook("arrow-back-up", "plain", "Rolled back"),
    "rollback_failed": StateLook("x", "bad", "Rollback failed"),
    "applied": StateLook("circle-check", "ok", "Applied"),
    "applied_pending_review": StateLook("clock-exclamation", "warn", "Applied, review pending"),
    "ratified": StateLook("circle-check", "ok", "Ratified"),
    "revert_due": StateLook("calendar-clock", "warn", "Revert due"),
    "reverted": StateLook("arrow-back-up", "plain", "Reverted"),
    # One call of a plan.
    "planned": StateLook("circle-dashed", "plain", "Planned"),
    "calling": StateLook("loader-2", "act", "Calling"),
    "answered": StateLook("loader-2", "act", "Answered, not read back"),
    "read_back": StateLook("check", "ok", "Read back"),
    "stopped": StateLook("x", "bad", "Stopped"),
    "waiting_for_you": StateLook("eye", "act", "Waiting for you"),
    "commented": StateLook("message", "plain", "Commented"),
    # Owners and grants.
    "unowned": StateLook("user-circle", "warn", "Nobody"),
    "left": StateLook("logout", "bad", "Left"),
    "unconfirmed": StateLook("clock", "warn", "Not confirmed"),
    "proposed": StateLook("clock", "warn", "Proposed"),
    "confirmed": StateLook("circle-check", "ok", "Confirmed"),
    "refused": StateLook("ban", "bad", "Refused"),
    "expired": StateLook("clock-exclamation", "plain", "Expired"),
    # Whether what SCPs allow was used.
    "used": StateLook("check", "plain", "Used"),
    "unused": StateLook("circle-minus", "warn", "Unused"),
    "use_not_recorded": StateLook("circle-dashed", "plain", "No use recorded"),
    # Lint, and what a policy and its statements change.
    "error": StateLook("alert-circle", "bad", "Error"),
    "warning": StateLook("alert-triangle", "warn", "Warning"),
    "note": StateLook("info-circle", "plain", "Note"),
    "effect": StateLook("check", "plain", "Has effect"),
    "no_effect": StateLook("circle-minus", "warn", "No effect"),
    "bound": StateLook("check", "plain", "Has effect"),
    "management_account": StateLook("minus", "plain", "Not bound"),
    "not_enabled": StateLook("ban", "warn", "Type not enabled"),
    "not_known": StateLook("question-mark", "unknown", "Not known"),
    "same_meaning": StateLook("circle-check", "ok", "Same meaning"),
    "changes": StateLook("alert-triangle", "warn", "Changes"),
    "hidden": StateLook("circle-check", "ok", "Changes nothing in place"),
    "unreadable": StateLook("x", "bad", "Cannot be read"),
    # What becomes of a request, at one level or in all.
    "allowed": StateLook("circle-check", "ok", "Allowed"),
    "explicit_deny": StateLook("ban", "bad", "Denied"),
    "implicit_deny": StateLook("circle-minus", "bad", "Nothing allows it"),
    "exempt": StateLook("minus", "plain", "Does not bind"),
    # What is known of those who are not denied an action.
    "always": StateLook("circle-check", "plain", "Always"),
    "conditional": StateLook("adjustments", "plain", "On conditions"),
    "in_force": StateLook("circle-check", "plain", "In force"),
    # Core accounts, Control Tower's own drift, and logging in an account.
    "core_confirmed": StateLook("circle-check", "ok", "Confirmed"),
    "core_contradicted": StateLook("alert-circle", "bad", "In doubt"),
    "core_found": StateLook("search", "plain", "Found, not confirmed"),
    "core_ambiguous": StateLook("alert-triangle", "warn", "Several candidates"),
    "core_missing": StateLook("x", "bad", "Missing"),
    "core_unknown": StateLook("question-mark", "unknown", "Not known"),
    "tower_in_sync": StateLook("circle-check", "ok", "In sync"),
    "tower_drifted": StateLook("alert-circle", "bad", "Drifted"),
    "tower_not_checking": StateLook("clock-exclamation", "warn", "Not checking"),
    "tower_unknown": StateLook("question-mark", "unknown", "Unknown"),
    "log_off": StateLook("x", "bad", "Off"),
    "log_degraded": StateLook("alert-triangle", "warn", "Degraded"),
    "log_unknown": StateLook("question-mark", "unknown", "Not known"),
    "log_good": StateLook("check", "plain", "On"),
    "enforced_both": StateLook("shield-check", "plain", "Control Tower and own policies"),
    "enforced_control_tower": StateLook("shield-check", "plain", "Control Tower"),
    "enforced_organization": StateLook("shield-check", "plain", "Own policies"),
    "enforced_nobody": StateLook("lock-open", "warn", "Nobody"),
    "enforced_unknown": StateLook("question-mark", "unknown", "Not known"),
    # What a list or a card has to say instead of rows.
    "empty": StateLook("info-circle", "plain", "Nothing here"),
    "loading": StateLook("loader-2", "plain", "Loading"),
    "info": StateLook("info-circle", "plain", "Note"),
    "enabled": StateLook("check", "plain", "Enabled"),
    "disabled": StateLook("ban", "plain", "Disabled"),
}


def state_look(state: str) -> StateLook:
    """Return how a state looks; AWS's new states are shown by their own word, in grey.

    Only words in capitals can be AWS's; one of ours that is missing above is a mistake.

    :raises KeyError: a state of ours that has no look.
    """
    known = STATES.get(state)
    if known is not None:
        return known
    if state.isupper():
        return StateLook("info-circle", "plain", state.replace("_", " ").capitalize())
    raise KeyError(f"no look for the state {state!r}; add it to governance/web/parts/states.py")


REVIEW_STATES: Final[dict[ReviewVerdict, str]] = {
    ReviewVerdict.APPROVE: "approved",
    ReviewVerdict.REQUEST_CHANGES: "changes_requested",
    ReviewVerdict.REJECT: "rejected",
    ReviewVerdict.COMMENT: "commented",
}
"""The state that a verdict is shown as."""
