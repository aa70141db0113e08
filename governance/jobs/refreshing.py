"""Celery's edge of what is brought up to date by organization, after runs and by beat."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from inventory.models import Connection
from inventory.selectors.runs import active_run
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

_VIEWER: Final = Viewer(sees_inventory=True)
_MARGIN_SECONDS: Final = 30


def refreshing_task(
    *, name: str, seconds: int, during_runs: bool = False
) -> Callable[[Callable[[Connection], None]], Any]:
    """Make what brings one organization up to date a task, of one organization or of all.

    `seconds`: the task's soft time limit; where it is met the rest waits for the next time.
    `during_runs`: also while a run goes on, when rows change account by account; else the end of
    the run asks again.
    """

    def decorate(refresh: Callable[[Connection], None]) -> Any:
        # Not acks_late: beat asks again in some minutes, and each transaction does all or nothing.
        @shared_task(
            name=name,
            acks_late=False,
            ignore_result=True,
            expires=600,
            soft_time_limit=seconds,
            time_limit=seconds + _MARGIN_SECONDS,
        )
        @wraps(refresh)
        def task(connection_id: int | None = None) -> None:
            chosen = Connection.objects.order_by("pk")
            if connection_id is not None:
                chosen = chosen.filter(pk=connection_id)
            for connection in chosen:
                if not during_runs and active_run(_VIEWER, connection=connection) is not None:
                    continue
                try:
                    refresh(connection)
                except SoftTimeLimitExceeded:
                    log.warning("%s took too long for %s", name, connection)
                    return

        return task

    return decorate
