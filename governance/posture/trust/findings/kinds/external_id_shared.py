"""ExternalIds that several outsiders know."""

from collections.abc import Iterator
from typing import Final

from governance.posture.trust.findings.facts import EdgeFact, TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.models import TrustEdge
from policies.trust import GuardKind, TrustSeverity

_OUTSIDE: Final = (TrustEdge.Crossing.EXTERNAL, TrustEdge.Crossing.VENDOR)


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find edges whose ExternalId is asked of another outsider as well.

    One vendor may have one for all accounts: it is to be another for each vendor, so that none can
    be brought to act for another one's customer.
    """
    by_value: dict[str, list[EdgeFact]] = {}
    for edge in facts.edges:
        if edge.crossing in _OUTSIDE and edge.state != TrustEdge.EdgeState.BLOCKED:
            for value in _external_ids(edge):
                by_value.setdefault(value, []).append(edge)
    told: set[str] = set()
    for value, edges in sorted(by_value.items()):
        parties = {edge.vendor or edge.principal_account_id for edge in edges}
        if len(parties) < 2:
            continue
        for edge in edges:
            if edge.key in told:
                continue
            told.add(edge.key)
            party = edge.vendor or edge.principal_account_id
            others = sorted(parties - {party})
            yield FoundTrust(
                subject_arn=edge.resource_arn,
                account_id=edge.account_id,
                edge_key=edge.key,
                statement=edge.statement,
                message=f"{edge.resource_name} requires an ExternalId from {party} that is also "
                f"required from {', '.join(others[:3])}.",
                evidence={"external_id": value, "others": others},
                remedy={"text": f"Have {party} use an ExternalId of its own."},
            )


def _external_ids(edge: EdgeFact) -> set[str]:
    return {
        value
        for guard in edge.guards
        if guard["kind"] == GuardKind.EXTERNAL_ID and guard["holds"]
        for value in guard["values"]
    }


KIND: Final = TrustFindingKind(
    code="external-id-shared",
    label="ExternalId is shared",
    question="Which ExternalIds do several outsiders know?",
    severity=TrustSeverity.HIGH,
    check=check,
)
