"""Flat OU trees, and accounts directly under the root."""

from governance.posture.findings.facts import Facts, counted
from governance.posture.findings.finding import (
    Answer,
    Finding,
    FindingKind,
    Measure,
    PlaceKind,
    Severity,
)


def flat_tree(facts: Facts) -> Answer:
    """Find levels that many accounts share, so that no policy can tell them apart."""
    answer = Answer(FindingKind.FLAT_TREE, "OUs", examined=len(facts.units))
    limits = facts.thresholds
    root_id = facts.organization.root_id
    if root_id is None:
        return answer
    accounts = len(facts.bound_accounts(root_id))
    depth = max((_depth(facts, unit_id) for unit_id in facts.units), default=0)
    if accounts >= limits.flat_organization_accounts and depth < limits.flat_least_depth:
        answer.findings.append(
            Finding(
                kind=FindingKind.FLAT_TREE,
                severity=Severity.MEDIUM,
                title=f"{counted(accounts, 'account shares', 'accounts share')} "
                f"{counted(depth, 'level', 'levels')} of OUs",
                places=(facts.place(root_id),),
                measured=(
                    Measure("Accounts", f"{accounts:,}"),
                    Measure("OUs", f"{len(facts.units):,}"),
                    Measure("Depth of the OU tree", str(depth)),
                ),
                threshold={
                    "accounts": limits.flat_organization_accounts,
                    "least_depth": limits.flat_least_depth,
                },
                remedy="Nest OUs by purpose and then by environment, so that an SCP can bind "
                "production without binding what tests it.",
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
                kind=FindingKind.FLAT_TREE,
                severity=Severity.LOW,
                title=f"{facts.place(unit_id).name} holds {len(directly):,} accounts and no OU",
                places=(facts.place(unit_id),),
                measured=(
                    Measure("Accounts directly in it", f"{len(directly):,}"),
                    Measure("OUs below", "0"),
                ),
                threshold={"accounts_directly": limits.flat_accounts_directly},
                remedy="Split it by environment or owner where its accounts need other guardrails.",
                accounts=len(directly),
            )
        )
    return answer


def accounts_under_root(facts: Facts) -> Answer:
    """Find accounts in no OU. The management account may lie there: SCPs do not bind it."""
    answer = Answer(FindingKind.ACCOUNT_UNDER_ROOT, "accounts")
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
                kind=FindingKind.ACCOUNT_UNDER_ROOT,
                severity=Severity.HIGH if facts.is_active(account_id) else Severity.LOW,
                title=f"{place.name} lies directly under the root",
                places=(place, facts.place(root_id)),
                measured=(
                    Measure("OUs above it", "0"),
                    Measure("SCPs attached to the account itself", str(len(own))),
                ),
                threshold={"accounts_under_root": 0},
                remedy="Move it into an OU that has the guardrails it needs. Compare what it may "
                "do there with what it does today first.",
                accounts=1,
            )
        )
    return answer


def _depth(facts: Facts, target_id: str) -> int:
    depth, step = 0, facts.organization.names[target_id]
    while step.parent_id is not None:
        depth, step = depth + 1, facts.organization.names[step.parent_id]
    return depth
