"""A plan: single AWS calls in order, each in one ring, and what the planner has to say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from governance.edits.operations import JsonObject

PREPARATION_RING = 0


class AwsCall(StrEnum):
    """The calls of AWS Organizations that a plan is made of, by their names."""

    CREATE_POLICY = "CreatePolicy"
    UPDATE_POLICY = "UpdatePolicy"
    DELETE_POLICY = "DeletePolicy"
    ATTACH_POLICY = "AttachPolicy"
    DETACH_POLICY = "DetachPolicy"
    ENABLE_POLICY_TYPE = "EnablePolicyType"
    DISABLE_POLICY_TYPE = "DisablePolicyType"
    MOVE_ACCOUNT = "MoveAccount"
    CREATE_ORGANIZATIONAL_UNIT = "CreateOrganizationalUnit"
    UPDATE_ORGANIZATIONAL_UNIT = "UpdateOrganizationalUnit"
    DELETE_ORGANIZATIONAL_UNIT = "DeleteOrganizationalUnit"
    TAG_RESOURCE = "TagResource"
    UNTAG_RESOURCE = "UntagResource"


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `number` from 1; `ring` 0 prepares, 1 and up are the rings, one more finishes.

    `parameters`: as AWS names them (PolicyId, TargetId, Content, …). An id that begins with
    `new-` or `copy-` stands for what an earlier step of this plan creates. `waits`: the next step
    is made only after propagation. `optional`: a target that cannot be changed may be skipped.
    `reason`: why this call, in one sentence. `creates`: of a call that creates something, the id
    that stands for it in later steps; AWS gives the real one.
    """

    number: int
    ring: int
    call: AwsCall
    parameters: Mapping[str, Any]
    waits: bool = False
    optional: bool = False
    reason: str = ""
    creates: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the step as `from_json` reads it."""
        return {
            "number": self.number,
            "ring": self.ring,
            "call": self.call.value,
            "parameters": dict(self.parameters),
            "waits": self.waits,
            "optional": self.optional,
            "reason": self.reason,
            "creates": self.creates,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read a step that was stored."""
        return cls(**{**value, "call": AwsCall(value["call"])})


@dataclass(frozen=True, slots=True)
class PlanNotice:
    """What the planner says of its choice: a `code` for programs and a sentence for people.

    `operations`: what the request can hold instead: in place of the move of an OU, or added; empty:
    nothing is offered.
    """

    code: str
    message: str
    target_ids: tuple[str, ...] = ()
    operations: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanRing:
    """One ring as planned. `gate`: automatic or manual."""

    number: int
    name: str
    targets: tuple[str, ...]
    soak_minutes: int
    gate: str


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """The steps in order and the rings they belong to; `rollback`: the way back from the end.

    What the planner says of its choice stands in `notices`.
    """

    rings: tuple[PlanRing, ...]
    steps: tuple[Step, ...]
    rollback: tuple[Step, ...] = ()
    notices: tuple[PlanNotice, ...] = field(default=())
