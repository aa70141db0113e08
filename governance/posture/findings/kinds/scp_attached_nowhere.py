"""SCPs that are attached to no target."""

from typing import Final

from governance.posture.findings.facts import StructureFacts
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingSeverity,
)

KIND: Final = FindingKind(
    code="scp_attached_nowhere",
    label="SCP attached nowhere",
    question="Which SCPs are attached to no target?",
    examines="SCPs",
    order=100,
    needs_scps=True,
    needs_whole=True,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Find SCPs of the customer's without attachments."""
    scps = facts.organization.service_control
    answer = FindingAnswer(KIND)
    attached = {policy.policy_id for found in scps.attached.values() for policy in found}
    for policy in scps.by_id.values():
        if policy.aws_managed:
            continue
        answer.examined += 1
        if policy.policy_id not in attached:
            answer.findings.append(
                Finding(
                    kind=KIND,
                    severity=FindingSeverity.LOW,
                    title=f"{policy.name} is attached to no target",
                    places=(facts.policy_place(policy),),
                    measured=(FindingMeasure("Attachments", "0"),),
                    threshold={"least_attachments": 1},
                    remedy="Attach it, or delete it: people may mistake it for a guardrail.",
                    accounts=0,
                )
            )
    return answer
