"""A change request begun from a simulation's operations."""

from governance.changes.proposals.files import ReadProposal
from governance.simulations.models import Simulation
from governance.simulations.services import operations_of


def proposal_of_simulation(simulation: Simulation) -> ReadProposal:
    """Return what a draft of edits asks for, titled as the draft is called.

    :raises OperationsInvalid: what is stored has another form; only a faulty write could do that.
    """
    operations = tuple(dict(one.as_json()) for one in operations_of(simulation))
    return ReadProposal(operations, texts={"title": simulation.name})
