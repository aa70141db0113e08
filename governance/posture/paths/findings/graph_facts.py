"""The graph that findings are asked of: everything of one organization as it is now."""

from governance.posture.paths.building import load_graph
from governance.posture.paths.graph import TrustGraph
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.inputs import VIEWER


def graph_of_facts(facts: TrustFacts) -> TrustGraph:
    """Return the graph of all that is collected; kinds that are asked together share it."""
    return load_graph(VIEWER, connection=facts.connection)
