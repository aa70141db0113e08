"""Sends organizations whose inventory or guardrails changed to the workers."""

from typing import Any, Final
from uuid import UUID

from governance.jobs.sending import send_on_commit
from governance.jobs.tasks import job_send
from governance.posture.trust.signals import edges_refreshed
from inventory.models import Connection, InventoryRun
from inventory.signals import run_ended

REFRESH: Final = "guardrails.refresh"
MUTATE: Final = "guardrails.mutate"
EXPIRE: Final = "guardrails.expire"


def refresh_after_run(*, run: InventoryRun, **_: Any) -> None:
    """Have a worker work out what a run changed. Where the broker is away, beat sees to it."""
    refresh_guardrails_send(run.connection_id)


def refresh_after_edges(*, connection: Connection, **_: Any) -> None:
    """Have a worker work out what other ways in make of guardrails about them."""
    refresh_guardrails_send(connection.pk)


def refresh_guardrails_send(connection_id: int) -> None:
    """Have a worker work guardrails out, once this transaction has committed."""
    send_on_commit(REFRESH, connection_id=connection_id)


def send_mutation(job_id: UUID) -> None:
    """Queue one mutation test.

    :raises kombu.exceptions.OperationalError: the broker cannot be reached.
    """
    job_send(MUTATE, job_id)


def register() -> None:
    """Ask for it whenever a run has ended, or edges of trust were worked out."""
    run_ended.connect(refresh_after_run, dispatch_uid="guardrails.refresh")
    edges_refreshed.connect(refresh_after_edges, dispatch_uid="guardrails.refresh")
