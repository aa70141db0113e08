"""All that the rollout tab shows: the newest rollout as it stands, or the plan before one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.changes.models import Evidence, JournalEntry, Rollout
from governance.changes.planning.steps import Step
from governance.changes.states import ChangeState
from governance.web.rollouts.journal import JournalLine, journal_lines
from governance.web.rollouts.places import PlanPlaces
from governance.web.rollouts.proofs import gaps_by_step
from governance.web.rollouts.rings import RingShown, rings_planned, rings_shown
from governance.web.rollouts.steps import StepGroup, StepShown, step_groups, steps_shown

STEPS_A_PAGE: Final = 100
# The states in which the next call is made without anybody's doing; a gate looks again by itself.
MOVING: Final = frozenset(
    {
        *(ChangeState.APPLYING, ChangeState.SOAKING, ChangeState.ROLLING_BACK),
        ChangeState.WAITING_FOR_GO,
    }
)
SLOW: Final = frozenset({ChangeState.SOAKING, ChangeState.WAITING_FOR_GO})


@dataclass(frozen=True, slots=True)
class Monitor:
    """What the tab shows of a plan. `rollout` is None before the first call.

    `groups`: the steps of this page by ring. `only`: all, done or left. `reached`: accounts that
    the calls made have changed, of `accounts` in all.
    """

    rollout: Rollout | None
    rings: tuple[RingShown, ...]
    steps: tuple[StepShown, ...]
    groups: tuple[StepGroup, ...]
    only: str
    counts: Mapping[str, int]
    first: int
    following: int | None
    before: int | None
    selected: StepShown | None
    lines: tuple[JournalLine, ...]
    reached: int
    accounts: int
    notices: tuple[Mapping[str, Any], ...]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return self.counts["done"]

    @property
    def stages_a_copy(self) -> bool:
        """Whether the new text goes in by a copy."""
        return any(one.policy and one.policy.mark == "copy" for one in self.steps)

    @property
    def stands(self) -> bool:
        """Whether the rollout stopped, or came to an end that the inventory does not show."""
        if self.rollout is None:
            return False
        return (
            self.rollout.halt_requested_at is not None
            or self.rollout.change_request.state == ChangeState.PARTIALLY_APPLIED
            or any(one.state == "stopped" for one in self.steps)
        )

    @property
    def current_ring(self) -> RingShown | None:
        """The ring that is being applied, soaks or waits."""
        return next(
            (one for one in self.rings if one.state in {"applying", "soaking", "waiting"}), None
        )

    @property
    def next_ring(self) -> RingShown | None:
        """The ring after the current one, that its gate leads to."""
        current = self.current_ring
        if current is None:
            return None
        return next((one for one in self.rings if one.number == current.number + 1), None)


@dataclass(frozen=True, slots=True)
class StepsChoice:
    """What of the steps is looked at, from the address."""

    only: str = "all"
    step: int | None = None
    first: int = 1


def read_choice(query: Mapping[str, str]) -> StepsChoice:
    """Read which steps are looked at; what cannot be read counts as not given."""
    only = query.get("steps", "all")
    step, first = query.get("step", ""), query.get("from", "")
    return StepsChoice(
        only=only if only in {"all", "done", "left"} else "all",
        step=int(step) if step.isdecimal() and len(step) < 7 else None,
        first=max(int(first), 1) if first.isdecimal() and len(first) < 7 else 1,
    )


def monitor_of(
    *,
    evidence: Evidence | None,
    rollout: Rollout | None,
    places: PlanPlaces,
    choice: StepsChoice,
    now: datetime,
) -> Monitor | None:
    """Read a request's rollout, or its plan before there is one; None where neither is known."""
    plan: Mapping[str, Any] = evidence.plan if evidence is not None else {}
    if rollout is None and "steps" not in plan:
        return None
    stored = rollout.plan["steps"] if rollout is not None else plan["steps"]
    steps = [Step.from_json(one) for one in stored]
    journal: list[JournalEntry] = list(rollout.journal.all()) if rollout is not None else []
    forward = rollout is None or rollout.kind == Rollout.Kind.FORWARD
    shown = steps_shown(
        steps,
        places=places,
        base=evidence.base if evidence is not None else {},
        journal=journal,
        gaps=gaps_by_step(evidence) if evidence is not None and forward else None,
    )
    if rollout is not None:
        rings = rings_shown(
            rollout.rings.select_related("gate_by"), places=places, steps=shown, now=now
        )
    else:
        rings = rings_planned(plan.get("rings", ()), places=places)
    names = {ring.number: f"Ring {ring.number}" for ring in rings}
    chosen = _chosen(shown, choice.only)
    first = min(choice.first, max(len(chosen), 1))
    page = chosen[first - 1 : first - 1 + STEPS_A_PAGE]
    selected = next((one for one in shown if one.step.number == choice.step), None)
    return Monitor(
        rollout=rollout,
        rings=rings,
        steps=shown,
        groups=step_groups(page, names),
        only=choice.only,
        counts={
            "all": len(shown),
            "done": sum(one.is_done for one in shown),
            "left": sum(not one.is_done for one in shown),
        },
        first=first,
        following=first + STEPS_A_PAGE if first + STEPS_A_PAGE <= len(chosen) else None,
        before=max(first - STEPS_A_PAGE, 1) if first > 1 else None,
        selected=selected,
        lines=journal_lines(one for one in journal if one.step == choice.step),
        reached=max((one.reached for one in shown if one.state != "planned"), default=0),
        accounts=max((one.reached for one in shown), default=0),
        notices=tuple(plan.get("notices", ())) if forward else (),
    )


def _chosen(shown: Sequence[StepShown], only: str) -> Sequence[StepShown]:
    if only == "all":
        return shown
    return [one for one in shown if one.is_done == (only == "done")]
