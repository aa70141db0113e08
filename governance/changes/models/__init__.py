"""The tables of change requests."""

from governance.changes.models.discussion import ChangeComment, ChangeContribution
from governance.changes.models.ledger import RingDenials
from governance.changes.models.requests import ChangeRequest, Evidence
from governance.changes.models.rollouts import ChangeLock, JournalEntry, Rollout, RolloutRing

__all__ = [
    "ChangeComment",
    "ChangeContribution",
    "ChangeLock",
    "ChangeRequest",
    "Evidence",
    "JournalEntry",
    "RingDenials",
    "Rollout",
    "RolloutRing",
]
