"""What AWS said of its decision, held against the trace."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.posture.requests.applicable_policies import ApplicablePolicies, ApplicablePolicy
from governance.posture.requests.questions import Claim
from policies import Effect
from policies.evaluation.layers import Decider
from policies.evaluation.trace import LayerTrace
from policies.evaluation.verdict import Decision, DecisionOutcome


class Agreement(StrEnum):
    """AGREES: the trace says the same. POSSIBLE: it leaves it open. CONTRADICTS: it says other."""

    AGREES = "agrees"
    POSSIBLE = "possible"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """The outcome of the comparison, in sentences: `said`, what AWS said; `found`, what we found.

    `policy_id`: of the policy that AWS names, where it is an SCP or RCP that was collected.
    """

    agreement: Agreement
    said: str
    found: str
    policy_id: str = ""


DECIDER_NAMES: Final = {
    Decider.SERVICE_CONTROL_POLICY: "service control policy",
    Decider.RESOURCE_CONTROL_POLICY: "resource control policy",
    Decider.VPC_ENDPOINT_POLICY: "VPC endpoint policy",
    Decider.RESOURCE_POLICY: "resource-based policy",
    Decider.IDENTITY_POLICY: "identity-based policy",
    Decider.PERMISSION_BOUNDARY: "permissions boundary",
    Decider.SESSION_POLICY: "session policy",
}
"""AWS's words for the types of policy in its messages."""

_CHANGED: Final = (
    "The policies may have changed since they were collected or since the request, or the request "
    "had other context than is given here."
)


def check_claim(
    claim: Claim | None,
    decision: Decision,
    layers: tuple[LayerTrace, ...],
    applicable: ApplicablePolicies,
) -> ClaimCheck | None:
    """Compare what AWS said with the trace; None where it said nothing."""
    if claim is None:
        return None
    said = _said(claim)
    outcome = decision.decision
    if outcome is DecisionOutcome.ALLOWED:
        return ClaimCheck(
            Agreement.CONTRADICTS,
            said,
            "By the known data this request is allowed. " + _CHANGED,
        )
    if claim.decider is None and claim.explicit is None:
        if outcome is DecisionOutcome.UNKNOWN:
            return ClaimCheck(
                Agreement.POSSIBLE, said, "The trace leaves open whether it is denied."
            )
        return ClaimCheck(Agreement.AGREES, said, "So does the trace.")
    if claim.policy_arn:
        return _named(claim, said, decision, layers, applicable)
    return _typed(claim, said, decision, layers)


def _said(claim: Claim) -> str:
    kind = DECIDER_NAMES.get(claim.decider, "policy") if claim.decider else "policy"
    if claim.explicit:
        sentence = f"AWS denied it with an explicit deny in {_article(kind)}"
    elif claim.explicit is False:
        sentence = f"AWS denied it because no {kind} allows it"
    elif claim.decider is None:
        sentence = "AWS denied it, and named no type of policy"
    else:
        sentence = f"AWS denied it by {_article(kind)}"
    return f"{sentence}: {claim.policy_arn}." if claim.policy_arn else f"{sentence}."


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aei' else 'a'} {kind}"


def _typed(
    claim: Claim, said: str, decision: Decision, layers: tuple[LayerTrace, ...]
) -> ClaimCheck:
    of_type = [layer for layer in layers if layer.decider is claim.decider]
    results = {layer.result for layer in of_type}
    explicit = DecisionOutcome.EXPLICIT_DENY in results
    lacks = DecisionOutcome.IMPLICIT_DENY in results
    if claim.explicit and explicit:
        return ClaimCheck(Agreement.AGREES, said, "The trace finds such a deny.")
    if claim.explicit is False and lacks:
        found = "The trace finds nothing there that allows it either."
        return ClaimCheck(Agreement.AGREES, said, found)
    if claim.explicit is None and (explicit or lacks):
        return ClaimCheck(Agreement.AGREES, said, "So does the trace.")
    open_here = DecisionOutcome.UNKNOWN in results or not of_type
    if open_here or (
        decision.decision is DecisionOutcome.UNKNOWN and claim.decider in decision.decided_by
    ):
        found = "The trace leaves that open: the known data does not decide it."
        return ClaimCheck(Agreement.POSSIBLE, said, found)
    exempt = next((layer.exempt for layer in of_type if layer.exempt), None)
    why = f" ({exempt})" if exempt else ""
    other = "no explicit deny there" if claim.explicit else "that policies there allow it"
    return ClaimCheck(Agreement.CONTRADICTS, said, f"The trace finds {other}{why}. {_CHANGED}")


def _named(
    claim: Claim,
    said: str,
    decision: Decision,
    layers: tuple[LayerTrace, ...],
    applicable: ApplicablePolicies,
) -> ClaimCheck:
    """Compare with a policy that AWS names by its ARN."""
    matched: set[bool | None] = set()
    known: ApplicablePolicy | None = None
    for layer in layers:
        shown = applicable.at.get((layer.decider, layer.target_id), ())
        for number, policy in enumerate(shown):
            if not _is_named(claim, policy):
                continue
            known = policy
            matched |= {
                statement.matched
                for statement in layer.statements
                if statement.policy == number and statement.effect is Effect.DENY
            }
    if known is None:
        unread = [p for policies in applicable.unreadable.values() for p in policies]
        if any(_is_named(claim, policy) for policy in unread):
            found = "That policy is in force here; its text cannot be read, so it may well."
            return ClaimCheck(Agreement.POSSIBLE, said, found, claim.policy_id)
        if any(gap.decider is claim.decider for gap in applicable.gaps):
            found = "Policies of that type are not all known here, so it may well be."
            return ClaimCheck(Agreement.POSSIBLE, said, found)
        found = f"By the collected data, that policy does not apply to this request. {_CHANGED}"
        return ClaimCheck(Agreement.CONTRADICTS, said, found)
    if True in matched:
        found = f"So does the trace: {known.name} denies it."
        return ClaimCheck(Agreement.AGREES, said, found, claim.policy_id)
    if None in matched:
        found = f"A deny in {known.name} depends on unknown values, so it may well be."
        return ClaimCheck(Agreement.POSSIBLE, said, found, claim.policy_id)
    found = f"{known.name} applies to this request, but none of its denies matches. {_CHANGED}"
    return ClaimCheck(Agreement.CONTRADICTS, said, found, claim.policy_id)


def _is_named(claim: Claim, policy: ApplicablePolicy) -> bool:
    if policy.policy_id:
        return policy.policy_id == claim.policy_id
    return bool(policy.arn) and policy.arn == claim.policy_arn
