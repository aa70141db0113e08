"""The rings of a rollout as shown: their targets, how many accounts, how long they soak still."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from governance.changes.models import RolloutRing
from governance.web.parts.people import name_of
from governance.web.rollouts.places import PlanPlaces, PlanTarget
from governance.web.rollouts.steps import StepShown

_TARGETS_SHOWN: Final = 6
_STATE: Final = RolloutRing.State


@dataclass(frozen=True, slots=True)
class RingTarget:
    """One target of a ring. `done`: how many of its accounts the calls have reached."""

    place: PlanTarget
    done: int


@dataclass(frozen=True, slots=True)
class RingShown:
    """One ring. `state`: of `RolloutRing.State`, or planned before the rollout.

    `bar`: how full its line is, of `bar_whole`: minutes while it soaks, accounts otherwise.
    `more`: targets beyond those shown. `soak_left`: seconds, None while it does not soak.
    """

    number: int
    name: str
    state: str
    targets: tuple[RingTarget, ...]
    more: int
    accounts: int
    done: int
    soak_minutes: int
    gate: str
    bar: int
    bar_whole: int
    soak_left: float | None = None
    soak_until: datetime | None = None
    started_at: datetime | None = None
    applied_at: datetime | None = None
    gate_at: datetime | None = None
    gate_by: str = ""
    gate_reason: str = ""

    @property
    def look_state(self) -> str:
        """The state's look: a ring that waits for its go looks as the request then does."""
        return "waiting_for_go" if self.state == "waiting" else self.state

    @property
    def has_name(self) -> bool:
        """Whether its name says more than its number and its only target."""
        known = {"", f"ring {self.number}"}
        if len(self.targets) == 1:
            known.add(self.targets[0].place.name.casefold())
        return self.name.casefold() not in known

    @property
    def bar_words(self) -> str:
        """What its line shows, for those who hear it."""
        if self.soak_left is not None:
            return f"Soaked {minutes_words(self.bar)} of {self.soak_words}"
        return f"{self.bar} of {self.bar_whole} accounts reached"

    @property
    def soak_words(self) -> str:
        """How long the ring soaks in all."""
        return minutes_words(self.soak_minutes)

    @property
    def left_words(self) -> str:
        """How long it soaks still."""
        return "" if self.soak_left is None else minutes_words(int(-(-self.soak_left // 60)))


def minutes_words(minutes: int) -> str:
    """Say a span: `45 min`, `17 h 48 min`, `48 h`, `3 days`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    if hours > 72 and not rest and not hours % 24:
        return f"{hours // 24} days"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def rings_planned(rings: Iterable[dict[str, Any]], *, places: PlanPlaces) -> tuple[RingShown, ...]:
    """Prepare the rings of a plan that no rollout has begun."""
    shown = []
    for ring in rings:
        targets = [str(one) for one in ring["targets"]]
        accounts = len(places.accounts_of(targets))
        shown.append(
            RingShown(
                number=int(ring["number"]),
                name=str(ring["name"]),
                state="planned",
                targets=_targets(targets, places, frozenset()),
                more=max(len(targets) - _TARGETS_SHOWN, 0),
                accounts=accounts,
                done=0,
                soak_minutes=int(ring["soak_minutes"]),
                gate=str(ring["gate"]),
                bar=0,
                bar_whole=accounts,
            )
        )
    return tuple(shown)


def rings_shown(
    rings: Iterable[RolloutRing],
    *,
    places: PlanPlaces,
    steps: Sequence[StepShown],
    now: datetime,
) -> tuple[RingShown, ...]:
    """Prepare the rings of a rollout as they stand."""
    shown = []
    for ring in rings:
        reached = places.accounts_of(
            one.target.target_id
            for one in steps
            if one.step.ring == ring.number and one.state == "read_back" and one.target
        )
        if ring.state in {_STATE.SOAKING, _STATE.WAITING, _STATE.DONE}:
            reached = places.accounts_of(ring.targets)
        shown.append(_ring_shown(ring, places, reached, now))
    return tuple(shown)


def _ring_shown(
    ring: RolloutRing, places: PlanPlaces, reached: frozenset[str], now: datetime
) -> RingShown:
    accounts = places.accounts_of(ring.targets)
    done = len(reached & accounts)
    bar, whole, left = done, len(accounts), None
    if ring.state == _STATE.SOAKING and ring.soak_until is not None:
        left = max((ring.soak_until - now) / timedelta(seconds=1), 0.0)
        whole = max(ring.soak_minutes, 1)
        bar = max(whole - int(-(-left // 60)), 0)
    by = ring.gate_by
    return RingShown(
        number=ring.number,
        name=ring.name,
        state=ring.state,
        targets=_targets(ring.targets, places, reached),
        more=max(len(ring.targets) - _TARGETS_SHOWN, 0),
        accounts=len(accounts),
        done=done,
        soak_minutes=ring.soak_minutes,
        gate=ring.gate,
        bar=bar,
        bar_whole=whole,
        soak_left=left,
        soak_until=ring.soak_until,
        started_at=ring.started_at,
        applied_at=ring.applied_at,
        gate_at=ring.gate_at,
        gate_by="" if by is None else name_of(by),
        gate_reason=ring.gate_reason,
    )


def _targets(
    target_ids: Sequence[str], places: PlanPlaces, reached: frozenset[str]
) -> tuple[RingTarget, ...]:
    return tuple(
        RingTarget(places.target(one), len(places.accounts_of([one]) & reached))
        for one in target_ids[:_TARGETS_SHOWN]
    )
