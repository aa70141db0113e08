"""Takes what is due, for one worker alone, and gives it back when that worker is lost."""

import random
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import F, Q, QuerySet

from governance.notifications.models.leased import Leased

Row = TypeVar("Row", bound=Leased)

# Longer than a sending may take: what is held for longer has lost its worker.
LEASE: Final = timedelta(minutes=5)
_JITTER: Final = 0.2


def take_due(
    rows: "QuerySet[Row]", *, now: datetime, most: int, **changes: Any
) -> tuple[str, list[Row]]:
    """Take at most `most` rows that are due and that nobody holds, the first due first.

    `changes`: fields that are set as they are taken. Rows that another worker takes at this moment
    are passed over. Returns the holder's name, which `record` asks for, and the rows.
    """
    holder = secrets.token_hex(16)
    until = now + LEASE
    with transaction.atomic():
        free = rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), due_at__lte=now)
        chosen = list(
            free.select_for_update(skip_locked=True, of=("self",))
            .order_by("due_at", "pk")
            .values_list("pk", flat=True)[:most]
        )
        if not chosen:
            return holder, []
        of_those = rows.model._default_manager.filter(pk__in=chosen)
        of_those.update(holder=holder, lease_until=until, attempts=F("attempts") + 1, **changes)
    taken = list(rows.model._default_manager.filter(holder=holder).order_by("due_at", "pk"))
    return holder, taken


def record(row: Leased, *, holder: str, **changes: Any) -> bool:
    """Write what came of a row and give it back; False: another worker holds it by now."""
    return bool(
        type(row)
        ._default_manager.filter(pk=row.pk, holder=holder)
        .update(holder="", lease_until=None, **changes)
    )


def wait_after(attempts: int, waits: Sequence[timedelta], *, spread: random.Random) -> timedelta:
    """Return how long to wait after so many attempts, a fifth more or less so that not all meet."""
    wait = waits[min(attempts, len(waits)) - 1]
    return wait * (1 + spread.uniform(-_JITTER, _JITTER))
