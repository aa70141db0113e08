"""The SCPs and RCPs of accounts as they apply to one action; most accounts are alike."""

from dataclasses import dataclass

from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    InForce,
)
from policies import CompiledStatement
from policies.evaluation.applicable import ActionView, ApplicableLayer, ApplicableLevels
from policies.evaluation.judge import Judge


@dataclass(frozen=True, slots=True)
class AccountLevels:
    """What binds an account; empty `places`: nothing of the kind limits.

    `path_known`: whether context keys tell where the account stands.
    """

    places: tuple[ApplicableLayer, ...]
    path_known: bool


class ControlView:
    """The policies of one type as one action meets them."""

    def __init__(
        self,
        organization: CompiledOrganization,
        control: ControlPolicies,
        view: ActionView,
        judge: Judge,
    ) -> None:
        self._organization = organization
        self._control = control
        self._view = view
        self._judge = judge
        self._places: dict[tuple[frozenset[CompiledStatement], bool], ApplicableLayer] = {}
        self._chains: dict[str, ApplicableLevels] = {}
        self._found: dict[str, AccountLevels] = {}
        self._left: dict[ApplicableLevels, tuple[ApplicableLayer, ...]] = {}

    @property
    def _is_scp(self) -> bool:
        return self._control.policy_type is SCP

    def of(self, account_id: str) -> AccountLevels:
        """Return what binds an account."""
        found = self._found.get(account_id)
        if found is None:
            found = self._found[account_id] = self._of(account_id)
        return found

    def _of(self, account_id: str) -> AccountLevels:
        control, names = self._control, self._organization.names
        if account_id == self._organization.management_account_id:
            known = control.in_force is InForce.IN_FORCE and account_id in names
            return AccountLevels((), known)
        if account_id not in names or control.in_force is InForce.NOT_COLLECTED:
            return AccountLevels((self._judge.unknown_level(),), path_known=False)
        if control.in_force is InForce.NOT_ENABLED:
            return AccountLevels((), path_known=False)
        return AccountLevels(self._places_of(account_id), path_known=True)

    def path(self, account_id: str) -> tuple[str, ...] | None:
        """Return the ids from the root to an account, where context keys tell them."""
        if not self.of(account_id).path_known:
            return None
        return self._organization.way(account_id)

    def _places_of(self, account_id: str) -> tuple[ApplicableLayer, ...]:
        levels = self._chain(account_id)
        found = self._left.get(levels)
        if found is None:
            found = self._left[levels] = levels.layers(self._judge.allow)
        return found

    def _chain(self, target_id: str) -> ApplicableLevels:
        found = self._chains.get(target_id)
        if found is None:
            target = self._control.tree.by_id[target_id]
            above = (
                ApplicableLevels() if target.parent_id is None else self._chain(target.parent_id)
            )
            place = self._place(target_id, target.level.statements)
            found = self._chains[target_id] = above.below(place, must_allow=self._is_scp)
        return found

    def _place(self, target_id: str, statements: frozenset[CompiledStatement]) -> ApplicableLayer:
        key = (statements, bool(self._control.unreadable.get(target_id)))
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = self._view.layer(statements, is_open=key[1])
        return found


@dataclass(frozen=True, slots=True)
class ControlViews:
    """Both types for one action."""

    service_control: ControlView
    resource_control: ControlView


def control_views(
    organization: CompiledOrganization, view: ActionView, judge: Judge
) -> ControlViews:
    """Return the levels of an organization as an action meets them."""
    return ControlViews(
        ControlView(organization, organization.control(SCP), view, judge),
        ControlView(organization, organization.control(RCP), view, judge),
    )
