"""Reads of drafts and jobs."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from governance.simulations.models import Simulation, SimulationJob
from inventory.models import Connection
from inventory.viewing import Viewer, visible


def simulations(viewer: Viewer, *, connection: Connection) -> QuerySet[Simulation]:
    """Return everybody's drafts of an organization, the latest first."""
    rows = Simulation.objects.filter(connection=connection).select_related("owner")
    return visible(rows, viewer)


def simulation_job(
    viewer: Viewer,
    *,
    connection: Connection,
    job_id: UUID,
    now: datetime,
    kind: SimulationJob.Kind = SimulationJob.Kind.SIMULATION,
) -> SimulationJob | None:
    """Return a job that has not expired; its result is everybody's who may see the organization."""
    rows = SimulationJob.objects.filter(
        connection=connection, pk=job_id, kind=kind, expires_at__gt=now
    )
    return visible(rows, viewer).first()
