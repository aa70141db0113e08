"""Reads of drafts."""

from django.db.models import QuerySet

from governance.simulations.models import Simulation
from inventory.models import Connection
from inventory.viewing import Viewer, visible


def simulations(viewer: Viewer, *, connection: Connection) -> QuerySet[Simulation]:
    """Return everybody's drafts of an organization, the latest first."""
    rows = Simulation.objects.filter(connection=connection).select_related("owner")
    return visible(rows, viewer)
