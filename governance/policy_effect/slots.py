"""How many policies of a type each target has, of those that AWS lets it have."""

from dataclasses import dataclass
from datetime import date, datetime

from governance.policy_effect.reach import PolicyReach
from governance.posture.state.organization import CONTROL_TYPES, TargetName
from inventory.models import Connection
from inventory.selectors.policies import attachments_by_target
from inventory.viewing import Viewer
from policies import PolicyType, policy_limits


@dataclass(frozen=True, slots=True)
class TargetSlots:
    """Policies of one type attached to one target, this one among them."""

    target: TargetName
    used: int
    limit: int

    @property
    def tone(self) -> str:
        """Amber for the last slot, red beyond the limit."""
        if self.used > self.limit:
            return "bad"
        return "warn" if self.used >= self.limit - 1 else ""


@dataclass(frozen=True, slots=True)
class Slots:
    """The targets of a policy, the fullest first. `limit` None: AWS states none for the type.

    `full`: how many of them have no slot left. `since`: the day since which the limit holds.
    """

    limit: int | None
    since: date | None
    targets: tuple[TargetSlots, ...]
    full: int


def slots_of(
    viewer: Viewer,
    *,
    connection: Connection,
    reach: PolicyReach,
    as_of: datetime | None,
    today: date,
) -> Slots:
    """Count the slots at every target that a policy is attached to, by the limits of a day."""
    try:
        limits = policy_limits(PolicyType(reach.policy_type), on=today)
    except ValueError:
        return Slots(None, None, (), 0)
    limit = limits.attached_per_target
    if limit is None:
        return Slots(None, limits.since, (), 0)
    if reach.policy_type in CONTROL_TYPES:
        attached = reach.organization.control(PolicyType(reach.policy_type)).attached
        used = {target_id: len(attached.get(target_id, ())) for target_id in reach.attached}
    else:
        used = attachments_by_target(
            viewer,
            connection=connection,
            policy_type=reach.policy_type,
            target_ids=reach.attached,
            as_of=as_of,
        )
    names = reach.organization.names
    targets = sorted(
        (TargetSlots(names[one], used.get(one, 0), limit) for one in reach.attached),
        key=lambda found: -found.used,
    )
    return Slots(limit, limits.since, tuple(targets), sum(one.used >= limit for one in targets))
