"""Attached SCPs of which no statement changes anything."""

from typing import Final

from governance.posture.ceilings.idle_statements import Idle
from governance.posture.findings.facts import StructureFacts, counted
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingPlace,
    FindingSeverity,
)
from governance.posture.findings.idle_policies import IdleStatement, idle_at, targets_of
from governance.posture.state.organization import ControlPolicy

KIND: Final = FindingKind(
    code="scp_without_effect",
    label="SCP without effect",
    question="Which attached SCPs change nothing?",
    examines="attached SCPs",
    order=90,
    needs_scps=True,
    needs_whole=True,
)


def check(facts: StructureFacts) -> FindingAnswer:
    """Find attached SCPs no statement of which changes anything, at all their targets or some."""
    scps = facts.organization.service_control
    answer = FindingAnswer(KIND)
    unreadable: dict[str, FindingPlace] = {}
    for policy in scps.by_id.values():
        targets = targets_of(scps, policy)
        if policy.aws_managed or not targets:
            continue
        if policy.document is None:
            unreadable[policy.policy_id] = facts.policy_place(policy)
            continue
        answer.examined += 1
        idle = {
            target_id: found
            for target_id in targets
            if (found := idle_at(facts, policy, target_id))
        }
        if idle:
            answer.findings.append(_finding(facts, policy, targets, idle))
    answer.cannot_judge(list(unreadable.values()), "The policy's text cannot be read.")
    return answer


def _finding(
    facts: StructureFacts,
    policy: ControlPolicy,
    targets: list[str],
    idle: dict[str, tuple[IdleStatement, ...]],
) -> Finding:
    whole = len(idle) == len(targets)
    reach = {account for target_id in idle for account in facts.bound_accounts(target_id)}
    places = [
        facts.place(target_id, "; ".join(dict.fromkeys(f"{one.sid}: {one.said}" for one in found)))
        for target_id, found in idle.items()
    ]
    reasons = sorted({one.why for found in idle.values() for one in found})
    if whole:
        title = part_title = f"{policy.name} changes nothing where it is attached"
    else:
        where = counted(len(idle), "target", "targets")
        title = f"{policy.name} changes nothing at {where} of its {len(targets)}"
        part_title = f"{policy.name} changes nothing at some of its targets"
    return Finding(
        kind=KIND,
        severity=FindingSeverity.MEDIUM if whole else FindingSeverity.LOW,
        title=title,
        part_title=part_title,
        places=(facts.policy_place(policy), *places),
        measured=(
            FindingMeasure("Targets without effect", f"{len(idle)} of {len(targets)}"),
            FindingMeasure(
                "Statements", str(len(policy.document.statements) if policy.document else 0)
            ),
            FindingMeasure("Why", ", ".join(_REASONS[reason] for reason in reasons)),
        ),
        threshold={"least_statements_with_effect": 1},
        remedy=_remedy(reasons),
        accounts=len(reach),
    )


_REASONS = {
    Idle.NO_ACTION: "no such action",
    Idle.NEVER_BOUND: "no action that SCPs limit",
    Idle.COVERED: "said already by another SCP",
    Idle.DENIED_ANYWAY: "denied there anyway",
    Idle.NOTHING_LEFT: "not allowed there anyway",
    Idle.REACHES_NOBODY: "reaches no account",
}


def _remedy(reasons: list[Idle]) -> str:
    if Idle.NO_ACTION in reasons:
        return "Correct the actions' spelling: as written it protects nothing."
    if Idle.REACHES_NOBODY in reasons:
        return "Detach it there, or move the intended accounts there."
    return (
        "Detach it there; or, where it was meant to limit, detach the SCP beside it that allows "
        "the rest."
    )
