"""What each source of drift beside the structure is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from django.db.models import Q

from governance.drift.difference import FoundDifference
from governance.drift.models import DriftItem
from inventory.models import Connection
from inventory.models.versions import Version
from inventory.selectors.coverage import latest_coverage
from inventory.selectors.snapshots import COMPLETE, UNSUPPORTED
from inventory.selectors.state_marks import state_marks
from inventory.viewing import Viewer

VIEWER: Final = Viewer(sees_inventory=True)


@dataclass(frozen=True, slots=True)
class SourceLook:
    """What a source is asked. `since`: the start of the run up to which it looked; None: never.

    `items`: its items that are not resolved. `seen_at`: of the last run. `from_the_start`: from
    when on what was seen first counts; None: all that was ever seen.
    """

    connection: Connection
    since: datetime | None
    seen_at: datetime
    items: Sequence[DriftItem]
    from_the_start: datetime | None = None

    @property
    def by_subject(self) -> Mapping[str, DriftItem]:
        """The items by subject."""
        return {item.subject: item for item in self.items}


@dataclass(frozen=True, slots=True)
class SourceFindings:
    """What a source found. `unread`: the subjects of items that cannot be verified now.

    `excepted`: the subjects that an exception covers whole. `ended`: subjects of items that are no
    drift any more for another reason than that all is as agreed, with the reason.
    """

    differences: Sequence[FoundDifference] = ()
    unread: Collection[str] = ()
    excepted: Collection[str] = field(default=frozenset())
    ended: Mapping[str, str] = field(default_factory=dict)


class DriftSource(Protocol):
    """Something that finds drift. `prefix`: how its subjects begin, with a colon."""

    prefix: str

    def mark(self, connection: Connection) -> str:
        """Return what is equal while nothing changed that it looks at, by a few short queries."""

    def find(self, look: SourceLook) -> SourceFindings:
        """Return all that differs now: what is not among it is as agreed."""


def rows_mark(connection: Connection, *tables: type[Version]) -> str:
    """Return what is equal while no row of some tables began or ended."""
    marks = state_marks(VIEWER, connection=connection, tables=tables)
    return "|".join(str(mark) for mark in marks)


def changed_rows(
    model: type[Version], connection: Connection, since: datetime, where: Q
) -> list[Any]:
    """Return the versions of a table that began or ended after a time, by key and time."""
    rows = model._default_manager.filter(where, connection=connection)
    touched = rows.filter(Q(seen_from__gt=since) | Q(seen_until__gt=since))
    return list(touched.order_by(*model.natural_key, "seen_from"))


def unread_accounts(
    connection: Connection, account_ids: Collection[str], collectors: Collection[str]
) -> set[str]:
    """Return those of some accounts that one of some collectors did not read completely."""
    if not account_ids:
        return set()
    chosen = Q()
    for name in collectors:
        chosen |= Q(collector__startswith=name)
    rows = latest_coverage(VIEWER, connection=connection).filter(
        chosen, account_id__in=sorted(account_ids)
    )
    return set(rows.exclude(state__in=(COMPLETE, UNSUPPORTED)).values_list("account_id", flat=True))
