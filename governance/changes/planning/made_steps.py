"""Puts the calls of a plan into steps, one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from governance.changes.planning.base import ChangeDelta, PlannedCall
from governance.changes.planning.steps import PREPARATION_RING, AwsCall, Step

REQUEST_TAG: Final = "orgwarden:change-request"
"""The tag on everything that a plan creates; its value is the request's number."""


@dataclass
class MadeSteps:
    """The steps of a plan so far. `request_number`: tags what is created. `ring`: of what comes."""

    delta: ChangeDelta
    request_number: int
    steps: list[Step] = field(default_factory=list)
    ring: int = PREPARATION_RING

    def call(self, call: PlannedCall, reason: str) -> None:
        """Add a call that attaches, detaches, moves or updates."""
        optional = False
        match call.call:
            case AwsCall.UPDATE_POLICY:
                self.update(call.subject_id, reason)
                return
            case AwsCall.MOVE_ACCOUNT:
                source = self.delta.base.organization.names[call.subject_id].parent_id
                given: dict[str, Any] = {
                    "AccountId": call.subject_id,
                    "SourceParentId": source,
                    "DestinationParentId": call.place_id,
                }
            case _:
                given = {"PolicyId": call.subject_id, "TargetId": call.place_id}
                optional = not self.delta.is_changeable(call.place_id)
        self.add(call.call, given, optional=optional, reason=reason)

    def update(self, policy_id: str, reason: str) -> None:
        """Add an UpdatePolicy with the text that a policy gets."""
        given = {"PolicyId": policy_id, "Content": self.delta.text(policy_id)}
        self.add(AwsCall.UPDATE_POLICY, given, reason=reason)

    def create(
        self,
        new_id: str,
        name: str,
        kind: str,
        text: str,
        description: str,
        tags: Mapping[str, str],
        reason: str,
    ) -> None:
        """Add a CreatePolicy; `new_id` stands for what it makes."""
        self.add(
            AwsCall.CREATE_POLICY,
            {
                "Name": name,
                "Type": kind,
                "Description": description,
                "Content": text,
                "Tags": self.tags(tags),
            },
            reason=reason,
            creates=new_id,
        )

    def tags(self, tags: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the tags of something that the plan makes, the request's among them."""
        return tag_list({**tags, REQUEST_TAG: str(self.request_number)})

    def add(
        self,
        call: AwsCall,
        given: Mapping[str, Any],
        *,
        waits: bool = False,
        optional: bool = False,
        reason: str = "",
        creates: str = "",
    ) -> None:
        """Add a step."""
        number = len(self.steps) + 1
        self.steps.append(
            Step(number, self.ring, call, dict(given), waits, optional, reason, creates)
        )

    def wait(self) -> None:
        """Let propagation be waited for after the last step."""
        if self.steps:
            self.steps[-1] = replace(self.steps[-1], waits=True)


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as AWS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
