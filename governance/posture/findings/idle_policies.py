"""SCPs that do nothing: attached nowhere, or no statement of theirs changes anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from governance.posture.findings.facts import Facts, counted
from governance.posture.findings.finding import (
    Answer,
    Finding,
    FindingKind,
    Measure,
    Place,
    Severity,
)
from governance.posture.organization import ControlPolicies, ControlPolicy
from policies import CompiledStatement, Effect, default_compiler
from policies.coverage import covers


class Idle(StrEnum):
    """Why a statement changes nothing at a target.

    NO_ACTION: no action of AWS matches. COVERED: another policy there or above says it already.
    NOTHING_LEFT: what it speaks of is not allowed there in any case. REACHES_NOBODY: no account
    that SCPs bind lies at or below the target.
    """

    NO_ACTION = "no_action"
    COVERED = "covered"
    NOTHING_LEFT = "nothing_left"
    REACHES_NOBODY = "reaches_nobody"


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
        why = _why_idle(facts, policy, target_id, statement) if bound else _NOBODY
        if why is None:
            return ()
        found.append(IdleStatement(number, sid, *why))
    return tuple(found)


_NOBODY = (Idle.REACHES_NOBODY, "no account that SCPs bind lies there")


def _why_idle(
    facts: Facts, policy: ControlPolicy, target_id: str, statement: CompiledStatement
) -> tuple[Idle, str] | None:
    if not statement.action_bits:
        patterns = statement.action_patterns
        return Idle.NO_ACTION, f"AWS has no action {', '.join(patterns[:3])}" + (
            f" nor the {len(patterns) - 3} others" if len(patterns) > 3 else ""
        )
    for other_id, other, there in _others(facts, policy, target_id, statement.effect):
        if covers(there, statement):
            verb = "denies" if statement.effect is Effect.DENY else "allows"
            where = facts.place(other_id).name
            return Idle.COVERED, f"{other.name} at {where} {verb} it already"
    left = _left_without(facts, target_id, statement.effect)
    if left is not None and not statement.action_bits & left:
        return Idle.NOTHING_LEFT, "nothing it speaks of is allowed there in any case"
    return None


def _others(
    facts: Facts, policy: ControlPolicy, target_id: str, effect: Effect
) -> Iterator[tuple[str, ControlPolicy, CompiledStatement]]:
    """Yield the statements that can make one of `effect` needless.

    For a deny those above and beside it; for an allow those beside it, since every level must
    allow for itself. Of two policies at one target that say the same, the later in the list is
    needless.
    """
    scps = facts.organization.service_control
    steps = scps.tree.path(target_id)
    compiler = default_compiler()
    for step in steps if effect is Effect.DENY else steps[-1:]:
        here = scps.readable(step.target_id)
        mine = here.index(policy) if step.target_id == target_id and policy in here else -1
        for number, other in enumerate(here):
            if other is policy or other.document is None:
                continue
            for there in compiler.document(other.document):
                if there.effect is not effect:
                    continue
                if number > mine >= 0 and _says_as_much(policy, there, effect):
                    continue
                yield step.target_id, other, there


def _says_as_much(policy: ControlPolicy, there: CompiledStatement, effect: Effect) -> bool:
    """Whether the policy covers the other's statement in turn."""
    if policy.document is None:
        return False
    return any(
        own.effect is effect and covers(own, there)
        for own in default_compiler().document(policy.document)
    )


def _left_without(facts: Facts, target_id: str, effect: Effect) -> int | None:
    """Return the actions that may be possible where a statement stands; None: not known.

    For a deny what the levels above leave and an allow beside it lets through, for an allow what
    the levels above leave.
    """
    organization = facts.organization
    scps = organization.service_control
    if scps.is_unknown(target_id):
        return None
    parent_id = organization.names[target_id].parent_id
    everything = facts.ceiling_maker.catalogue.all_bits
    left = everything if parent_id is None else facts.ceilings[parent_id].possible
    if effect is Effect.DENY:
        allowed = 0
        for statement in scps.tree.by_id[target_id].level.allows:
            allowed |= statement.action_bits
        left &= allowed
    return left


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
    Idle.COVERED: "said already by another SCP",
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
