"""Sends work to the workers by the names of tasks, where beat asks for it again anyway."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def send_on_commit(task_name: str, **arguments: Any) -> None:
    """Queue a task once this transaction commits; a broker that cannot be reached is logged."""

    def send() -> None:
        try:
            current_app.send_task(task_name, kwargs=arguments)
        except OperationalError:
            log.exception("%s could not be handed to the broker", task_name)

    transaction.on_commit(send)
