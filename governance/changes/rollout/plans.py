"""Plans as rollouts keep them."""

from collections.abc import Mapping
from typing import Any

from governance.changes.evidence.digests import digest_of
from governance.changes.models import Rollout
from governance.changes.planning.steps import PlanRing, Step


def plan_json(plan: Any) -> dict[str, Any]:
    """Return the plan of an evidence as a rollout keeps it: `steps` and `rings`."""
    if isinstance(plan, Mapping):
        return {"steps": list(plan["steps"]), "rings": list(plan.get("rings", ()))}
    return {"steps": list(plan), "rings": []}


def steps_digest(plan: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a plan's steps in their order."""
    return digest_of(list(plan["steps"]))


def steps_of(rollout: Rollout) -> tuple[Step, ...]:
    """Return a rollout's steps in order."""
    return tuple(Step.from_json(each) for each in rollout.plan["steps"])


def rings_of(plan: Mapping[str, Any]) -> tuple[PlanRing, ...]:
    """Return a plan's rings in order; a plan without any has one of all that it does."""
    return tuple(
        PlanRing(
            number=each["number"],
            name=each["name"],
            targets=tuple(each["targets"]),
            soak_minutes=each["soak_minutes"],
            gate=each["gate"],
        )
        for each in plan["rings"]
    )


def objects_of(steps: tuple[Step, ...]) -> frozenset[str]:
    """Return the ids of policies and targets that steps write to, without what they create."""
    names = ("PolicyId", "TargetId", "AccountId", "OrganizationalUnitId", "ResourceId")
    found = {
        str(step.parameters[name]) for step in steps for name in names if name in step.parameters
    }
    found |= {str(step.parameters["RootId"]) for step in steps if "RootId" in step.parameters}
    return frozenset(each for each in found if not each.startswith(("new-", "copy-", "back-")))
