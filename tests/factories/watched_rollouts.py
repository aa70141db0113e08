"""Rollouts as their rows stand in the database, over the small organization of `snapshots`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from governance.changes.models import ChangeRequest, JournalEntry, Rollout, RolloutRing
from governance.changes.planning.steps import AwsCall, Step
from tests.factories.edits import NOW, PROD, TEST

OLD = "p-regions1"
SCP = "SERVICE_CONTROL_POLICY"
PHASE = JournalEntry.Phase
_BASE = {
    f"policy/{OLD}": {"name": "regions", "type": SCP, "description": "", "text": "{}"},
    f"attached/{TEST}/{SCP}": [OLD],
    f"attached/{PROD}/{SCP}": [OLD],
    f"targets/{OLD}": [PROD, TEST],
}


def staged_steps(old: str = OLD) -> list[Step]:
    """Return a copy put in the place of a policy: Test first, then Prod, then the text itself."""

    def step(number: int, ring: int, call: AwsCall, **parameters: Any) -> Step:
        waits = call is AwsCall.ATTACH_POLICY
        made = "copy-1" if call is AwsCall.CREATE_POLICY else ""
        reason = "As the plan says."
        return Step(number, ring, call, parameters, waits=waits, reason=reason, creates=made)

    calls: list[tuple[int, AwsCall, dict[str, Any]]] = [
        (
            0,
            AwsCall.CREATE_POLICY,
            {"Name": "regions-cr1", "Type": SCP, "Content": "{}"},
        ),
        (1, AwsCall.ATTACH_POLICY, {"PolicyId": "copy-1", "TargetId": TEST}),
        (1, AwsCall.DETACH_POLICY, {"PolicyId": old, "TargetId": TEST}),
        (2, AwsCall.ATTACH_POLICY, {"PolicyId": "copy-1", "TargetId": PROD}),
        (2, AwsCall.DETACH_POLICY, {"PolicyId": old, "TargetId": PROD}),
        (3, AwsCall.UPDATE_POLICY, {"PolicyId": old, "Content": "{}"}),
        (3, AwsCall.ATTACH_POLICY, {"PolicyId": old, "TargetId": TEST}),
        (3, AwsCall.DETACH_POLICY, {"PolicyId": "copy-1", "TargetId": TEST}),
    ]
    return [
        step(number, ring, call, **given) for number, (ring, call, given) in enumerate(calls, 1)
    ]


def plan_json(steps: Sequence[Step] | None = None) -> dict[str, Any]:
    """Return a plan of two rings as evidence holds it."""
    return {
        "rings": [
            {
                "number": number,
                "name": name,
                "targets": [target],
                "soak_minutes": 60,
                "gate": gate,
            }
            for number, name, target, gate in (
                (1, "Test", TEST, "automatic"),
                (2, "Prod", PROD, "manual"),
            )
        ],
        "steps": [one.as_json() for one in steps or staged_steps()],
        "rollback": [],
        "notices": [{"code": "copy", "message": "The text goes in by a copy.", "target_ids": []}],
    }


def rollout_begun(asked: ChangeRequest, *, at: datetime = NOW, done: int = 3) -> Rollout:
    """Store a rollout of `plan_json` whose first `done` steps are read back; ring 1 soaks."""
    rollout = Rollout.objects.create(
        change_request=asked,
        plan=plan_json(),
        plan_sha256=asked.plan_sha256,
        position=done,
        started_by=asked.author,
        started_at=at,
        base=_BASE,
        created={"copy-1": "p-made0001"},
    )
    for ring in plan_json()["rings"]:
        soaks = ring["number"] == 1
        RolloutRing.objects.create(
            rollout=rollout,
            state=RolloutRing.State.SOAKING if soaks else RolloutRing.State.PENDING,
            started_at=at if soaks else None,
            soak_until=at + timedelta(minutes=60) if soaks else None,
            **ring,
        )
    for step in staged_steps()[:done]:
        for number, phase in enumerate((PHASE.INTENT, PHASE.ANSWER, PHASE.READ_BACK)):
            JournalEntry.objects.create(
                rollout=rollout,
                step=step.number,
                phase=phase,
                call=step.call,
                outcome="done" if phase == PHASE.ANSWER else "",
                aws_request_id=f"request-{step.number}" if phase == PHASE.ANSWER else "",
                detail={},
                recorded_at=at + timedelta(seconds=step.number, milliseconds=400 * number),
            )
    return rollout
