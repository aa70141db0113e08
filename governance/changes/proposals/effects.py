"""What a proposed change would do, before anybody asks for it: simulated, and replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.edits.operations import Operation
from governance.effects.of_edits import simulate
from governance.effects.request_effects import Verdict
from governance.usage.recorded import replay_recorded
from inventory.models import Connection
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class ProposedEffect:
    """What operations would do. Counts are of catalogue actions and accounts, as in the simulator.

    `usage`: what of the recorded use they would have denied, as `replay_result`. `problems`: what
    AWS would refuse, or the checks found.
    """

    denied_actions: int
    denied_accounts: int
    undecided_accounts: int
    problems: tuple[str, ...]
    usage: Mapping[str, Any]


def proposed_effect(
    viewer: Viewer,
    *,
    connection: Connection,
    operations: Sequence[Operation],
    now: datetime,
    days: int | None = None,
) -> ProposedEffect:
    """Simulate operations, and replay the recorded use of the last days through them.

    `days`: how many, None: as the setting says.
    """
    found = simulate(
        viewer, connection=connection, operations=operations, as_of=None, today=now.date()
    )
    effects = found.effects
    denied = 0
    for effect in effects.effects:
        if effect.verdict is Verdict.NEWLY_DENIED:
            denied |= effect.action_bits
    undecided = effects.accounts(Verdict.UNDECIDED) | effects.unknown_accounts
    replayed = replay_recorded(
        viewer, connection=connection, states=found.drafted, now=now, days=days
    )
    return ProposedEffect(
        denied_actions=denied.bit_count(),
        denied_accounts=len(effects.accounts(Verdict.NEWLY_DENIED)),
        undecided_accounts=len(undecided),
        problems=tuple(problem.message for problem in found.drafted.problems),
        usage=replayed.result,
    )
