"""Which exceptions somebody sees who sees a part of an organization."""

from django.db.models import Q

from governance.baseline.exceptions.models import GuardrailException
from inventory.viewing import Viewer, rule_for
from inventory.visible_targets import VisibleTargets


def _touching(targets: VisibleTargets, _connection_id: int, viewer: Viewer) -> Q:
    """Keep the exceptions at what may be seen, or at an OU that it lies in.

    People also see those that they asked for or own and those that wait for them; a token that is
    limited to places does not.
    """
    seen = Q(target_ids__overlap=[*targets.account_ids, *targets.unit_ids, *targets.ancestor_ids])
    if viewer.token_places is None:
        seen |= Q(asked_by_id=viewer.person_id) | Q(owner_id=viewer.person_id)
        seen |= Q(waiting_for__contains=[viewer.person_id])
    return seen


def register() -> None:
    """Have `inventory.viewing.visible` limit exceptions so."""
    rule_for(GuardrailException, _touching)
