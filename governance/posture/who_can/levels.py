"""The SCPs and RCPs of accounts as they bear on one action, most accounts alike."""

from dataclasses import dataclass

from governance.posture.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    InForce,
)
from policies import CompiledStatement
from policies.evaluation.bearing import ActionView, Judge, Levels, Place


@dataclass(frozen=True, slots=True)
class AccountLevels:
    """What binds an account. `path`: ids from the root to it where that is known, for context keys.

    An empty `places`: nothing of the kind limits.
    """

    places: tuple[Place, ...]
    path: tuple[str, ...] | None


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
        self._places: dict[tuple[frozenset[CompiledStatement], bool], Place] = {}
        self._chains: dict[str, Levels] = {}
        self._left: dict[Levels, tuple[Place, ...]] = {}

    @property
    def _is_scp(self) -> bool:
        return self._control.policy_type is SCP

    def of(self, account_id: str) -> AccountLevels:
        """Return what binds an account."""
        control, names = self._control, self._organization.names
        if account_id == self._organization.management_account_id:
            known = control.in_force is InForce.IN_FORCE and account_id in names
            return AccountLevels((), self._path(account_id) if known else None)
        if account_id not in names or control.in_force is InForce.NOT_COLLECTED:
            return AccountLevels((self._judge.unknown_level(),), None)
        if control.in_force is InForce.NOT_ENABLED:
            return AccountLevels((), None)
        return AccountLevels(self._places_of(account_id), self._path(account_id))

    def _path(self, account_id: str) -> tuple[str, ...]:
        path = [account_id]
        while (parent := self._organization.names[path[-1]].parent_id) is not None:
            path.append(parent)
        return tuple(reversed(path))

    def _places_of(self, account_id: str) -> tuple[Place, ...]:
        levels = self._chain(account_id)
        found = self._left.get(levels)
        if found is None:
            found = self._left[levels] = levels.places(self._judge.allow)
        return found

    def _chain(self, target_id: str) -> Levels:
        found = self._chains.get(target_id)
        if found is None:
            target = self._control.tree.by_id[target_id]
            above = Levels() if target.parent_id is None else self._chain(target.parent_id)
            place = self._place(target_id, target.level.statements)
            found = self._chains[target_id] = above.below(place, must_allow=self._is_scp)
        return found

    def _place(self, target_id: str, statements: frozenset[CompiledStatement]) -> Place:
        key = (statements, bool(self._control.unreadable.get(target_id)))
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = self._view.place(statements, is_open=key[1])
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
