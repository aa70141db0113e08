"""When windows and freezes let a ring begin: one that has begun is finished."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from governance.changes.models import Rollout
from governance.changes.planning.steps import AwsCall, Step
from governance.changes.planning.tables import is_placeholder
from governance.changes.rollout.plans import objects_of, steps_of
from governance.changes.windows.deciding import ApplyOpening, may_apply_at

# What these write reaches everything that the policy is attached to.
_REACHES_ATTACHED: Final = frozenset({AwsCall.UPDATE_POLICY, AwsCall.DELETE_POLICY})
_PARENTS: Final = ("ParentId", "SourceParentId", "DestinationParentId")


def begins_ring(rollout: Rollout, step: Step) -> bool:
    """Whether a step is the first of its ring."""
    return step.number == 1 or steps_of(rollout)[step.number - 2].ring != step.ring


def ring_opening(rollout: Rollout, number: int, *, now: datetime) -> ApplyOpening:
    """Return whether ring `number` of a rollout may begin now.

    Ways back and emergencies pass over windows and freezes.
    """
    request = rollout.change_request
    if rollout.kind != Rollout.Kind.FORWARD or request.emergency:
        return ApplyOpening(True)
    mine = [step for step in steps_of(rollout) if step.ring == number]
    return may_apply_at(request.connection, sorted(_reached(rollout, mine)), now)


def closed_words(rollout: Rollout, number: int, opening: ApplyOpening) -> str:
    """Say that a ring waits, for what, and when it may begin."""
    ring = next((each["name"] for each in rollout.plan["rings"] if each["number"] == number), "")
    then = opening.next_opening
    until = f"; it begins {then:%Y-%m-%d %H:%M} UTC at the earliest" if then else ""
    return f"{ring or 'the next call'} waits: {opening.reason}{until}"


def _reached(rollout: Rollout, steps: Iterable[Step]) -> Iterator[str]:
    """Yield the roots, OUs and accounts that steps write to, or to whose policies or children."""
    steps = tuple(steps)
    yield from (each for each in objects_of(steps) if not each.startswith("p-"))
    for step in steps:
        given = step.parameters
        if step.call in _REACHES_ATTACHED:
            yield from (rollout.base or {}).get(f"targets/{given['PolicyId']}") or ()
        yield from (
            given[name] for name in _PARENTS if name in given and not is_placeholder(given[name])
        )
