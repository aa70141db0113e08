"""Two states of an organization's SCPs and RCPs, as effects are found between them."""

from collections.abc import Mapping
from typing import Protocol

from governance.posture.state.organization import CompiledOrganization, ControlPolicies
from policies import PolicyType


class ComparedStates(Protocol):
    """What `effects_of` compares: an organization before and after a draft, or at two times.

    `shown`: the state whose names and places answers use; accounts that are not in it, or not in
    `before`, are not compared.
    """

    @property
    def before(self) -> CompiledOrganization:
        """The earlier state."""

    @property
    def after(self) -> Mapping[PolicyType, ControlPolicies]:
        """The policies of the later state, by type."""

    @property
    def shown(self) -> CompiledOrganization:
        """The state that answers speak of."""

    @property
    def unplaced(self) -> tuple[str, ...]:
        """The accounts that something may change for, whose place was not collected."""

    def affected(self, policy_type: PolicyType) -> frozenset[str]:
        """Return the accounts in both states that something may change for."""
