"""Who looks: every selector takes a `Viewer` and returns only what that viewer may see.

Limits by organization or OU come in here and in `visible`, and nowhere else.
"""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, QuerySet

from inventory.models import Connection

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Viewer:
    """What one person or token may see of the inventory.

    `sees_inventory`: holds the right `inventory.view_connection`. Without it nothing is visible.
    """

    sees_inventory: bool


def visible_connections(viewer: Viewer) -> QuerySet[Connection]:
    """The connected organizations that the viewer may see."""
    connections = Connection.objects.all()
    return connections if viewer.sees_inventory else connections.none()


def visible(rows: "QuerySet[Row]", viewer: Viewer) -> "QuerySet[Row]":
    """Keep the rows, of any table with a `connection`, that the viewer may see."""
    return rows if viewer.sees_inventory else rows.none()
