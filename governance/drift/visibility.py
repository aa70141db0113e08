"""Which drift somebody sees who sees a part of an organization."""

from django.db.models import Q

from governance.drift.models import DriftItem, IgnoreRule
from inventory.viewing import Viewer, rule_for
from inventory.visible_targets import VisibleTargets


def lying_in(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q:
    """Keep the items that lie wholly in accounts and OUs that may be seen."""
    return Q(place_id__any_of=sorted({*targets.accounts, *targets.units}))


def holding_for(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q:
    """Keep the ignore rules of such places."""
    return Q(target_id__any_of=sorted({*targets.accounts, *targets.units}))


def register() -> None:
    """Have `inventory.viewing.visible` limit drift so."""
    rule_for(DriftItem, lying_in)
    rule_for(IgnoreRule, holding_for)
