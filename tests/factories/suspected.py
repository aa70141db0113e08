"""Deletions that a run suspects."""

from typing import Any

from inventory.models import InventoryRun, SuspectedDeletion
from inventory.models.versions import Version


def suspected(run: InventoryRun, rows: list[Version], **values: Any) -> SuspectedDeletion:
    """Return the suspicion that a run lacked some rows of one table."""
    assert run.started_at is not None
    return SuspectedDeletion.objects.create(
        connection=run.connection,
        table=type(rows[0]).__name__,
        missing_at=run.started_at,
        missing=len(rows),
        known=len(rows),
        row_ids=[row.pk for row in rows],
        **values,
    )
