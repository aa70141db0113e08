"""Accounts directly under the root."""

from typing import Final

from governance.posture.findings.facts import StructureFacts
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingSeverity,
    PlaceKind,
)

KIND: Final = FindingKind(
    code="account_under_root",
    label="Account under the root",
    question="Which accounts lie in no OU?",
    examines="accounts",
    order=50,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Find accounts in no OU. The management account may lie there: SCPs do not bind it."""
    answer = FindingAnswer(KIND)
    root_id = facts.organization.root_id
    if root_id is None:
        return answer
    answer.examined = len(facts.bound_accounts(root_id))
    for account_id in facts.children_of_kind(root_id, PlaceKind.ACCOUNT):
        if account_id == facts.organization.management_account_id:
            continue
        place = facts.place(account_id)
        policies = facts.organization.service_control.attached
        own = [p for p in policies.get(account_id, ()) if not p.aws_managed]
        answer.findings.append(
            Finding(
                kind=KIND,
                severity=FindingSeverity.HIGH
                if facts.is_active(account_id)
                else FindingSeverity.LOW,
                title=f"{place.name} lies directly under the root",
                places=(place, facts.place(root_id)),
                measured=(
                    FindingMeasure("OUs above it", "0"),
                    FindingMeasure("SCPs attached to the account itself", str(len(own))),
                ),
                threshold={"accounts_under_root": 0},
                remedy="Move it into an OU that has the guardrails it needs. Compare what it may "
                "do there with what it does today first.",
                accounts=1,
            )
        )
    return answer
