"""Which edges and findings of trust somebody sees who may see a part of the organization."""

from django.db.models import Q

from governance.posture.trust.models import TrustEdge, TrustFinding
from inventory.viewing import Viewer, in_accounts, rule_for
from inventory.visible_targets import VisibleTargets


def register() -> None:
    """Limit edges to those that begin or end in an account that may be seen."""
    rule_for(TrustEdge, _at_either_end)
    rule_for(TrustFinding, in_accounts)


def _at_either_end(targets: VisibleTargets, _connection_id: int, _viewer: Viewer) -> Q | None:
    return Q(account_id__any_of=targets.account_ids) | Q(
        principal_account_id__any_of=targets.account_ids
    )
