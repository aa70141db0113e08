"""An answer in a sentence or two."""

from typing import Final

from governance.posture.requests.claims import DECIDER_NAMES
from governance.posture.requests.denial_answers import AnsweredLevel, WhyDeniedAnswer
from policies.evaluation.layers import Decider
from policies.evaluation.verdict import Decision, DecisionOutcome

_PLURALS: Final = {
    Decider.SERVICE_CONTROL_POLICY: "service control policies",
    Decider.RESOURCE_CONTROL_POLICY: "resource control policies",
    Decider.VPC_ENDPOINT_POLICY: "the VPC endpoint's policy",
    Decider.RESOURCE_POLICY: "the resource's own policy",
    Decider.IDENTITY_POLICY: "the identity-based policies",
    Decider.PERMISSION_BOUNDARY: "the permissions boundary",
    Decider.SESSION_POLICY: "the session policy",
    Decider.ROOT_USER: "the account's root user, who needs no policy",
    Decider.ALWAYS_ALLOWED: "AWS itself, which never denies this action",
    Decider.NEVER_PERMITTED: "AWS itself, which never permits this",
}
_SHORT: Final = {
    Decider.SERVICE_CONTROL_POLICY: "SCP",
    Decider.RESOURCE_CONTROL_POLICY: "RCP",
}
_KINDS: Final = {"ROOT": "", "ORGANIZATIONAL_UNIT": "OU ", "ACCOUNT": "account "}

HEADS: Final = {
    DecisionOutcome.EXPLICIT_DENY: "Denied by an explicit deny",
    DecisionOutcome.IMPLICIT_DENY: "Denied, because nothing allows it",
    DecisionOutcome.ALLOWED: "Allowed",
    DecisionOutcome.UNKNOWN: "Not known",
}


def heading(decision: Decision) -> str:
    """Return the decision in a few words."""
    if decision.decided_by == (Decider.NEVER_PERMITTED,):
        return "Denied by AWS, whatever policies say"
    if _is_denied_either_way(decision):
        return "Denied"
    return HEADS[decision.decision]


def _is_denied_either_way(decision: Decision) -> bool:
    """Whether only the kind of the deny is unknown, explicit or implicit."""
    return decision.is_denied and decision.decision is DecisionOutcome.UNKNOWN


def decider_words(decider: Decider) -> str:
    """Return what a type of policy is called in a sentence."""
    return _PLURALS[decider]


def summary(answer: WhyDeniedAnswer) -> str:
    """Say what decides."""
    decision = answer.decision
    match decision.decision:
        case DecisionOutcome.EXPLICIT_DENY:
            return _explicit(answer)
        case DecisionOutcome.IMPLICIT_DENY:
            return _implicit(answer)
        case DecisionOutcome.ALLOWED:
            return f"Granted by {_and([_granting(answer, one) for one in decision.decided_by])}."
        case _:
            return _open(answer)


def _granting(answer: WhyDeniedAnswer, decider: Decider) -> str:
    kinds = {
        policy.policy.kind
        for level in answer.deciding_levels
        if level.decider is decider
        for policy in level.policies
        if policy.decides
    }
    return "a grant on the resource" if kinds == {"grants"} else _PLURALS[decider]


def _explicit(answer: WhyDeniedAnswer) -> str:
    found = []
    rules = [level.rule for level in answer.deciding_levels if level.rule is not None]
    by_aws = "".join(f"AWS never permits this: {rule.text} ({rule.source}). " for rule in rules)
    for level in answer.deciding_levels:
        if level.rule is not None:
            continue
        names = _and([policy.policy.name for policy in level.policies if policy.decides])
        found.append(f"{_short(level.decider)} {names}".rstrip() + _at(level))
    by_policies = f"Explicit deny by {_and(found)}." if found else ""
    return f"{by_aws}{by_policies}".strip()


def _implicit(answer: WhyDeniedAnswer) -> str:
    levels = [level for level in answer.deciding_levels if level.target is not None]
    at = [f"no {_short(level.decider)}{_at(level)} allows it" for level in levels]
    named = {level.decider for level in levels}
    others = [
        f"{_PLURALS[decider]} should allow it and do not"
        if decider is Decider.IDENTITY_POLICY
        else f"{_PLURALS[decider]} should allow it and does not"
        for decider in answer.decision.decided_by
        if decider not in named
    ]
    words = _and([*at, *others])
    return f"{words[:1].upper()}{words[1:]}."


def _open(answer: WhyDeniedAnswer) -> str:
    if _is_denied_either_way(answer.decision):
        return "Denied, explicitly or because nothing allows it, whatever the unknown values are."
    found = []
    if answer.unknown_keys:
        found.append(f"the value of {_and([key.name for key in answer.unknown_keys])}")
    if answer.gaps:
        found.append(
            f"{_and(list(dict.fromkeys(_PLURALS[g.decider] for g in answer.gaps)))} "
            "that are not known"
        )
    sentence = f"Depends on {_and(found) or 'a condition that cannot be decided'}."
    if answer.without_gaps is not None and heading(answer.without_gaps) != heading(answer.decision):
        alone = heading(answer.without_gaps)
        alone = f"{alone[:1].lower()}{alone[1:]}"
        sentence += f" Leaving those aside: {alone}."
    return sentence


def _short(decider: Decider) -> str:
    return _SHORT.get(decider) or DECIDER_NAMES[decider]


def _at(level: AnsweredLevel) -> str:
    if level.target is None:
        return ""
    return f" on {_KINDS[level.target.kind]}{level.target.name}"


def _and(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
