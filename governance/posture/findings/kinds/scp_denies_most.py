"""SCPs that deny most of what AWS offers."""

from typing import Final

from governance.posture.findings.facts import StructureFacts
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingPlace,
    FindingSeverity,
)
from governance.posture.findings.idle_policies import targets_of
from governance.posture.state.organization import ControlPolicy
from policies import CompiledCondition, default_compiler
from policies.ceiling import Assumptions

KIND: Final = FindingKind(
    code="scp_denies_most",
    label="SCP denies most",
    question="Which SCPs deny most of what AWS offers?",
    examines="attached SCPs",
    order=80,
    needs_scps=True,
)


# The root user needs no say here: an SCP that denies it everything is good practice.
_ASSUMED = Assumptions(principal_kinds=("user", "role", "federated-user"))
_WHO = "aws:principal"


def check(facts: StructureFacts) -> FindingAnswer:
    """Find attached SCPs that deny a large share of all actions, whatever the circumstances.

    Denies that depend on a region, a resource or a tag are not counted: they leave the action
    possible elsewhere. Exempting some principals does not change what everybody else may do.
    """
    scps = facts.organization.service_control
    answer = FindingAnswer(KIND)
    unreadable = []
    whole = facts.ceiling_maker.catalogue.all_bits.bit_count()
    limit = facts.thresholds.denied_share
    for policy in scps.by_id.values():
        targets = targets_of(scps, policy)
        if policy.aws_managed or not targets:
            continue
        if policy.document is None:
            unreadable.append(facts.policy_place(policy))
            continue
        answer.examined += 1
        denied, exempts = _denied(policy)
        share = denied.bit_count() / whole
        if share >= limit:
            places = [facts.place(target_id) for target_id in targets]
            answer.findings.append(_finding(facts, policy, places, denied, whole, exempts))
    answer.cannot_judge(unreadable, "The policy's text cannot be read.")
    return answer


def _denied(policy: ControlPolicy) -> tuple[int, tuple[str, ...]]:
    """Return the actions denied in any case, and the values of principals that are exempt."""
    denied, exempt = 0, set[str]()
    if policy.document is None:
        return 0, ()
    for statement in default_compiler().level((policy.document,)).denies:
        left = _ASSUMED.remaining(statement)
        if left is None or statement.resources is not None:
            continue
        if all(_only_exempts(condition) for condition in left):
            denied |= statement.action_bits
            exempt.update(value for condition in left for value in condition.values)
    return denied, tuple(sorted(exempt))


def _only_exempts(condition: CompiledCondition) -> bool:
    return condition.negated and condition.key.startswith(_WHO)


def _finding(
    facts: StructureFacts,
    policy: ControlPolicy,
    places: list[FindingPlace],
    denied: int,
    whole: int,
    exempt: tuple[str, ...],
) -> Finding:
    accounts = {one for place in places for one in facts.bound_accounts(place.key)}
    active = [one for one in accounts if facts.is_active(one)]
    measured = [
        FindingMeasure("Denied", f"{denied.bit_count():,} of {whole:,} actions"),
        FindingMeasure("Share of the catalogue", f"{denied.bit_count() / whole:.0%}"),
        FindingMeasure("Active accounts it reaches", f"{len(active):,} of {len(accounts):,}"),
    ]
    if exempt:
        measured.append(FindingMeasure("Exempt principals", ", ".join(exempt)))
    return Finding(
        kind=KIND,
        severity=FindingSeverity.MEDIUM if active else FindingSeverity.LOW,
        title=f"{policy.name} denies {denied.bit_count() / whole:.0%} of all actions",
        places=(facts.policy_place(policy), *places),
        measured=tuple(measured),
        threshold={"denied_share": facts.thresholds.denied_share},
        remedy="If accounts under it are in use, replace it with an allow list, so that actions "
        "AWS adds later are not allowed by oversight. For a quarantine it is fine.",
        accounts=len(accounts),
    )
