"""Trust in a whole account of the organization where one of its principals can make use of it."""

from collections.abc import Iterator
from typing import Final

from governance.posture.paths.findings.graph_facts import graph_of_facts
from governance.posture.paths.graph import EdgeKind, TrustGraph
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.models import TrustEdge
from policies.trust import TrustSeverity


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find roles that trust another account as a whole though exactly one principal can use it.

    Administrators of the source account count: they can, too. Where none can, no principal named.
    """
    graph: TrustGraph | None = None
    for edge in facts.edges:
        if (
            edge.principal_kind != "account"
            or edge.resource_type != "role"
            or edge.state == TrustEdge.EdgeState.BLOCKED
            or edge.principal_account_id == edge.account_id
            or edge.principal_account_id not in facts.organization.names
        ):
            continue
        graph = graph or graph_of_facts(facts)
        target = graph.find(edge.resource_arn)
        if target is None or edge.principal_account_id in graph.unknown_accounts:
            continue
        users = _assuming(graph, target, edge.principal_account_id)
        if len(users) != 1:
            continue
        used_by = graph.node(users[0])
        yield FoundTrust(
            subject_arn=edge.resource_arn,
            account_id=edge.account_id,
            edge_key=edge.key,
            statement=edge.statement,
            message=f"Role {edge.resource_name} in {facts.account_name(edge.account_id)} trusts "
            f"the whole account {facts.account_name(edge.principal_account_id)}, where only "
            f"{used_by.kind.value} {used_by.name} can assume it.",
            evidence={"principal": used_by.id, "account_id": edge.principal_account_id},
            remedy={
                "text": f"Trust {used_by.name} instead of its account, so that others who get "
                "sts:AssumeRole there later have no access.",
                "statement": {"Principal": {"AWS": used_by.id}},
            },
        )


def _assuming(graph: TrustGraph, target: int, account_id: str) -> list[int]:
    """Return the principals of an account that can assume a role."""
    start, end = graph.backward.indptr[target : target + 2]
    numbers = graph.backward.data[start:end] - 1
    sources = graph.sources[numbers]
    place = graph.population.place_of[account_id]
    found = {
        int(source)
        for source, number in zip(sources, numbers, strict=True)
        if source < len(graph.population)
        and graph.population.accounts[source] == place
        and graph.ways[int(graph.way_of[number])].kind is EdgeKind.ASSUMES
    }
    return sorted(found)


KIND: Final = TrustFindingKind(
    code="account-trusted-for-one",
    label="Whole account trusted for one principal",
    question="Which roles trust a whole account although one principal uses them?",
    severity=TrustSeverity.MEDIUM,
    check=check,
)
