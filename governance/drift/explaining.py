"""Who did it: what explains a difference, by sources that know of writes to AWS.

Orgwarden's own change requests are one; whoever reads CloudTrail registers another. Without any
that knows of logs the answer is `NO_LOG_SOURCE`, never "nobody".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from governance.drift.models import DriftItem
from inventory.models import Connection

# Of a permission set of Identity Center, in an account.
PERMISSION_SET_ROLE: Final = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
NO_LOG_SOURCE: Final = "No log source"
NOT_IN_LOGS: Final = "Not found in the logs"


@dataclass(frozen=True, slots=True)
class DriftExplanation:
    """Who wrote what differs. `principal`: an ARN or a name. `source`: where that is from.

    `event_id`: of the record there; `change_number`: of the change request that wrote it.
    `session`: the session's name; `issuer`: the role or provider that it came from; `surface`: a
    `CallSurface`, such as `console`.
    """

    source: str
    principal: str
    at: datetime | None = None
    call: str = ""
    event_id: str = ""
    change_number: int | None = None
    session: str = ""
    address: str = ""
    surface: str = ""
    issuer: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as an item stores it."""
        return {
            "source": self.source,
            "principal": self.principal,
            "at": None if self.at is None else self.at.isoformat(),
            "call": self.call,
            "event_id": self.event_id,
            "change_number": self.change_number,
            "session": self.session,
            "address": self.address,
            "surface": self.surface,
            "issuer": self.issuer,
        }


class ExplanationSource(Protocol):
    """Something that knows who wrote to AWS."""

    name: str

    def reads_logs(self, connection: Connection) -> bool:
        """Return whether it sees everybody's writes to an organization."""

    def explanations(
        self, connection: Connection, items: Sequence[DriftItem], *, since: datetime | None
    ) -> Mapping[str, DriftExplanation]:
        """Return what explains items, by their key; those that it knows nothing of are absent.

        `since`: no write before it can be the one; None: not known.
        """


class OwnWritesSource(Protocol):
    """The calls that change requests made, or have made by another tool, in a span of time."""

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
        """Return the number of the change request that made a logged call; None: none did.

        `given`: the event's `requestParameters`. `request_id`: AWS's id of the call.
        `session_arn`: the session that made it. `object_ids`: what the call is about.
        """


OwnWritesReader = Callable[[Connection, datetime, datetime], OwnWritesSource]


@dataclass(frozen=True, slots=True)
class OwnWrites:
    """What all sources know of the calls in a span of time."""

    sources: tuple[OwnWritesSource, ...]

    def explains(
        self,
        *,
        call: str,
        given: Mapping[str, Any],
        request_id: str,
        session_arn: str,
        at: datetime,
        object_ids: frozenset[str],
    ) -> bool:
        """Whether a change request made a logged call. Arguments: see `OwnWritesSource`."""
        return any(
            source.explains(
                call=call,
                given=given,
                request_id=request_id,
                session_arn=session_arn,
                at=at,
                object_ids=object_ids,
            )
            is not None
            for source in self.sources
        )


_sources: Final[dict[str, ExplanationSource]] = {}
_own_writes: Final[dict[str, OwnWritesReader]] = {}


def register_source(source: ExplanationSource) -> None:
    """Have a source be asked, in the order of registering."""
    _sources[source.name] = source


def register_own_writes(name: str, reader: OwnWritesReader) -> None:
    """Have a reader be asked which logged calls change requests made."""
    _own_writes[name] = reader


def own_writes(connection: Connection, *, since: datetime, until: datetime) -> OwnWrites:
    """Return what change requests wrote between two times."""
    return OwnWrites(tuple(read(connection, since, until) for read in _own_writes.values()))


def unexplained_words(connection: Connection) -> str:
    """Return what to say of a difference that nothing explains, for people."""
    reads = any(source.reads_logs(connection) for source in _sources.values())
    return NOT_IN_LOGS if reads else NO_LOG_SOURCE


def explained(
    connection: Connection, items: Sequence[DriftItem], *, since: datetime | None
) -> dict[str, DriftExplanation]:
    """Return what explains items, by key, of the first source that knows."""
    found: dict[str, DriftExplanation] = {}
    for source in _sources.values():
        asked = [item for item in items if item.key not in found]
        if asked:
            found.update(source.explanations(connection, asked, since=since))
    return found


def explanation_words(item: DriftItem, unexplained: str | None = None) -> str:
    """Return who did it, for people, or that no log tells.

    `unexplained`: see `unexplained_words`; give it where there are many items.
    """
    known = item.explained_by
    if known:
        return actor_words(known)
    return unexplained_words(item.connection) if unexplained is None else unexplained


def actor_words(explained_by: Mapping[str, Any]) -> str:
    """Return who a stored explanation names: `role Admin (ada@example.com)`, or a request.

    A role of Identity Center is named by its permission set.
    """
    principal = str(explained_by.get("principal") or "")
    name = principal.rpartition(":")[2] if principal.startswith("arn:") else principal
    kind, slash, rest = name.partition("/")
    last = rest.rpartition("/")[2]
    if found := PERMISSION_SET_ROLE.fullmatch(last):
        kind, last = "permission set", found[1]
    words = f"{kind} {last}" if slash else name
    session = explained_by.get("session")
    return f"{words} ({session})" if session else words
