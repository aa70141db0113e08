"""One of two states that are compared: what things are called there and where they lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from inventory.models import PolicyAttachment

_TARGET = PolicyAttachment.TargetType


@dataclass(frozen=True, slots=True)
class PathStep:
    """One root or OU on the way to a thing."""

    target_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A root, OU or account by name. `parent_id`: empty for the root."""

    name: str
    parent_id: str


@dataclass(frozen=True, slots=True)
class PolicyName:
    """A policy by name. `type`: AWS's."""

    name: str
    type: str
    aws_managed: bool


@dataclass(frozen=True)
class SnapshotSide:
    """What a comparison needs to know of one state.

    `units`: every OU and the root. `accounts`, `policies`: at least those that something differs
    about. `attached`: policy → its targets, of the policies that differ themselves.
    """

    units: Mapping[str, Placed]
    accounts: Mapping[str, Placed] = field(default_factory=dict)
    policies: Mapping[str, PolicyName] = field(default_factory=dict)
    attached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def placed(self, target_id: str) -> Placed | None:
        """Return a target, None where it is not in this state."""
        return self.units.get(target_id) or self.accounts.get(target_id)

    def way(self, target_id: str) -> tuple[PathStep, ...]:
        """Return the root and OUs above a target, root first; empty for what is not here."""
        found = self.placed(target_id)
        return () if found is None else self._steps(found.parent_id)

    def _steps(self, parent_id: str) -> tuple[PathStep, ...]:
        known = self._ways.get(parent_id)
        if known is None:
            parent = self.units.get(parent_id)
            if parent is None:
                return ()
            known = (*self._steps(parent.parent_id), PathStep(parent_id, parent.name))
            self._ways[parent_id] = known
        return known

    @cached_property
    def _ways(self) -> dict[str, tuple[PathStep, ...]]:
        return {}


def target_type(target_id: str) -> str:
    """Return AWS's word for the kind of target that an id names."""
    if target_id.startswith("r-"):
        return _TARGET.ROOT.value
    if target_id.startswith("ou-"):
        return _TARGET.ORGANIZATIONAL_UNIT.value
    return _TARGET.ACCOUNT.value
