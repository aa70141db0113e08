"""Keeps evidence for good, each under its own digest."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from governance.changes.evidence.made import MadeEvidence
from governance.changes.models import Evidence
from governance.changes.planning.steps import ChangePlan, PlanNotice, PlanRing, Step


@transaction.atomic
def evidence_store(made: MadeEvidence) -> Evidence:
    """Store evidence and return its row; the same evidence is stored once.

    The caller brings the change request to it, in the same transaction, and records that.
    """
    stored, _ = Evidence.objects.get_or_create(
        sha256=made.sha256,
        defaults={
            "change_request_id": made.change_request_id,
            "revision": made.revision,
            "conclusions_sha256": made.conclusions_sha256,
            "plan_sha256": made.plan_sha256,
            "conclusions": made.conclusions,
            "content": made.content,
            "base": made.base,
            "plan": plan_json(made.plan),
            "run_id": made.run_id,
            "as_of": made.as_of,
            "made_at": made.made_at,
            "seconds": made.seconds,
            "usage_denied": made.usage_denied.value,
        },
    )
    return stored


def plan_json(plan: ChangePlan) -> dict[str, Any]:
    """Return a plan as evidence and rollouts keep it."""
    return {
        "rings": [
            {
                "number": ring.number,
                "name": ring.name,
                "targets": list(ring.targets),
                "soak_minutes": ring.soak_minutes,
                "gate": ring.gate,
            }
            for ring in plan.rings
        ],
        "steps": [step.as_json() for step in plan.steps],
        "rollback": [step.as_json() for step in plan.rollback],
        "notices": [
            {
                "code": one.code,
                "message": one.message,
                "target_ids": list(one.target_ids),
                "operations": list(one.operations),
            }
            for one in plan.notices
        ],
    }


def read_plan(value: Mapping[str, Any]) -> ChangePlan:
    """Read a plan that was stored."""
    return ChangePlan(
        rings=tuple(
            PlanRing(**{**ring, "targets": tuple(ring["targets"])}) for ring in value["rings"]
        ),
        steps=tuple(map(Step.from_json, value["steps"])),
        rollback=tuple(map(Step.from_json, value["rollback"])),
        notices=tuple(
            PlanNotice(
                one["code"],
                one["message"],
                tuple(one["target_ids"]),
                tuple(one.get("operations", ())),
            )
            for one in value["notices"]
        ),
    )
