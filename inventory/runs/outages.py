"""Waiting for a database that is away, so that a task loses nothing of what it read."""

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

R = TypeVar("R")

log = logging.getLogger(__name__)

_AGAIN_AFTER_SECONDS: Final = 1.0


def through_outages(write: Callable[[], R]) -> R:
    """Return what `write` returns, tried again for as long as a lease lasts.

    `write`: one transaction, which does nothing if it was committed before.
    :raises OperationalError, InterfaceError: the database stayed away.
    """
    end = time.monotonic() + settings.INVENTORY_LEASE_SECONDS
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or time.monotonic() >= end:
                raise
            log.warning("the database is away, and is tried again: %s", error)
            connection.close()
            time.sleep(_AGAIN_AFTER_SECONDS)
