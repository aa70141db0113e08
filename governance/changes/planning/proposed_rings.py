"""Proposes rings for a change: what hurts least comes first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from governance.posture.state.organization import CompiledOrganization

_EARLY: Final = frozenset({"staging", "sandbox", "development"})
_TEST: Final = frozenset({"test"})
_NAMES: Final = ("Staging and sandbox", "Test", "Production, smaller part", "Production")
_SOAK_MINUTES: Final = (60, 60, 240, 0)
_GATES: Final = ("automatic", "automatic", "manual", "manual")
_PRODUCTION: Final = 2


def propose_rings(
    organization: CompiledOrganization,
    target_ids: Iterable[str],
    environments: Mapping[str, str | None],
    owners: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return rings for the targets that a change touches, as a change request holds them.

    Staging, sandbox and development first, then test, then the smaller part of production, then
    all else. `environments`: by account, in the words of labels; one that is not known counts as
    production. `owners`: by target; what has one owner comes in one part of production. A target
    above several environments comes last, and the OUs and accounts of the earlier ones below it
    are named in their rings, so that a tightening is tried there.
    """
    made = _Proposal(organization, environments, owners or {})
    for target_id in dict.fromkeys(target_ids):
        if target_id in organization.names:
            made.place(target_id)
    return made.rings()


@dataclass
class _Proposal:
    organization: CompiledOrganization
    environments: Mapping[str, str | None]
    owners: Mapping[str, str]
    early: dict[int, dict[str, None]] = field(default_factory=lambda: {0: {}, 1: {}})
    production: dict[str, None] = field(default_factory=dict)
    above: dict[str, None] = field(default_factory=dict)

    def place(self, target_id: str) -> None:
        """Put a touched target into its ring."""
        stages = self._stages(target_id)
        if stages == {_PRODUCTION} or not stages:
            self.production[target_id] = None
        elif len(stages) == 1:
            self.early[stages.pop()][target_id] = None
        else:
            self.above[target_id] = None
            self._place_below(target_id)

    def rings(self) -> list[dict[str, Any]]:
        """Return the rings that hold anything."""
        smaller, rest = self._halves()
        held = [list(self.early[0]), list(self.early[1]), smaller, [*rest, *self.above]]
        return [
            {
                "name": _NAMES[place],
                "targets": targets,
                "soak_minutes": _SOAK_MINUTES[place],
                "gate": _GATES[place],
            }
            for place, targets in enumerate(held)
            if targets
        ]

    def _place_below(self, target_id: str) -> None:
        for child in self.organization.children.get(target_id, ()):
            stages = self._stages(child)
            if len(stages) > 1:
                self._place_below(child)
            elif stages and (stage := stages.pop()) != _PRODUCTION:
                self.early[stage].setdefault(child, None)

    def _stages(self, target_id: str) -> set[int]:
        found = set()
        for account_id in self.organization.accounts_below(target_id):
            environment = self.environments.get(account_id)
            if environment in _EARLY:
                found.add(0)
            elif environment in _TEST:
                found.add(1)
            else:
                found.add(_PRODUCTION)
        return found

    def _halves(self) -> tuple[list[str], list[str]]:
        """Split production by size; what has one owner stays together."""
        groups: dict[str, list[str]] = {}
        for target_id in self.production:
            groups.setdefault(self.owners.get(target_id) or target_id, []).append(target_id)
        sizes = {
            owner: sum(len(self.organization.accounts_below(one)) for one in targets)
            for owner, targets in groups.items()
        }
        ordered = sorted(groups, key=lambda owner: (sizes[owner], owner))
        if len(ordered) < 2 and not self.above:
            return [], [one for owner in ordered for one in groups[owner]]
        most, taken = sum(sizes.values()) / 2, 0
        smaller: list[str] = []
        for owner in ordered[: len(ordered) if self.above else -1]:
            if taken + sizes[owner] > most and smaller:
                break
            taken += sizes[owner]
            smaller.append(owner)
        rest = [owner for owner in ordered if owner not in smaller]
        return (
            [one for owner in smaller for one in groups[owner]],
            [one for owner in rest for one in groups[owner]],
        )
