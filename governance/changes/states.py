"""The states of a change request and which follow each other."""

from collections.abc import Mapping
from typing import Final

from django.db import models


class ChangeState(models.TextChoices):
    """Where a change request is in its life."""

    DRAFT = "draft", "Draft"
    CHECKING = "checking", "Checking"
    CHECKS_FAILED = "checks_failed", "Checks failed"
    IN_REVIEW = "in_review", "In review"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
    APPROVED = "approved", "Approved"
    SCHEDULED = "scheduled", "Scheduled"
    STALE = "stale", "Stale"
    HANDED_OUT = "handed_out", "Handed out"
    DIFFERS = "differs", "Differs"
    APPLYING = "applying", "Applying"
    SOAKING = "soaking", "Soaking"
    WAITING_FOR_GO = "waiting_for_go", "Waiting for go"
    HALTED = "halted", "Halted"
    PARTIALLY_APPLIED = "partially_applied", "Partially applied"
    ROLLING_BACK = "rolling_back", "Rolling back"
    ROLLED_BACK = "rolled_back", "Rolled back"
    ROLLBACK_FAILED = "rollback_failed", "Rollback failed"
    APPLIED = "applied", "Applied"
    APPLIED_PENDING_REVIEW = "applied_pending_review", "Applied, review pending"
    RATIFIED = "ratified", "Ratified"
    REVERT_DUE = "revert_due", "Revert due"
    REVERTED = "reverted", "Reverted"


_S = ChangeState

# A draft is withdrawn by its author too, and so is one whose checks fail: nothing else ends it.
# IN_REVIEW → CHECKING: an edit, or a base that moved, while people review.
# ROLLING_BACK → REVERTED: what had an end, or was never ratified, and is taken back.
TRANSITIONS: Final[Mapping[ChangeState, frozenset[ChangeState]]] = {
    _S.DRAFT: frozenset({_S.CHECKING, _S.WITHDRAWN}),
    _S.CHECKING: frozenset({_S.CHECKS_FAILED, _S.IN_REVIEW, _S.APPLYING, _S.WITHDRAWN}),
    _S.CHECKS_FAILED: frozenset({_S.DRAFT, _S.WITHDRAWN}),
    _S.IN_REVIEW: frozenset(
        {
            *(_S.CHANGES_REQUESTED, _S.REJECTED, _S.WITHDRAWN, _S.EXPIRED),
            *(_S.APPROVED, _S.CHECKING),
        }
    ),
    _S.CHANGES_REQUESTED: frozenset({_S.DRAFT, _S.WITHDRAWN}),
    _S.APPROVED: frozenset(
        {_S.SCHEDULED, _S.APPLYING, _S.HANDED_OUT, _S.STALE, _S.WITHDRAWN, _S.EXPIRED}
    ),
    _S.SCHEDULED: frozenset({_S.APPLYING, _S.APPROVED, _S.STALE, _S.WITHDRAWN, _S.EXPIRED}),
    _S.STALE: frozenset({_S.CHECKING, _S.WITHDRAWN}),
    _S.HANDED_OUT: frozenset({_S.APPLIED, _S.DIFFERS, _S.WITHDRAWN, _S.EXPIRED}),
    _S.DIFFERS: frozenset({_S.APPLIED, _S.WITHDRAWN}),
    _S.APPLYING: frozenset(
        {
            *(_S.SOAKING, _S.WAITING_FOR_GO, _S.HALTED, _S.PARTIALLY_APPLIED, _S.STALE),
            *(_S.APPLIED, _S.APPLIED_PENDING_REVIEW),
        }
    ),
    _S.SOAKING: frozenset({_S.WAITING_FOR_GO, _S.APPLYING, _S.HALTED}),
    _S.WAITING_FOR_GO: frozenset({_S.APPLYING, _S.HALTED}),
    _S.HALTED: frozenset({_S.APPLYING, _S.SOAKING, _S.WAITING_FOR_GO, _S.ROLLING_BACK}),
    _S.PARTIALLY_APPLIED: frozenset({_S.APPLYING, _S.ROLLING_BACK}),
    _S.ROLLING_BACK: frozenset({_S.ROLLED_BACK, _S.ROLLBACK_FAILED, _S.REVERTED}),
    _S.ROLLBACK_FAILED: frozenset({_S.ROLLING_BACK}),
    _S.APPLIED: frozenset({_S.REVERT_DUE}),
    _S.APPLIED_PENDING_REVIEW: frozenset({_S.RATIFIED, _S.ROLLING_BACK}),
    _S.RATIFIED: frozenset({_S.REVERT_DUE}),
    _S.REVERT_DUE: frozenset({_S.ROLLING_BACK, _S.APPLIED, _S.REVERTED}),
    _S.REJECTED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.ROLLED_BACK: frozenset(),
    _S.REVERTED: frozenset(),
}

EDITABLE: Final = frozenset(
    {
        *(_S.DRAFT, _S.CHECKS_FAILED, _S.CHANGES_REQUESTED, _S.IN_REVIEW, _S.APPROVED),
        *(_S.SCHEDULED, _S.STALE),
    }
)
"""The states in which the author may still change what is asked for."""

ROLLING: Final = frozenset(
    {
        *(_S.APPLYING, _S.SOAKING, _S.WAITING_FOR_GO, _S.HALTED, _S.PARTIALLY_APPLIED),
        *(_S.ROLLING_BACK, _S.ROLLBACK_FAILED),
    }
)
"""The states in which AWS may hold a part of the change."""

CLOSED: Final = frozenset(
    {
        *(_S.REJECTED, _S.WITHDRAWN, _S.EXPIRED, _S.ROLLED_BACK, _S.REVERTED),
        *(_S.APPLIED, _S.RATIFIED),
    }
)
"""The states in which nobody waits for anything."""
