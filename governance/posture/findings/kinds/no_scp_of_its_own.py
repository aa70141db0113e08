"""Accounts that no SCP below the root guards."""

from typing import Final

from governance.posture.findings.facts import StructureFacts, counted
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingPlace,
    FindingSeverity,
)
from governance.posture.findings.idle_policies import idle_at

KIND: Final = FindingKind(
    code="no_scp_of_its_own",
    label="Inherited SCPs only",
    question="Which accounts have nothing but FullAWSAccess below the root?",
    examines="active accounts",
    order=70,
    needs_scps=True,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Find active accounts on whose way below the root nothing but FullAWSAccess has an effect."""
    answer = FindingAnswer(KIND)
    organization = facts.organization
    scps = organization.service_control
    root_id = organization.root_id
    if root_id is None:
        return answer
    guarded = {target_id: _guards(facts, target_id) for target_id in organization.names}
    at_root = guarded[root_id] or 0
    bare: dict[str, list[FindingPlace]] = {}
    unknown: list[FindingPlace] = []
    for account_id in facts.bound_accounts(root_id):
        if not facts.is_active(account_id):
            continue
        answer.examined += 1
        steps = [step.target_id for step in scps.tree.path(account_id)][1:]
        if any(guarded[step] for step in steps):
            continue
        place = facts.place(account_id)
        if any(guarded[step] is None for step in steps):
            unknown.append(place)
        else:
            bare.setdefault(organization.names[account_id].parent_id or root_id, []).append(place)
    for parent_id, accounts in bare.items():
        parent = facts.place(parent_id)
        answer.findings.append(
            Finding(
                kind=KIND,
                severity=FindingSeverity.MEDIUM if at_root else FindingSeverity.HIGH,
                title=f"{counted(len(accounts), 'account', 'accounts')} in {parent.name} "
                f"{'has' if len(accounts) == 1 else 'have'} no SCP below the root",
                part_title=f"Accounts in {parent.name} have no SCP below the root",
                places=(parent, *accounts),
                measured=(
                    FindingMeasure("Accounts", str(len(accounts))),
                    FindingMeasure("SCPs with an effect below the root", "0"),
                    FindingMeasure("SCPs with an effect at the root", str(at_root)),
                ),
                threshold={"least_scps_below_root": 1},
                remedy="Attach the SCPs of its neighbours, such as those that deny the root user "
                "and other regions; simulate first.",
                accounts=len(accounts),
            )
        )
    answer.cannot_judge(unknown, "An SCP above it cannot be read, so it may guard the account.")
    return answer


def _guards(facts: StructureFacts, target_id: str) -> int | None:
    """Count the SCPs with an effect attached at a target; None: an unreadable one may have one."""
    scps = facts.organization.service_control
    found = sum(
        1
        for policy in scps.readable(target_id)
        if not policy.aws_managed and not idle_at(facts, policy, target_id)
    )
    return None if not found and scps.unreadable.get(target_id) else found
