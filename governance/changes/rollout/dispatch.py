"""Sends rollouts to the apply worker by their numbers, and nothing else of them."""

import logging
from typing import Final

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

CARRY_ON: Final = "changes.carry_on_rollout"
CARRY_ON_ALL: Final = "changes.carry_on_rollouts"


def send_rollout(rollout_id: int) -> None:
    """Have a rollout carried on now; where the broker is gone, beat does it a little later."""
    try:
        current_app.send_task(CARRY_ON, kwargs={"rollout_id": rollout_id})
    except OperationalError as error:
        log.warning("rollout %s was not queued, beat will send it: %s", rollout_id, error)
