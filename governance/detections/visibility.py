"""Which detections somebody sees who sees a part of an organization."""

from django.db.models import Q

from governance.detections.models import Detection
from inventory.viewing import Viewer, rule_for
from inventory.visible_targets import VisibleTargets


def in_seen_accounts(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q:
    """Keep those that happened in, or are about, an account that may be seen."""
    return Q(account_id__any_of=targets.account_ids) | Q(
        subject_account_id__any_of=targets.account_ids
    )


def register() -> None:
    """Have `inventory.viewing.visible` limit detections so."""
    rule_for(Detection, in_seen_accounts)
