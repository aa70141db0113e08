"""Deletions that the journal explains: an inventory run closes them without suspicion."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from governance.changes.models import JournalEntry
from governance.changes.rollout.journal import Phase
from inventory.models import Connection, OrganizationalUnit, Policy, PolicyAttachment
from inventory.models.versions import Version
from inventory.store import closing

# Longer than any organization goes unread while a rollout is under way.
_SINCE: Final = timedelta(days=7)


def explained_by_journal(connection: Connection) -> closing.IsExplained:
    """Return whether a rollout of the last days has deleted a row, by its table and key."""
    gone: set[tuple[type[Version], tuple[str, ...]]] = set()
    deleted: set[str] = set()
    lines = JournalEntry.objects.filter(
        rollout__change_request__connection=connection,
        phase=Phase.INTENT,
        recorded_at__gte=timezone.now() - _SINCE,
        call__in=("DetachPolicy", "DeletePolicy", "DeleteOrganizationalUnit"),
    )
    for call, given in lines.values_list("call", "detail"):
        match call:
            case "DetachPolicy":
                gone.add((PolicyAttachment, (given["PolicyId"], given["TargetId"])))
            case "DeletePolicy":
                gone.add((Policy, (given["PolicyId"],)))
                deleted.add(given["PolicyId"])
            case _:
                gone.add((OrganizationalUnit, (given["OrganizationalUnitId"],)))
                deleted.add(given["OrganizationalUnitId"])

    def is_explained(model: type[Version], key: tuple[str, ...]) -> bool:
        if (model, key) in gone:
            return True
        return model is PolicyAttachment and not deleted.isdisjoint(key)

    return is_explained


def register() -> None:
    """Have inventory runs ask the journal."""
    closing.EXPLANATIONS.append(explained_by_journal)
