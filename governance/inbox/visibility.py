"""Which findings somebody sees who sees a part of the organization."""

from django.db.models import Q

from governance.inbox.models import InboxItem
from inventory.viewing import Viewer, rule_for
from inventory.visible_targets import VisibleTargets


def at_seen_places(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q:
    """Keep what is about an account or OU that may be seen, or concerns such an account from above.

    What rests on more than a part of the organization is left out.
    """
    here = Q(account_id__any_of=targets.account_ids)
    here |= Q(target_id__any_of=[*targets.unit_ids, *targets.account_ids])
    here |= Q(place_id__any_of=[*targets.unit_ids, *targets.account_ids])
    here |= Q(account_ids__overlap=list(targets.account_ids))
    here |= Q(reached_ids__overlap=list(targets.attachment_targets))
    return Q(whole_only=False) & here


def register() -> None:
    """Have `inventory.viewing.visible` limit findings so."""
    rule_for(InboxItem, at_seen_places)
