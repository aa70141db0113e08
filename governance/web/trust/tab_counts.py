"""What the tabs of the Trust screen count: once for each state, as the summaries are."""

from collections.abc import Mapping
from typing import Final

from django.db.models import Count, Max

from governance.access import rights
from governance.approvals.agreements.selectors import agreement_counts
from governance.contracts.kind import CONTRACT
from governance.contracts.matches import contracts_in_force
from governance.posture.state.process_cache import ProcessCache
from governance.posture.trust.models import ExternalParty, TrustFinding
from governance.posture.trust.parties import observed_parties
from governance.posture.trust.selectors import trust_findings
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.summary import StateKey, all_edges, state_of

_KEPT: Final = 48
_HOLD_OR_WAIT: Final = ("active", "proposed")

_counts: Final[ProcessCache[StateKey, Mapping[str, int]]] = ProcessCache(most=_KEPT)


def tab_counts(page: ConnectionPage) -> dict[str, int]:
    """Return by tab what it shows.

    Crossings and Explorer: edges across accounts. External parties: who is let in or named. Paths:
    what is found wrong with paths. Contracts: those in force and those that wait, of who may see
    them.
    """
    named = ExternalParty.objects.filter(connection=page.connection).aggregate(
        count=Count("pk"), last=Max("updated_at")
    )
    sees_contracts = page.may(rights.VIEW_CONTRACTS, None)
    key = (*state_of(page), "tabs", sees_contracts, *named.values())
    return dict(_counts.get(key, lambda: _counted(page, sees_contracts=sees_contracts)))


def _counted(page: ConnectionPage, *, sees_contracts: bool) -> Mapping[str, int]:
    edges = all_edges(page)
    of_paths = trust_findings(page.viewer, connection=page.connection, as_of=page.as_of).filter(
        found_in=TrustFinding.FoundIn.GRAPH
    )
    parties = observed_parties(page.viewer, connection=page.connection, as_of=page.as_of)
    found = {
        "crossings": edges.total,
        "explorer": edges.total,
        "within": edges.within,
        "external_parties": len(parties),
        "paths": of_paths.order_by().count(),
    }
    if not sees_contracts:
        return found
    if page.as_of is not None:
        return found | {"contracts": contracts_in_force(page.connection, page.as_of).count()}
    held = agreement_counts(CONTRACT, page.viewer, connection=page.connection)
    return found | {"contracts": sum(held.get(state, 0) for state in _HOLD_OR_WAIT)}
