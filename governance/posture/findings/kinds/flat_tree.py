"""Flat OU trees."""

from typing import Final

from governance.posture.findings.facts import StructureFacts, counted
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingSeverity,
    PlaceKind,
)

KIND: Final = FindingKind(
    code="flat_tree",
    label="Flat OU tree",
    question="Where do many accounts share one level?",
    examines="OUs",
    order=110,
    needs_whole=True,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Find levels that many accounts share, so that no policy can tell them apart."""
    answer = FindingAnswer(KIND, examined=len(facts.units))
    limits = facts.thresholds
    root_id = facts.organization.root_id
    if root_id is None:
        return answer
    accounts = len(facts.bound_accounts(root_id))
    depth = max((_depth(facts, unit_id) for unit_id in facts.units), default=0)
    if accounts >= limits.flat_organization_accounts and depth < limits.flat_least_depth:
        answer.findings.append(
            Finding(
                kind=KIND,
                severity=FindingSeverity.MEDIUM,
                title=f"{counted(accounts, 'account shares', 'accounts share')} "
                f"{counted(depth, 'level', 'levels')} of OUs",
                places=(facts.place(root_id),),
                measured=(
                    FindingMeasure("Accounts", f"{accounts:,}"),
                    FindingMeasure("OUs", f"{len(facts.units):,}"),
                    FindingMeasure("Depth of the OU tree", str(depth)),
                ),
                threshold={
                    "accounts": limits.flat_organization_accounts,
                    "least_depth": limits.flat_least_depth,
                },
                remedy="Nest OUs by purpose and then by environment, so that an SCP can limit "
                "production without limiting tests.",
                accounts=accounts,
            )
        )
    for unit_id in facts.units:
        directly = facts.children_of_kind(unit_id, PlaceKind.ACCOUNT)
        below = facts.children_of_kind(unit_id, PlaceKind.ORGANIZATIONAL_UNIT)
        if below or len(directly) < limits.flat_accounts_directly:
            continue
        answer.findings.append(
            Finding(
                kind=KIND,
                severity=FindingSeverity.LOW,
                title=f"{facts.place(unit_id).name} holds {len(directly):,} accounts and no OU",
                part_title=f"{facts.place(unit_id).name} holds many accounts and no OU",
                places=(facts.place(unit_id),),
                measured=(
                    FindingMeasure("Accounts directly in it", f"{len(directly):,}"),
                    FindingMeasure("OUs below", "0"),
                ),
                threshold={"accounts_directly": limits.flat_accounts_directly},
                remedy="Split it by environment or owner where accounts need different guardrails.",
                accounts=len(directly),
            )
        )
    return answer


def _depth(facts: StructureFacts, target_id: str) -> int:
    depth, step = 0, facts.organization.names[target_id]
    while step.parent_id is not None:
        depth, step = depth + 1, facts.organization.names[step.parent_id]
    return depth
