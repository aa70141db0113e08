"""Hands work to Celery by the tasks' names, so that services need not know the tasks."""

from collections.abc import Iterable
from typing import Final

from celery import current_app
from django.conf import settings

START_RUN: Final = "inventory.start_run"
COLLECT_GROUP: Final = "inventory.collect_group"
# Of the workers that collect, as the settings route these tasks.
QUEUE: Final = "inventory"


def send_start(run_id: int) -> None:
    """Queue the beginning of a run."""
    current_app.send_task(
        START_RUN, kwargs={"run_id": run_id}, expires=settings.INVENTORY_MESSAGE_SECONDS
    )


def send_tasks(run_id: int, parts: Iterable[tuple[str, str]]) -> None:
    """Queue accounts and groups of a run, over one connection to the broker."""
    with current_app.producer_or_acquire() as producer:
        for account_id, group in parts:
            current_app.send_task(
                COLLECT_GROUP,
                kwargs={"run_id": run_id, "account_id": account_id, "group": group},
                producer=producer,
                expires=settings.INVENTORY_MESSAGE_SECONDS,
            )
