"""Lint of a policy as it is attached: what is beside and above it everywhere counts too."""

from datetime import date

from governance.policy_effect.reach import PolicyReach
from governance.posture.state.organization import CONTROL_TYPES
from policies import ORGANIZATION_POLICY_TYPES, PolicyDocument, PolicyType
from policies.lint import LintReport, LintSettings, lint_policy

LINTED_TYPES = frozenset(kind.value for kind in ORGANIZATION_POLICY_TYPES)


def lint_of(text: str, reach: PolicyReach, *, today: date) -> LintReport | None:
    """Lint a text of the policy by the limits of a day; None for a type newer than the checks."""
    if reach.policy_type not in LINTED_TYPES:
        return None
    settings = LintSettings(limits_on=today, companions=companions(reach))
    return lint_policy(text, PolicyType(reach.policy_type), settings=settings)


def companions(reach: PolicyReach) -> tuple[PolicyDocument, ...]:
    """Return the other policies of its type that hold wherever this one is attached."""
    if reach.policy_type not in CONTROL_TYPES or not reach.attached:
        return ()
    control = reach.organization.control(PolicyType(reach.policy_type))
    common: dict[str, PolicyDocument] | None = None
    for target_id in reach.attached:
        here = {
            policy.policy_id: policy.document
            for step in control.tree.path(target_id)
            for policy in control.readable(step.target_id)
            if policy.document is not None and policy.policy_id != reach.policy_id
        }
        if common is None:
            common = here
        else:
            common = {key: found for key, found in common.items() if key in here}
        if not common:
            return ()
    return tuple((common or {}).values())
