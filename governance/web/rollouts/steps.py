"""The steps of a plan as rows: what each calls, how far it is, and whom it has reached."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.changes.models import JournalEntry
from governance.changes.planning.steps import PREPARATION_RING, AwsCall, Step
from governance.web.rollouts.places import PlanPlaces, PlanTarget

_PHASE: Final = JournalEntry.Phase
_STATE_OF_PHASE: Final = {
    _PHASE.INTENT: "calling",
    _PHASE.ANSWER: "answered",
    _PHASE.READ_BACK: "read_back",
    _PHASE.SKIPPED: "skipped",
    _PHASE.STOPPED: "stopped",
}


@dataclass(frozen=True, slots=True)
class PolicyMark:
    """Which text a step moves. `mark`: copy, new or old, empty for any other policy."""

    policy_id: str
    name: str
    mark: str


@dataclass(frozen=True, slots=True)
class GapShown:
    """What a state decides or sets otherwise than before and after.

    `kind`: denied, allowed, setting or undecided.
    """

    kind: str
    words: str
    accounts: int


@dataclass(frozen=True, slots=True)
class StepShown:
    """One call as a row.

    `state`: planned, calling, answered, read_back, skipped or stopped. `reached`: accounts that
    the calls up to here have changed. `gaps`: None where the proof is not known.
    """

    step: Step
    policy: PolicyMark | None
    target: PlanTarget | None
    what: str
    state: str
    tries: int
    started_at: datetime | None
    seconds: float | None
    reached: int
    gaps: tuple[GapShown, ...] | None

    @property
    def reached_words(self) -> str:
        """What the line of accounts shows, for those who hear it."""
        return f"{self.reached} accounts after step {self.step.number}"

    @property
    def gap_tone(self) -> str:
        """How its worst gap is judged: what is undecided may be none."""
        kinds = {gap.kind for gap in self.gaps or ()}
        if "denied" in kinds:
            return "bad"
        return "warn" if "allowed" in kinds else "unknown"

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The call's parameters as text."""
        return tuple(
            (name, value if isinstance(value, str) else json.dumps(value))
            for name, value in self.step.parameters.items()
        )

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do for it."""
        return self.state in {"read_back", "skipped"}


@dataclass(frozen=True, slots=True)
class StepGroup:
    """The steps of one ring. `number` 0 prepares; the one after the last ring finishes."""

    number: int
    name: str
    steps: tuple[StepShown, ...]

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(one.is_done for one in self.steps)

    @property
    def started_at(self) -> datetime | None:
        """When the first of them was begun; None before that."""
        return next((one.started_at for one in self.steps if one.started_at), None)


def steps_shown(
    steps: Sequence[Step],
    *,
    places: PlanPlaces,
    base: Mapping[str, Any],
    journal: Iterable[JournalEntry] = (),
    gaps: Mapping[int, tuple[GapShown, ...]] | None = None,
) -> tuple[StepShown, ...]:
    """Prepare all steps in order.

    `base`: the state before, as the evidence keeps it. `gaps`: by step's number, None: not known.
    """
    lines: dict[int, list[JournalEntry]] = {}
    for entry in journal:
        lines.setdefault(entry.step, []).append(entry)
    marks = _PolicyMarks(steps, places)
    reached: set[str] = set()
    attached = attachments_of(base)
    shown = []
    for step in steps:
        changed, attached = reached_by(step, attached)
        reached |= places.accounts_of(changed)
        written = lines.get(step.number, [])
        shown.append(
            StepShown(
                step=step,
                policy=marks.of(step),
                target=_target(step, places),
                what=_what(step, places),
                state=_state(written),
                tries=max((entry.attempt for entry in written), default=0),
                started_at=written[0].recorded_at if written else None,
                seconds=_seconds(written),
                reached=len(reached),
                gaps=None if gaps is None else gaps.get(step.number, ()),
            )
        )
    return tuple(shown)


def step_groups(shown: Sequence[StepShown], ring_names: Mapping[int, str]) -> tuple[StepGroup, ...]:
    """Return the steps by ring, in the plan's order."""
    groups: list[tuple[int, list[StepShown]]] = []
    for one in shown:
        if not groups or groups[-1][0] != one.step.ring:
            groups.append((one.step.ring, []))
        groups[-1][1].append(one)
    return tuple(
        StepGroup(number, _group_name(number, ring_names), tuple(steps)) for number, steps in groups
    )


def _group_name(number: int, names: Mapping[int, str]) -> str:
    if number == PREPARATION_RING:
        return "Preparation"
    return names.get(number, "Finish")


