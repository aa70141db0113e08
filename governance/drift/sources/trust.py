"""Trust outside every contract, once contracts say what is meant."""

from typing import Any, Final

from governance.access.owners.labels import LabelMap, label_map
from governance.access.owners.severity import WEIGHT_OF, EffectWeight, severity_of
from governance.drift.difference import DriftWeight, Effect, FoundDifference, Kind, Severity
from governance.drift.sources.source import (
    SourceFindings,
    SourceLook,
    rows_mark,
    unread_accounts,
)
from governance.posture.trust.models import TrustEdge, TrustFinding
from inventory.models import Connection

OUTSIDE_CONTRACTS: Final = "outside-contracts"
"""The finding of trust of which this drift tells."""
_COLLECTORS: Final = ("iam.authorization_details", "s3.")


class ContractDrift:
    """Finds edges of trust that no contract covers, by the findings of contracts."""

    prefix = "trust:"

    def mark(self, connection: Connection) -> str:
        """Return what is equal while no finding of trust began or ended."""
        return rows_mark(connection, TrustFinding)

    def find(self, look: SourceLook) -> SourceFindings:
        """Return the edges that no contract covers."""
        findings = TrustFinding.objects.filter(
            connection=look.connection, code=OUTSIDE_CONTRACTS, seen_until__isnull=True
        )
        rows = list(findings.order_by("key"))
        edges = {
            edge.key: edge
            for edge in TrustEdge.objects.filter(
                connection=look.connection,
                key__in=[row.edge_key for row in rows],
                seen_until__isnull=True,
            )
        }
        places = {item.account_id for item in look.items}
        closed = unread_accounts(look.connection, places, _COLLECTORS)
        unread = {item.subject for item in look.items if item.account_id in closed}
        labels = label_map(look.connection)
        return SourceFindings(
            [_difference(row, edges.get(row.edge_key), labels) for row in rows], unread
        )


def _difference(row: TrustFinding, edge: TrustEdge | None, labels: LabelMap) -> FoundDifference:
    collected: dict[str, Any] = {"message": row.message, "edge_key": row.edge_key}
    if edge is not None:
        collected |= {
            "principal": edge.principal_id,
            "actions": list(edge.actions),
            "crossing": edge.crossing,
            "state": edge.state,
        }
    is_blocked = edge is not None and edge.state == TrustEdge.EdgeState.BLOCKED
    weight = EffectWeight.COSMETIC if is_blocked else WEIGHT_OF[str(row.severity)]
    known = [labels.environment(row.account_id)]
    return FoundDifference(
        kind=Kind.TRUST_OUTSIDE_CONTRACT,
        subject=f"{ContractDrift.prefix}{row.key}",
        target_kind="trust_edge",
        target_id=row.subject_arn,
        target_name=edge.resource_name if edge is not None else row.subject_arn,
        place_id=row.account_id,
        attribute="trust",
        desired={"contract": "one that covers it, or no such trust"},
        collected=collected,
        account_id=row.account_id,
        weight=DriftWeight(
            Effect.COSMETIC if is_blocked else Effect.ALLOWS,
            Severity(severity_of(weight, accounts=1, labels=known)),
            1,
            {"remedy": row.remedy},
        ),
    )
