"""Which contracts somebody sees who sees a part of an organization."""

from django.db.models import Q

from governance.approvals.agreements.selectors import about_targets
from governance.contracts.models import TrustContract
from inventory.viewing import Viewer, rule_for
from inventory.visible_targets import VisibleTargets


def letting_into(targets: VisibleTargets, _connection_id: int, viewer: Viewer) -> Q:
    """Keep the contracts that let into what may be seen; people also see those they declared."""
    return about_targets(targets, viewer, "declared_by_id")


def register() -> None:
    """Have `inventory.viewing.visible` limit contracts so."""
    rule_for(TrustContract, letting_into)
