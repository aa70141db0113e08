"""SCPs that do nothing: attached nowhere, or no statement of theirs changes anything."""

from dataclasses import dataclass

from governance.posture.ceilings.idle_statements import Idle, Reason
from governance.posture.findings.facts import Facts, counted
from governance.posture.findings.finding import (
    Answer,
    Finding,
    FindingKind,
    Measure,
    Place,
    Severity,
)
from governance.posture.state.organization import ControlPolicies, ControlPolicy
from policies import default_compiler


@dataclass(frozen=True, slots=True)
class IdleStatement:
    """One statement that changes nothing. `number`: its place in the policy, from 1."""

    number: int
    sid: str
    why: Idle
    said: str


def attached_nowhere(facts: Facts) -> Answer:
    """Find SCPs of the customer's without attachments."""
    scps = facts.organization.service_control
    answer = Answer(FindingKind.SCP_ATTACHED_NOWHERE, "SCPs")
    attached = {policy.policy_id for found in scps.attached.values() for policy in found}
    for policy in scps.by_id.values():
        if policy.aws_managed:
            continue
        answer.examined += 1
        if policy.policy_id not in attached:
            answer.findings.append(
                Finding(
                    kind=FindingKind.SCP_ATTACHED_NOWHERE,
                    severity=Severity.LOW,
                    title=f"{policy.name} is attached to no target",
                    places=(facts.policy_place(policy),),
                    measured=(Measure("Attachments", "0"),),
                    threshold={"least_attachments": 1},
                    remedy="Attach it, or delete it: whoever reads the list takes it for a "
                    "guardrail.",
                    accounts=0,
                )
            )
    return answer


def without_effect(facts: Facts) -> Answer:
    """Find attached SCPs no statement of which changes anything, at all their targets or some."""
    scps = facts.organization.service_control
    answer = Answer(FindingKind.SCP_WITHOUT_EFFECT, "attached SCPs")
    unreadable: dict[str, Place] = {}
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


def targets_of(scps: ControlPolicies, policy: ControlPolicy) -> list[str]:
    """Return the targets in the tree that a policy is attached to."""
    return [
        target_id
        for target_id, found in scps.attached.items()
        if policy in found and target_id in scps.tree.by_id
    ]


def idle_at(facts: Facts, policy: ControlPolicy, target_id: str) -> tuple[IdleStatement, ...]:
    """Return why each statement of a policy changes nothing at a target; empty if one does."""
    if policy.document is None:
        return ()
    statements = default_compiler().document(policy.document)
    bound = bool(facts.bound_accounts(target_id))
    found = []
    for number, statement in enumerate(statements, start=1):
        sid = policy.document.statements[number - 1].sid or f"Statement {number}"
        reason = facts.idle_reasons.why(policy, target_id, statement) if bound else _NOBODY
        if reason is None:
            return ()
        found.append(IdleStatement(number, sid, reason.why, reason.said))
    return tuple(found)


_NOBODY = Reason(Idle.REACHES_NOBODY, "no account that SCPs bind lies there")


def _finding(
    facts: Facts,
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
        title = f"{policy.name} changes nothing where it is attached"
    else:
        where = counted(len(idle), "target", "targets")
        title = f"{policy.name} changes nothing at {where} of its {len(targets)}"
    return Finding(
        kind=FindingKind.SCP_WITHOUT_EFFECT,
        severity=Severity.MEDIUM if whole else Severity.LOW,
        title=title,
        places=(facts.policy_place(policy), *places),
        measured=(
            Measure("Targets without effect", f"{len(idle)} of {len(targets)}"),
            Measure("Statements", str(len(policy.document.statements) if policy.document else 0)),
            Measure("Why", ", ".join(_REASONS[reason] for reason in reasons)),
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
        return "Correct the actions' spelling: who wrote it believes that it protects something."
    if Idle.REACHES_NOBODY in reasons:
        return "Detach it there, or move the accounts in that it is meant for."
    return (
        "Detach it there; or, where it was meant to limit, detach the SCP beside it that allows "
        "the rest."
    )
