"""Where SCPs are attached, and which of their statements change nothing there."""

from dataclasses import dataclass

from governance.posture.ceilings.idle_statements import Idle, IdleReason
from governance.posture.findings.facts import StructureFacts
from governance.posture.state.organization import ControlPolicies, ControlPolicy
from policies import default_compiler


@dataclass(frozen=True, slots=True)
class IdleStatement:
    """One statement that changes nothing. `number`: its place in the policy, from 1."""

    number: int
    sid: str
    why: Idle
    said: str


def targets_of(scps: ControlPolicies, policy: ControlPolicy) -> list[str]:
    """Return the targets in the tree that a policy is attached to."""
    return [
        target_id
        for target_id, found in scps.attached.items()
        if policy in found and target_id in scps.tree.by_id
    ]


def idle_at(
    facts: StructureFacts, policy: ControlPolicy, target_id: str
) -> tuple[IdleStatement, ...]:
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


_NOBODY = IdleReason(Idle.REACHES_NOBODY, "no account that SCPs bind lies there")
