"""How runs of all organizations stand, in numbers, for who watches the server from outside."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from inventory.models import CollectionTask, Connection, InventoryRun


@dataclass(frozen=True, slots=True)
class RunMetrics:
    """Numbers of runs by slug and state.

    `runs`: how many there are, 0 where none. `finished_at`: when the newest run of a whole
    organization came to that state; absent where none did. `tasks_held`: what workers read now.
    """

    runs: dict[tuple[str, str], int]
    finished_at: dict[tuple[str, str], datetime]
    tasks_held: int


def run_metrics(*, now: datetime) -> RunMetrics:
    """Count the runs of every organization, in three queries."""
    runs = {
        (slug, str(state)): 0
        for slug in Connection.objects.values_list("slug", flat=True).order_by("slug")
        for state in InventoryRun.State
    }
    finished_at = {}
    whole = Q(account_ids__isnull=True, chosen_groups__isnull=True)
    for slug, state, number, at in (
        InventoryRun.objects.order_by()
        .values_list("connection__slug", "state")
        .annotate(number=Count("pk"), at=Max("finished_at", filter=whole))
    ):
        runs[slug, state] = number
        if at is not None:
            finished_at[slug, state] = at
    held = CollectionTask.objects.filter(state=CollectionTask.State.RUNNING, lease_until__gt=now)
    return RunMetrics(runs, finished_at, held.count())
