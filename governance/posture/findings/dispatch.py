"""Sends states of organizations to the workers, to find what is wrong with their structure."""

import logging
from datetime import datetime
from typing import Final

from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

FIND: Final = "posture.find_structure"
# After so long a state is sent again: its worker may have been lost.
_SECONDS: Final = 120


def send_to_find(name: str, *, connection_id: int, as_of: datetime | None) -> bool:
    """Queue one state, once however many ask for it; False where no worker can be reached.

    `name`: of what is to be found, equal for equal states.
    """
    try:
        if cache.add(f"{name}:sent", True, timeout=_SECONDS):
            arguments = {
                "connection_id": connection_id,
                "as_of": as_of.isoformat() if as_of else None,
            }
            current_app.send_task(FIND, kwargs=arguments)
    except (RedisError, OperationalError) as error:
        log.warning("no worker can be asked for structure findings: %s", error)
        return False
    return True
