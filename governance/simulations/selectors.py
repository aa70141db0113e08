"""Reads of drafts and jobs."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from governance.simulations.models import Simulation, SimulationJob
from inventory.models import Connection
from inventory.viewing import Viewer, visible


def simulations(viewer: Viewer, *, connection: Connection) -> QuerySet[Simulation]:
    """Return everybody's drafts of an organization, the latest first."""
    rows = Simulation.objects.filter(connection=connection).select_related("owner")
    return visible(rows, viewer)


def simulation_job(
    viewer: Viewer, *, connection: Connection, job_id: UUID, requested_by: User, now: datetime
) -> SimulationJob | None:
    """Return a job of one's own that has not expired."""
    rows = SimulationJob.objects.filter(
        connection=connection, pk=job_id, requested_by=requested_by, expires_at__gt=now
    )
    return visible(rows, viewer).first()
