"""Roles that most accounts of an OU have and one lacks."""

from collections.abc import Iterator
from typing import Final

from governance.posture.findings.facts import StructureFacts, counted, listed
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingSeverity,
)
from governance.posture.findings.role_units import RoleUnit

KIND: Final = FindingKind(
    code="role_name_drift",
    label="Role missing",
    question="Does an account lack roles that the other accounts of its OU have?",
    examines="OUs with accounts",
    order=40,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Find accounts that lack roles which most accounts of their OU have."""
    answer = FindingAnswer(KIND)
    for unit in facts.role_units:
        facts.cannot_judge_roles(answer, unit)
        if len(unit.known) >= facts.thresholds.missing_least_accounts:
            answer.examined += 1
            answer.findings += _missing(facts, unit)
    return answer


def _missing(facts: StructureFacts, unit: RoleUnit) -> Iterator[Finding]:
    """Yield one finding an account that lacks roles which most of its OU have."""
    limits = facts.thresholds
    lacking: dict[str, list[tuple[str, int]]] = {}
    for (name, _), roles in unit.roles.items():
        holders = {role.account_id for role in roles}
        if limits.missing_majority * len(unit.known) <= len(holders) < len(unit.known):
            for account_id in unit.known:
                if account_id not in holders:
                    lacking.setdefault(account_id, []).append((name, len(holders)))
    for account_id, lacked in lacking.items():
        account, names = facts.place(account_id), sorted(name for name, _ in lacked)
        yield Finding(
            kind=KIND,
            severity=FindingSeverity.MEDIUM,
            title=f"{account.name} lacks {counted(len(names), 'role', 'roles')} that most of "
            f"{facts.place(unit.unit_id).name} have: {listed(names)}",
            part_title=f"{account.name} lacks roles that most of "
            f"{facts.place(unit.unit_id).name} have",
            places=(account, facts.place(unit.unit_id)),
            measured=(
                FindingMeasure("Accounts of the OU that are known", str(len(unit.known))),
                *(
                    FindingMeasure(name, f"in {held} of {len(unit.known)} accounts")
                    for name, held in sorted(lacked)
                ),
            ),
            threshold={
                "majority": limits.missing_majority,
                "least_accounts": limits.missing_least_accounts,
            },
            remedy="Roll the roles out to this account as to the others, or move it to an OU "
            "with similar accounts.",
            accounts=1,
        )
