"""What ceilings take for given unless somebody chooses, by the organization's own policies.

Where a region lock stands, a region that it denies makes every action impossible, and one that it
leaves open none; where roles are exempt by name, every deny stays conditional until it is said
that the caller is none of them. So the usual caller is a role that no exemption names, in a region
that the organization allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.posture.ceilings.assumptions import (
    ORDINARY_ROLE,
    CeilingAssumptions,
    read_assumed,
)
from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    load_organization,
)
from governance.posture.state.process_cache import ProcessCache
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import Effect, PolicyType
from policies.language.conditions.values import UNKNOWN, ContextValue

_REGION: Final = "aws:requestedregion"
_KEPT: Final = 32


@dataclass(frozen=True, slots=True)
class UsualAssumptions:
    """What is assumed of an organization's requests unless the address says otherwise."""

    region: str

    def terms(self, policy_type: PolicyType = SCP) -> tuple[str, ...]:
        """Return the usual terms; for RCPs the region alone: anybody calls resources."""
        region = f"aws:RequestedRegion={self.region}"
        return (region,) if policy_type is RCP else (region, ORDINARY_ROLE)

    def read(self, given: Sequence[str], policy_type: PolicyType = SCP) -> CeilingAssumptions:
        """Read the values of `assume` of an address.

        :raises BadAssumption: a term that says nothing, or two that contradict each other.
        """
        return read_assumed(given, usual=self.terms(policy_type))


_usual: Final[ProcessCache[tuple[object, ...], UsualAssumptions]] = ProcessCache(most=_KEPT)


def usual_assumptions(organization: CompiledOrganization, home_region: str) -> UsualAssumptions:
    """Return what is assumed of an organization. `home_region`: of its connection.

    The home region stands unless the organization's policies deny more in it than in another
    region that they name.
    """
    key = (*organization.key, home_region)
    return _usual.get(key, lambda: UsualAssumptions(_region(organization, home_region)))


def usual_region(viewer: Viewer, *, connection: Connection, as_of: datetime | None = None) -> str:
    """Return the region that is assumed of requests in an organization at a time."""
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    return usual_assumptions(organization, connection.home_region).region


def _region(organization: CompiledOrganization, home_region: str) -> str:
    denies = [
        (condition, statement.action_bits.bit_count())
        for target in organization.service_control.tree.by_id.values()
        for statement in target.level.statements
        if statement.effect is Effect.DENY
        for condition in statement.conditions
        if condition.key == _REGION
    ]
    named = {value for condition, _ in denies for value in condition.values if "*" not in value}
    candidates = [home_region, *sorted(named - {home_region})]

    def denied(region: str) -> int:
        def lookup(key: str) -> ContextValue:
            return region if key == _REGION else UNKNOWN

        return sum(actions for condition, actions in denies if condition.holds(lookup) is True)

    # Of several that are denied as little, the home region, else the first by name.
    return min(candidates, key=denied)
