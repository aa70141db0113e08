"""What edits need to know of policies besides the compiled SCPs and RCPs of an organization."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    ControlPolicy,
    InForce,
)
from policies import ManagementPolicy, PolicyType


@dataclass(frozen=True, slots=True)
class PolicyDetails:
    """What AWS returns about a policy beside its effect. `text` is None where it was not read."""

    text: str | None = None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CollectedPolicies:
    """The policies of all types beside the SCPs and RCPs, the types that are on, and details.

    `management`: by id, management policies with their type. `attached`: by type and target,
    management policies. `enabled`: the types that are on at the root, of all types. `details`: by
    id, of policies of any type; those that operations do not name may be missing. `settings`: of
    management policies by id, None where a text, or all policies of its type, could not be read.
    """

    management: Mapping[str, tuple[PolicyType, ControlPolicy]] = field(default_factory=dict)
    attached: Mapping[PolicyType, Mapping[str, tuple[ControlPolicy, ...]]] = field(
        default_factory=dict
    )
    enabled: frozenset[PolicyType] = frozenset()
    details: Mapping[str, PolicyDetails] = field(default_factory=dict)
    settings: Mapping[str, ManagementPolicy | None] = field(default_factory=dict)

    def types_on(self, organization: CompiledOrganization) -> frozenset[PolicyType]:
        """Return the types that are on at the root."""
        controls = {
            kind
            for kind in CONTROL_TYPES
            if organization.control(kind).in_force is not InForce.NOT_ENABLED
        }
        others = self.enabled - set(CONTROL_TYPES)
        return frozenset(controls | others)

    def details_of(self, policy_id: str) -> PolicyDetails:
        """Return the details of a policy; empty ones where nothing was read."""
        return self.details.get(policy_id, PolicyDetails())


NOTHING_ELSE_COLLECTED: Final = CollectedPolicies()
