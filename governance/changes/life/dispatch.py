"""Sends work on change requests to the workers, by the names of their tasks."""

import logging
from typing import Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

CHECK: Final = "changes.check"
EXPIRE: Final = "changes.expire"
RECHECK: Final = "changes.recheck"
ESCALATE: Final = "changes.escalate"
RESUME_CHECKS: Final = "changes.resume_checks"


def send_check(change_request_id: int) -> None:
    """Have a request checked once this transaction commits.

    A broker that cannot be reached is logged: `changes.resume_checks` sends it again.
    """

    def send() -> None:
        try:
            current_app.send_task(CHECK, kwargs={"change_request_id": change_request_id})
        except OperationalError:
            log.exception("could not send the check of change request %s", change_request_id)

    transaction.on_commit(send)
