"""Change requests explain writes: by the journal of rollouts, and by what another tool applies."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from governance.changes.models import ChangeRequest, JournalEntry
from governance.changes.rollout.journal import Phase
from governance.changes.states import ChangeState
from governance.drift.explaining import DriftExplanation, register_source
from governance.drift.models import DriftItem
from inventory.models import Connection

# A run may have begun a little before a call that it saw the result of.
_MARGIN: Final = timedelta(minutes=15)
_OUTSIDE: Final = (ChangeState.HANDED_OUT, ChangeState.DIFFERS)


class ChangeRequestExplanations:
    """What Orgwarden knows of writes: its own, and those of plans that it handed out."""

    name = "Orgwarden"

    def reads_logs(self, _connection: Connection) -> bool:
        """Return False: it knows of change requests alone."""
        return False

    def explanations(
        self, connection: Connection, items: Sequence[DriftItem], *, since: datetime | None
    ) -> Mapping[str, DriftExplanation]:
        """Return the change requests that wrote what items are about, by their key."""
        if since is None or not items:
            return {}
        ids = {item.key: _ids(item) for item in items}
        written = self._written(connection, since)
        named_ids = {one for each in ids.values() for one in each}
        handed_out = self._handed_out(connection, since, named_ids)
        found = {}
        for key, named in ids.items():
            by = next((written[one] for one in named if one in written), None)
            by = by or next((handed_out[one] for one in named if one in handed_out), None)
            if by is not None:
                found[key] = by
        return found

    def _written(self, connection: Connection, since: datetime) -> dict[str, DriftExplanation]:
        lines = JournalEntry.objects.filter(
            rollout__change_request__connection=connection,
            phase=Phase.INTENT,
            recorded_at__gte=since - _MARGIN,
        ).select_related("rollout__change_request")
        found = {}
        for line in lines.order_by("pk"):
            number = line.rollout.change_request.number
            told = DriftExplanation(
                self.name,
                f"change request #{number}",
                line.recorded_at,
                line.call,
                change_number=number,
            )
            for one in (line.detail.get("PolicyId"), *line.rollout.created.values()):
                if one:
                    found[str(one)] = told
        return found

    def _handed_out(
        self, connection: Connection, since: datetime, ids: set[str]
    ) -> dict[str, DriftExplanation]:
        requests = ChangeRequest.objects.filter(
            Q(state__in=_OUTSIDE) | Q(applied_at__gte=since - _MARGIN),
            connection=connection,
            object_ids__overlap=sorted(ids),
        ).exclude(applied=ChangeRequest.Applied.HERE)
        return {
            one: DriftExplanation(
                self.name,
                f"change request #{request.number}, applied by another tool",
                request.applied_at,
                change_number=request.number,
            )
            for request in requests
            for one in request.object_ids
        }


def _ids(item: DriftItem) -> list[str]:
    """Return the ids of policies in an item's subject."""
    return [part for part in item.subject.split(":") if part.startswith("p-")]


def register() -> None:
    """Have drift be explained by change requests."""
    register_source(ChangeRequestExplanations())
