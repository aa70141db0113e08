"""What a check's findings are about, in the words of somebody who has no time for their detail."""

from typing import Final

FINDING_LABELS: Final[dict[str, str]] = {
    "operation_refused": "An edit cannot be made",
    "plan_refused": "The change cannot be planned",
    "policy_refused": "AWS would refuse a policy",
    "size": "A policy is too long",
    "slots": "A target has no room for a policy",
    "last_policy": "A target would lose its last policy",
    "depth": "OUs would lie too deep",
    "type_not_enabled": "A policy type is not enabled",
    "name_taken": "A name is taken already",
    "target_without_allow": "A target would have no allow",
    "locks_out_protected_role": "A protected role is locked out",
    "may_lock_out_protected_role": "A protected role may be locked out",
    "transient_denial": "Access closes for a while",
    "transient_grant": "Access opens for a while",
    "ring_target_unknown": "Unknown target in a ring",
    "ring_without_steps": "A ring makes no call",
    "transient_setting": "A setting differs for a while",
    "transient_undecided": "A step could not be decided",
    "undecided": "Not everything could be decided",
    "accounts_unknown": "Accounts whose policies are not known",
    "inventory_incomplete": "Not all of the organization was read",
    "inventory_stale": "The inventory is old",
    "inventory_missing": "No inventory yet",
    "lint": "A policy's text could be clearer",
    "allow_chain": "An allow that a level above stops",
    "moved_unit": "An OU is moved",
    "policy_in_use": "A policy that is attached elsewhere as well",
    "plan_notice": "How it is rolled out",
    "proven_unchanged": "Nothing changes",
    "exempt_role_missing": "An exemption matches no role",
    "exempt_role_unknown": "An exemption could not be matched",
    "exempt_role_creatable": "An exemption that others could use",
    "statement_without_effect": "A statement changes nothing",
    "allow_without_effect": "An allow without effect",
    "region_lock_hits_global_service": "Global services are denied",
    "region_lock_hits_inference": "Cross-region inference is denied",
    "blocks_federated_sign_in": "Federated sign-in is denied",
    "resources_open_outside": "Resources that are open to outside",
    "resources_not_known": "Resources that were not read",
    "trust_edges_closed": "Edges of trust are closed",
    "trust_edges_opened": "Edges of trust are opened",
    "management_policy_refused": "AWS may refuse a management policy",
    "usage_denied": "Calls that were made would be denied",
    "usage_may_be_denied": "Calls that were made may be denied",
    "usage_incomplete": "The logs are incomplete",
    "usage_not_known": "Some calls are not known",
    "conflicting_request": "Another open request touches the same",
}


def finding_label(code: str) -> str:
    """Return what findings of a code are about; a code without words says itself."""
    return FINDING_LABELS.get(code, code.replace("_", " ").capitalize())