def attachments_of(base: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the targets by policy, as the evidence's base has them."""
    return {
        policy_id: frozenset(policy["attached_to"])
        for policy_id, policy in base.get("policies", {}).items()
    }


def reached_by(
    step: Step, attached: Mapping[str, frozenset[str]]
) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Return the targets that a step changes something at, and the attachments after it."""
    after = dict(attached)
    given = step.parameters
    policy_id, target_id = str(given.get("PolicyId", "")), str(given.get("TargetId", ""))
    if step.call is AwsCall.ATTACH_POLICY:
        after[policy_id] = after.get(policy_id, frozenset()) | {target_id}
        return frozenset({target_id}), after
    if step.call is AwsCall.DETACH_POLICY:
        after[policy_id] = after.get(policy_id, frozenset()) - {target_id}
        return frozenset({target_id}), after
    if step.call is AwsCall.UPDATE_POLICY:
        # A new name or description alone changes what nobody may do.
        return (after.get(policy_id, frozenset()) if "Content" in given else frozenset()), after
    if step.call is AwsCall.MOVE_ACCOUNT:
        return frozenset({str(given["AccountId"])}), after
    if step.call in {AwsCall.ENABLE_POLICY_TYPE, AwsCall.DISABLE_POLICY_TYPE}:
        return frozenset({str(given["RootId"])}), after
    return frozenset(), after


class _PolicyMarks:
    """Marks for steps that concern the copy of a policy, not the policy itself.

    A policy that an attach of `copy-…` stands in for is old until its text is written.
    """

    def __init__(self, steps: Sequence[Step], places: PlanPlaces) -> None:
        self._places = places
        self._names = {
            step.creates: str(step.parameters.get("Name", ""))
            for step in steps
            if step.call is AwsCall.CREATE_POLICY
        }
        copies = any(name.startswith("copy-") for name in self._names)
        self._written_by_end = {
            str(step.parameters["PolicyId"])
            for step in steps
            if copies and step.call is AwsCall.UPDATE_POLICY
        }
        self._updated: set[str] = set()
        self._old = self._written_by_end | (
            {
                str(step.parameters["PolicyId"])
                for step in steps
                if step.call is AwsCall.DETACH_POLICY
            }
            if copies
            else set()
        )

    def of(self, step: Step) -> PolicyMark | None:
        """Return the policy of a step; called for each step in order."""
        policy_id = str(step.parameters.get("PolicyId", ""))
        if step.call is AwsCall.CREATE_POLICY:
            policy_id = step.creates
        if not policy_id:
            return None
        name = self._names.get(policy_id) or self._places.policy_names.get(policy_id, "")
        if step.call is AwsCall.UPDATE_POLICY:
            self._updated.add(policy_id)
        if policy_id.startswith("copy-"):
            mark = "copy"
        elif policy_id in self._updated or policy_id.startswith("new-"):
            mark = "new"
        else:
            mark = "old" if policy_id in self._old else ""
        return PolicyMark(policy_id, name or policy_id, mark)


def _target(step: Step, places: PlanPlaces) -> PlanTarget | None:
    given = step.parameters
    if step.creates:
        return None
    for name in ("TargetId", "AccountId", "RootId", "OrganizationalUnitId"):
        if name in given:
            return places.target(str(given[name]))
    resource = str(given.get("ResourceId", ""))
    return places.target(resource) if resource in places.kinds else None


def _what(step: Step, places: PlanPlaces) -> str:
    """Say what a call does beyond its policy and target; mostly nothing."""
    given = step.parameters
    if step.call is AwsCall.MOVE_ACCOUNT:
        to = places.target(str(given["DestinationParentId"])).name
        return f"from {places.target(str(given['SourceParentId'])).name} to {to}"
    if step.call in {AwsCall.ENABLE_POLICY_TYPE, AwsCall.DISABLE_POLICY_TYPE}:
        return str(given["PolicyType"])
    if step.call is AwsCall.CREATE_ORGANIZATIONAL_UNIT:
        return f"{given['Name']} in {places.target(str(given['ParentId'])).name}"
    if step.call is AwsCall.UPDATE_ORGANIZATIONAL_UNIT:
        return f"to {given['Name']}"
    if step.call is AwsCall.TAG_RESOURCE:
        return ", ".join(f"{tag['Key']} = {tag['Value']}" for tag in given.get("Tags", ()))
    if step.call is AwsCall.UNTAG_RESOURCE:
        return ", ".join(str(key) for key in given.get("TagKeys", ()))
    return ""


def _state(lines: Sequence[JournalEntry]) -> str:
    return _STATE_OF_PHASE[_PHASE(lines[-1].phase)] if lines else "planned"


def _seconds(lines: Sequence[JournalEntry]) -> float | None:
    if len(lines) < 2:
        return None
    return (lines[-1].recorded_at - lines[0].recorded_at).total_seconds()
