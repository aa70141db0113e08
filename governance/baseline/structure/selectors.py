"""Reads of the baseline's versions."""

from django.db.models import QuerySet

from governance.baseline.structure.models import BaselineVersion
from inventory.models import Connection
from inventory.viewing import Viewer, visible


def baseline_versions(viewer: Viewer, *, connection: Connection) -> "QuerySet[BaselineVersion]":
    """Return the versions that a viewer may see, the newest first, without their documents.

    They speak of the whole organization: who sees a part of it sees none.
    """
    rows = visible(BaselineVersion.objects.all(), viewer).filter(connection=connection)
    return rows.defer("document", "text").select_related("made_by").order_by("-number")


def baseline_find(
    viewer: Viewer, *, connection: Connection, number: int | None = None
) -> BaselineVersion | None:
    """Return a version, or the one in force; None where the viewer sees none."""
    rows = baseline_versions(viewer, connection=connection)
    if number is not None:
        if number > 2**31 - 1:
            return None
        rows = rows.filter(number=number)
    return rows.first()
