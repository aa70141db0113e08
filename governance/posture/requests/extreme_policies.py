"""The most and the least that a policy nobody can read could say, as policies of their own."""

import json
from dataclasses import replace
from functools import lru_cache

from governance.posture.state.organization import SCP
from policies import PolicyDocument, PolicyType, parse_policy
from policies.evaluation.policy_set import PolicySet, TargetPolicies


def allow_all() -> PolicyDocument:
    """Return an SCP or identity policy that allows everything."""
    return _document("Allow", SCP, "")


def deny_all() -> PolicyDocument:
    """Return an SCP, boundary, session or identity policy that denies everything."""
    return _document("Deny", SCP, "")


def resource_deny_all() -> PolicyDocument:
    """Return a resource, trust or endpoint policy that denies everybody everything."""
    return _document("Deny", PolicyType.RESOURCE_POLICY, "*")


def resource_allow_all() -> PolicyDocument:
    """Return a resource or trust policy that allows everybody everything; none allows more."""
    return _document("Allow", PolicyType.RESOURCE_POLICY, "*")


def levels_of(known: PolicySet, policy_type: PolicyType) -> tuple[TargetPolicies, ...]:
    """Return the SCPs or RCPs of a policy set by level."""
    is_scp = policy_type is SCP
    levels = known.service_control_policies if is_scp else known.resource_control_policies
    return levels or ()


def with_levels(
    known: PolicySet, policy_type: PolicyType, levels: tuple[TargetPolicies, ...]
) -> PolicySet:
    """Return a policy set with other SCPs or RCPs."""
    if policy_type is SCP:
        return replace(known, service_control_policies=levels)
    return replace(known, resource_control_policies=levels)


def with_policy_at(
    known: PolicySet, policy_type: PolicyType, target_id: str, document: PolicyDocument
) -> PolicySet:
    """Return a policy set with one more SCP or RCP at a level."""
    return with_levels(
        known,
        policy_type,
        tuple(
            replace(level, policies=(*level.policies, document))
            if level.target_id == target_id
            else level
            for level in levels_of(known, policy_type)
        ),
    )


@lru_cache(maxsize=1024)
def _document(effect: str, policy_type: PolicyType, principal: str) -> PolicyDocument:
    statement: dict[str, object] = {"Effect": effect, "Action": "*", "Resource": "*"}
    if principal:
        statement["Principal"] = principal
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    document = parse_policy(text, policy_type).document
    if document is None:
        raise AssertionError("an extreme policy can be read")
    return document
