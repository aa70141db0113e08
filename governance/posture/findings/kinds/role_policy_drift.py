"""Roles of one name that have other policies in one account of an OU than in most."""

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
    written_policies,
)
from inventory.selectors.roles import RoleRow

_ADMINISTRATOR: Final = ":policy/AdministratorAccess"

KIND: Final = FindingKind(
    code="role_policy_drift",
    label="Role policies differ",
    question="Do roles of one name have the same policies in all accounts of an OU?",
    examines="roles in several accounts of an OU",
    order=30,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Compare the roles of one name in the accounts of each OU."""
    answer = FindingAnswer(KIND)
    for unit in facts.role_units:
        facts.cannot_judge_roles(answer, unit)
        for roles in unit.shared(facts.thresholds.drift_least_holders):
            answer.examined += 1
            answer.findings += _policies(facts, unit, roles)
    return answer


def _policies(facts: StructureFacts, unit: RoleUnit, roles: Sequence[RoleRow]) -> Iterator[Finding]:
    split = split_by(
        roles,
        facts.role_meanings.policies,
        written=written_policies,
        majority=facts.thresholds.drift_majority,
    )
    if split is None:
        return
    if not split.rule and split.ways == len(roles) > 2:
        # Every account has its own: nothing that one of them departs from.
        return
    wider = any(_is_administrator(role) for role in split.astray) and not any(
        _is_administrator(role) for role in split.rule
    )
    yield differing(
        facts,
        unit,
        split,
        kind=KIND,
        said=_policies_said,
        of_rule="The majority has",
        severity=FindingSeverity.HIGH if wider else FindingSeverity.MEDIUM,
        subject="Policies",
        asks="managed and inline policies and the boundary",
        remedy="Attach what the other accounts have attached, or rename the role if it should "
        "differ.",
    )


def _is_administrator(role: RoleRow) -> bool:
    return any(arn.endswith(_ADMINISTRATOR) for arn in role.attached_policy_arns)


def _policies_said(role: RoleRow) -> str:
    names = [arn.rpartition("/")[2] for arn in role.attached_policy_arns]
    names += [f"{name} (inline)" for name, _ in role.inline]
    if role.boundary_arn:
        names.append(f"boundary {role.boundary_arn.rpartition('/')[2]}")
    return ", ".join(names) or "no policy"
