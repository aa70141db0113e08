"""How the policies attached at one target limit: by denying, by allowing a list, by both, or not.

Only SCPs can allow a list: an RCP denies or does nothing.
"""

from enum import StrEnum

from governance.posture.state.organization import RCP, SCP, CompiledOrganization, InForce
from policies import PolicyLevel, PolicyType


class Strategy(StrEnum):
    """DENY_LIST: everything is allowed and some of it denied. ALLOW_LIST: only some is allowed.
    MIXED: a list is allowed and some of it denied. NONE: everything is allowed, nothing denied.
    BROKEN: nothing is allowed here, so nothing below can do anything. UNKNOWN: a policy here
    cannot be read, or the policies were not collected. NOT_BOUND: SCPs do not bind this target,
    or are not in use.
    """

    DENY_LIST = "deny_list"
    ALLOW_LIST = "allow_list"
    MIXED = "mixed"
    NONE = "none"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_BOUND = "not_bound"


STRATEGY_WORDS = {
    Strategy.DENY_LIST: "Deny list",
    Strategy.ALLOW_LIST: "Allow list",
    Strategy.MIXED: "Mixed: allow list with denies",
    Strategy.NONE: "Inherited only",
    Strategy.BROKEN: "Nothing is allowed",
    Strategy.UNKNOWN: "Not known",
    Strategy.NOT_BOUND: "Not bound by SCPs",
}


def strategy_of(organization: CompiledOrganization, target_id: str) -> Strategy:
    """Name the strategy of the SCPs attached at one target, whatever is above it.

    :raises KeyError: no such target in the tree.
    """
    scps = organization.service_control
    level = scps.tree.by_id[target_id].level
    if scps.in_force is InForce.NOT_COLLECTED:
        return Strategy.UNKNOWN
    if scps.in_force is InForce.NOT_ENABLED or target_id == organization.management_account_id:
        return Strategy.NOT_BOUND
    if scps.unreadable.get(target_id):
        return Strategy.UNKNOWN
    return level_strategy(level)


def level_strategy(level: PolicyLevel, policy_type: PolicyType = SCP) -> Strategy:
    """Name the strategy of a level of SCPs, or RCPs, that are all readable."""
    if policy_type is RCP:
        return Strategy.DENY_LIST if level.denies else Strategy.NONE
    if not level.allows:
        return Strategy.BROKEN
    allows_all = any(
        statement.is_unconditional and statement.action_patterns == ("*",)
        for statement in level.allows
        if not statement.not_action
    )
    if allows_all:
        return Strategy.DENY_LIST if level.denies else Strategy.NONE
    return Strategy.MIXED if level.denies else Strategy.ALLOW_LIST
