"""Whether the next ring may begin by itself: where there are data, and none speak against it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from governance.changes.models import JournalEntry, RolloutRing
from governance.changes.rollout.journal import HALTED, Phase
from inventory.models import Account, CollectionTask, OrganizationalUnit


class GateState(StrEnum):
    """PASSES: nothing blocks it. HOLDS: something does, or there are no data."""

    PASSES = "passes"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What a gate says, and why."""

    state: GateState
    reasons: tuple[str, ...] = ()


Observation = Callable[[RolloutRing, datetime], tuple[str, ...]]
"""Returns what speaks against going on after a ring, in sentences."""

# Observed denials come from the usage of accounts, once it is collected: another entry here.
OBSERVATIONS: list[Observation] = []


def judge(ring: RolloutRing, *, now: datetime) -> GateVerdict:
    """Return what an automatic gate says of a ring that has soaked."""
    reasons = [*_stops(ring), *_stale_coverage(ring)]
    for observation in OBSERVATIONS:
        reasons += observation(ring, now)
    return GateVerdict(GateState.HOLDS if reasons else GateState.PASSES, tuple(reasons))


def severities_in_words(found: Counter[str], gravest_first: Sequence[str]) -> str:
    """Return how many of each severity there are, such as `1 critical, 2 low`."""
    return ", ".join(f"{found[one]} {one}" for one in gravest_first if found[one])


def accounts_of(ring: RolloutRing) -> list[str]:
    """Return the active accounts that a ring's targets hold, by the collected organization."""
    below = units_of(ring) | set(ring.targets)
    accounts = Account.objects.filter(
        connection_id=ring.rollout.change_request.connection_id,
        seen_until__isnull=True,
        state="ACTIVE",
    ).values_list("account_id", "parent_id")
    return sorted(
        account_id
        for account_id, parent_id in accounts
        if account_id in ring.targets or parent_id in below
    )


def units_of(ring: RolloutRing) -> set[str]:
    """Return the root and OUs among a ring's targets and below them."""
    targets = set(ring.targets)
    return {unit_id for unit_id, path in _paths(ring).items() if targets.intersection(path)}


def units_above(ring: RolloutRing) -> set[str]:
    """Return the root and OUs that stand above a ring's targets: what is attached there hits it."""
    paths = _paths(ring)
    accounts = Account.objects.filter(
        connection_id=ring.rollout.change_request.connection_id,
        seen_until__isnull=True,
        account_id__in=ring.targets,
    ).values_list("parent_id", flat=True)
    return {
        unit_id for one in (*ring.targets, *accounts) for unit_id in paths.get(one, ())
    } - units_of(ring)


def _paths(ring: RolloutRing) -> dict[str, list[str]]:
    """Return the OUs on the way from the root to each OU, itself included, by its id."""
    units = OrganizationalUnit.objects.filter(
        connection_id=ring.rollout.change_request.connection_id, seen_until__isnull=True
    ).values_list("target_id", "path")
    return {unit_id: path.strip("/").split("/") for unit_id, path in units}


def _stops(ring: RolloutRing) -> list[str]:
    """Hold where AWS refused a call of the ring, or did not hold what was reviewed."""
    steps = [each["number"] for each in ring.rollout.plan["steps"] if each["ring"] == ring.number]
    lines = JournalEntry.objects.filter(rollout=ring.rollout, step__in=steps, phase=Phase.STOPPED)
    last = lines.exclude(outcome=HALTED).order_by("-pk").first()
    return [] if last is None else [f"it stopped in this ring: {last.detail['reason']}"]


def _stale_coverage(ring: RolloutRing) -> list[str]:
    """Hold where the ring's accounts were not all read since it was applied."""
    accounts = accounts_of(ring)
    if not accounts:
        return ["no account of this ring has been collected"]
    tasks = CollectionTask.objects.filter(
        connection_id=ring.rollout.change_request.connection_id, account_id__in=accounts
    ).values_list("account_id", "state", "started_at")
    fresh: dict[str, bool] = {}
    for account_id, state, started_at in tasks:
        since = ring.applied_at is None or (started_at and started_at >= ring.applied_at)
        read = state == CollectionTask.State.COMPLETE and bool(since)
        fresh[account_id] = fresh.get(account_id, True) and read
    missing = sum(1 for account_id in accounts if not fresh.get(account_id, False))
    if not missing:
        return []
    return [f"{missing} of {len(accounts)} accounts were not read since the ring was applied"]
