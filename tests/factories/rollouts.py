"""Change requests that are approved, and their rollouts."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from governance.access.actors import user_actor
from governance.approvals.models import Review, ReviewVerdict
from governance.audit import actions
from governance.audit.services import audit_record
from governance.changes.evidence.digests import plan_digest
from governance.changes.models import ChangeRequest, Evidence
from governance.changes.planning.steps import AwsCall, PlanRing, Step
from governance.changes.states import ChangeState
from inventory.models import Connection
from inventory.viewing import Place
from tests.factories.people import give_role

SCP = "SERVICE_CONTROL_POLICY"


_CREATED = {"CreatePolicy": "PolicyId", "CreateOrganizationalUnit": "OrganizationalUnitId"}


def steps(*calls: tuple[Any, ...]) -> list[Step]:
    """Return steps from (ring, call, parameters[, waits[, optional]]) in their order.

    What a call creates is named among its parameters.
    """
    return [
        Step(
            number=number,
            ring=ring,
            call=AwsCall(call),
            parameters={
                name: value for name, value in parameters.items() if name != _CREATED.get(call)
            },
            waits=bool(rest[:1] and rest[0]),
            optional=bool(rest[1:2] and rest[1]),
            creates=parameters[_CREATED[call]] if call in _CREATED else "",
        )
        for number, (ring, call, parameters, *rest) in enumerate(calls, start=1)
    ]


def staged_copy(
    targets: Sequence[Sequence[str]], *, text: str, policy_id: str = "p-guard00"
) -> list[Step]:
    """Return a plan that brings a text to a policy by a copy, ring after ring, and takes it back.

    `targets`: of each ring. The policy has its id in the end.
    """
    calls: list[tuple[Any, ...]] = [
        (
            0,
            "CreatePolicy",
            {
                "PolicyId": "copy-1",
                "Name": "guard (change)",
                "Type": SCP,
                "Description": "",
                "Content": text,
            },
        ),
    ]
    for ring, names in enumerate(targets, start=1):
        calls += [
            (ring, "AttachPolicy", {"PolicyId": "copy-1", "TargetId": each}, each == names[-1])
            for each in names
        ]
        calls += [
            (ring, "DetachPolicy", {"PolicyId": policy_id, "TargetId": each}, each == names[-1])
            for each in names
        ]
    last = len(targets) + 1
    every = [each for names in targets for each in names]
    calls.append((last, "UpdatePolicy", {"PolicyId": policy_id, "Content": text}))
    calls += [
        (last, "AttachPolicy", {"PolicyId": policy_id, "TargetId": each}, each == every[-1])
        for each in every
    ]
    calls += [(last, "DetachPolicy", {"PolicyId": "copy-1", "TargetId": each}) for each in every]
    calls.append((last, "DeletePolicy", {"PolicyId": "copy-1"}))
    return steps(*calls)


def ring(number: int, targets: Sequence[str], *, soak: int = 0, gate: str = "manual") -> Any:
    """Return a ring of a plan as evidence stores it."""
    return {
        "number": number,
        "name": f"Ring {number}",
        "targets": list(targets),
        "soak_minutes": soak,
        "gate": gate,
    }


def approved_request(
    connection: Connection,
    plan: Sequence[Step],
    *,
    author: User,
    approver: User | None,
    rings: Sequence[Any] = (),
    base: Any = None,
    now: datetime,
    number: int = 1,
    **fields: Any,
) -> ChangeRequest:
    """Store a request whose plan `approver` has approved; without one nobody has."""
    stored = {"steps": [step.as_json() for step in plan], "rings": list(rings)}
    base = base or {"policies": {}, "targets": {}, "enabled_types": []}
    # Tests tell their plans apart by what they conclude; they need no operations.
    conclusions = {"number": number, "plan": stored["steps"]}
    digest = plan_digest(
        operations=(),
        targets=base["targets"],
        rings=[PlanRing(**{**one, "targets": tuple(one["targets"])}) for one in rings],
        conclusions=conclusions,
    )
    made = ChangeRequest.objects.create(
        connection=connection,
        number=number,
        title="Guard more",
        author=author,
        state=ChangeState.DRAFT,
        state_at=now,
        created_at=now,
        updated_at=now,
        plan_sha256=digest,
    )
    made.evidence = Evidence.objects.create(
        change_request=made,
        revision=1,
        sha256=hashlib.sha256(digest.encode()).hexdigest(),
        conclusions_sha256=digest,
        plan_sha256=digest,
        conclusions=conclusions,
        content={"targets": []},
        base=base,
        plan=stored,
        made_at=now,
        seconds=0.1,
    )
    made.state = ChangeState.APPROVED
    for name, value in fields.items():
        setattr(made, name, value)
    made.save()
    if approver is not None:
        approve(made, approver, now=now)
    return made


def approve(
    request: ChangeRequest,
    approver: User,
    *,
    now: datetime,
    verdict: ReviewVerdict = ReviewVerdict.APPROVE,
) -> Review:
    """Have somebody who may approve a request as it stands, or not, with its audit entry."""
    if not approver.role_assignments.exists():
        give_role(approver, "approver", Place(request.connection_id))
    with transaction.atomic():
        entry = audit_record(
            actor=user_actor(approver),
            action=actions.CHANGE_REVIEW,
            object_kind="change_request",
            object_id=str(request.number),
            connection_id=request.connection_id,
            after={"verdict": verdict.value, "digest": request.plan_sha256, "stepped_up": False},
            now=now,
        )
        return Review.objects.create(
            connection=request.connection,
            subject_kind="change_request",
            subject_id=str(request.pk),
            digest=request.plan_sha256,
            reviewer=approver,
            verdict=verdict,
            audit_entry=entry,
            created_at=now,
        )
