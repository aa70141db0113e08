"""Roles of one name that let in other principals in one account of an OU than in most."""

from collections.abc import Iterator, Sequence
from typing import Final

from governance.posture.findings.facts import StructureFacts
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingSeverity,
)
from governance.posture.findings.role_differences import differing
from governance.posture.findings.role_units import RoleUnit
from governance.posture.findings.roles_compared import (
    split_by,
    written_trust,
)
from inventory.selectors.roles import RoleRow

KIND: Final = FindingKind(
    code="role_trust_drift",
    label="Role trust differs",
    question="Do roles of one name trust the same principals in all accounts of an OU?",
    examines="roles in several accounts of an OU",
    order=20,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Compare the roles of one name in the accounts of each OU."""
    answer = FindingAnswer(KIND)
    for unit in facts.role_units:
        facts.cannot_judge_roles(answer, unit)
        for roles in unit.shared(facts.thresholds.drift_least_holders):
            answer.examined += 1
            answer.findings += _trust(facts, unit, roles)
    return answer


def _trust(facts: StructureFacts, unit: RoleUnit, roles: Sequence[RoleRow]) -> Iterator[Finding]:
    limits, meanings = facts.thresholds, facts.role_meanings
    split = split_by(roles, meanings.trust, written=written_trust, majority=limits.drift_majority)
    asks = "who is trusted and under which conditions"
    if split is not None and not split.rule:
        # Each may ask for a value of its own, such as its repository; what is asked for is alike.
        split = split_by(
            roles, meanings.trust_shape, written=written_trust, majority=limits.drift_majority
        )
        asks = "trusted principals and condition keys"
    if split is not None:
        yield differing(
            facts,
            unit,
            split,
            kind=KIND,
            severity=FindingSeverity.HIGH,
            subject="Trust policy",
            asks=asks,
            remedy="Set the trust policy as the other accounts have it, or rename the role if it "
            "should differ.",
        )
