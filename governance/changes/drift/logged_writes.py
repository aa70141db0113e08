"""Which calls in CloudTrail change requests made, as the journal tells.

By AWS's request id; or by the apply role's session of the request with the parameters that the
journal announced; or, where AWS's answer was lost, by these parameters alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Q

from governance.changes.models import ChangeRequest, JournalEntry
from governance.changes.rollout.journal import Phase, session_name
from governance.changes.states import ChangeState
from governance.drift.explaining import OwnWritesSource, register_own_writes
from inventory.models import Connection

# Clocks differ, and a call that was answered late was logged early.
_MARGIN: Final = timedelta(minutes=15)
_OUTSIDE: Final = (ChangeState.HANDED_OUT, ChangeState.DIFFERS)
_NAMED: Final = ("PolicyId", "TargetId", "AccountId", "OrganizationalUnitId", "Name", "PolicyType")


class _Intent(NamedTuple):
    """A call that was announced. `is_answered`: the journal holds AWS's request id of it."""

    at: datetime
    given: Mapping[str, Any]
    number: int
    is_answered: bool


class JournaledWrites:
    """The calls of one organization's change requests around a span of time."""

    def __init__(self, connection: Connection, since: datetime, until: datetime) -> None:
        self._connection = connection
        self._by_request_id: dict[str, int] = {}
        self._intents: dict[str, list[_Intent]] = {}
        self._handed_out: list[tuple[frozenset[str], datetime | None, int]] | None = None
        self._since = since
        lines = JournalEntry.objects.filter(
            rollout__change_request__connection=connection,
            phase__in=(Phase.INTENT, Phase.ANSWER),
            recorded_at__range=(since - _MARGIN, until + _MARGIN),
        ).order_by("pk")
        intents: dict[tuple[int, int, int], tuple[str, _Intent]] = {}
        for line in lines.select_related("rollout__change_request"):
            number = line.rollout.change_request.number
            key = (line.rollout_id, line.step, line.attempt)
            if line.phase == Phase.INTENT:
                intents[key] = (line.call, _Intent(line.recorded_at, line.detail, number, False))
            elif line.aws_request_id:
                self._by_request_id[line.aws_request_id] = number
                if key in intents:
                    call, intent = intents[key]
                    intents[key] = (call, intent._replace(is_answered=True))
        for call, intent in intents.values():
            self._intents.setdefault(call, []).append(intent)

    def explains(
        self,
        *,
        call: str,
        given: Mapping[str, Any],
        request_id: str,
        session_arn: str,
        at: datetime,
        object_ids: frozenset[str],
    ) -> int | None:
        """Return the number of the change request that made a call; None: none did."""
        found = self._by_request_id.get(request_id) if request_id else None
        if found is not None:
            return found
        for intent in self._intents.get(call, ()):
            is_own = not intent.is_answered or self._is_session_of(session_arn, intent.number)
            if is_own and abs(at - intent.at) <= _MARGIN and _are_alike(intent.given, given):
                return intent.number
        return self._by_another_tool(object_ids, at)

    def _is_session_of(self, session_arn: str, number: int) -> bool:
        """Whether a session is the one in which the apply role carries out a change request."""
        account_id, _, role = self._connection.apply_role_arn.partition(":iam::")[2].partition(":")
        name = role.rpartition("/")[2]
        wanted = f"::{account_id}:assumed-role/{name}/{session_name(number)}"
        return bool(name) and session_arn.endswith(wanted)

    def _by_another_tool(self, object_ids: frozenset[str], at: datetime) -> int | None:
        """Return a request handed out to another tool that names a policy or account of a call."""
        if self._handed_out is None:
            rows = ChangeRequest.objects.filter(
                Q(state__in=_OUTSIDE) | Q(applied_at__gte=self._since - _MARGIN),
                connection=self._connection,
            ).exclude(applied=ChangeRequest.Applied.HERE)
            self._handed_out = [
                (
                    frozenset(one for one in row.object_ids if _is_own(one)),
                    row.applied_at,
                    row.number,
                )
                for row in rows
            ]
        named = {one for one in object_ids if _is_own(one)}
        for ids, applied_at, number in self._handed_out:
            if not ids.isdisjoint(named) and (applied_at is None or at <= applied_at + _MARGIN):
                return number
        return None


def _is_own(object_id: str) -> bool:
    """Whether an id names what is written itself, and not where it is attached."""
    return object_id.startswith("p-")


def _are_alike(intended: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether a logged call has the parameters of an intended one, as far as both tell them."""
    shared = [name for name in _NAMED if name in intended]
    return bool(shared) and all(
        given.get(name[0].lower() + name[1:]) == intended[name] for name in shared
    )


def _read(connection: Connection, since: datetime, until: datetime) -> OwnWritesSource:
    return JournaledWrites(connection, since, until)


def register() -> None:
    """Have detections ask the journal."""
    register_own_writes("change requests", _read)
