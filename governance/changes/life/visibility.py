"""Which requests somebody sees who sees a part of an organization."""

from django.db.models import Q

from governance.changes.models import ChangeRequest
from inventory.viewing import Viewer, rule_for
from inventory.visible_targets import VisibleTargets


def reaching(targets: VisibleTargets, _connection_id: int, viewer: Viewer) -> Q:
    """Keep the requests that reach what may be seen.

    People also see their own, and those that wait for them; a token that is limited to places
    does not.
    """
    seen = Q(object_ids__overlap=[*targets.account_ids, *targets.unit_ids])
    seen |= Q(reaching_ids__overlap=list(targets.ancestor_ids))
    if viewer.token_places is None:
        seen |= Q(author_id=viewer.person_id)
        seen |= Q(waiting_for__contains=[viewer.person_id])
    return seen


def register() -> None:
    """Have `inventory.viewing.visible` limit requests so."""
    rule_for(ChangeRequest, reaching)
