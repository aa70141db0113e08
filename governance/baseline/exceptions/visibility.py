"""Which exceptions somebody sees who sees a part of an organization."""

from django.db.models import Q

from governance.approvals.agreements.selectors import about_targets
from governance.baseline.exceptions.models import GuardrailException
from inventory.viewing import Viewer, rule_for
from inventory.visible_targets import VisibleTargets


def _touching(targets: VisibleTargets, _connection_id: int, viewer: Viewer) -> Q:
    """Keep the exceptions at what may be seen; people also see those they asked for or own."""
    return about_targets(targets, viewer, "asked_by_id", "owner_id")


def register() -> None:
    """Have `inventory.viewing.visible` limit exceptions so."""
    rule_for(GuardrailException, _touching)
