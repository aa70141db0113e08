"""Breaks in the chain of allows: below them nothing can do anything."""

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
from policies.evaluation.aws_rules import unbound_bits

KIND: Final = FindingKind(
    code="broken_allow_chain",
    label="Broken allow chain",
    question="Is there a level at which no SCP allows anything?",
    examines="targets",
    order=10,
    needs_scps=True,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Find the targets at which the last allowed action is lost."""
    answer = FindingAnswer(KIND)
    organization = facts.organization
    scps = organization.service_control
    free = unbound_bits(facts.ceiling_maker.catalogue)
    unknown: list[FindingPlace] = []
    for target_id, name in organization.names.items():
        if target_id == organization.management_account_id:
            continue
        answer.examined += 1
        if facts.ceilings[target_id].possible & ~free:
            continue
        if name.parent_id is not None and not facts.ceilings[name.parent_id].possible & ~free:
            continue
        if scps.is_unknown(target_id):
            unknown.append(facts.place(target_id))
            continue
        answer.findings.append(_finding(facts, target_id))
    answer.cannot_judge(unknown, "An SCP above it cannot be read; it may allow something.")
    return answer


def _finding(facts: StructureFacts, target_id: str) -> Finding:
    scps = facts.organization.service_control
    level = scps.tree.by_id[target_id].level
    place = facts.place(target_id)
    accounts = facts.bound_accounts(target_id)
    active = [account_id for account_id in accounts if facts.is_active(account_id)]
    attached = [policy.name for policy in scps.attached.get(target_id, ())]
    if not level.allows:
        title = f"No SCP at {place.name} allows anything"
        remedy = (
            "Attach FullAWSAccess, or an allow list, at this level. Until then every call of every "
            "principal there is denied, including Orgwarden's audit."
        )
    else:
        title = f"What {place.name} allows and what is allowed above have nothing in common"
        remedy = "An action must be allowed at every level: align the allow lists."
    return Finding(
        kind=KIND,
        severity=FindingSeverity.CRITICAL if active else FindingSeverity.LOW,
        title=title,
        places=(place, *(facts.place(one) for one in accounts if one != target_id)),
        measured=(
            FindingMeasure("Statements that allow, at this level", str(len(level.allows))),
            FindingMeasure("Actions left", "none but those that need no permission"),
            FindingMeasure("SCPs attached", ", ".join(attached) or "none"),
            FindingMeasure("Active accounts", counted(len(active), "account", "accounts")),
        ),
        threshold={"least_actions_allowed": 1},
        remedy=remedy,
        accounts=len(accounts),
    )
