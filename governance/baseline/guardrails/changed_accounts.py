"""In which accounts rows changed that state assertions read, since they were looked at last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Max, Q

from governance.baseline.guardrails.models import GuardrailReading
from governance.posture.trust.models import TrustEdge, TrustReading
from inventory.models import (
    AccountSetting,
    Connection,
    Coverage,
    OrganizationSetting,
    ResourcePolicy,
    ServiceConfiguration,
)

_BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)
# Table → the column that says when a row ended.
_TABLES: Final[Mapping[str, tuple[Any, str]]] = {
    ":services": (ServiceConfiguration, "seen_until"),
    ":account_settings": (AccountSetting, "seen_until"),
    ":organization_settings": (OrganizationSetting, "seen_until"),
    ":edges": (TrustEdge, "seen_until"),
    ":resources": (ResourcePolicy, "seen_until"),
    ":coverage": (Coverage, "held_until"),
    ":trust": (TrustReading, "read_at"),
}


@dataclass(frozen=True, slots=True)
class TableMark:
    """The key of the newest row of a table, and when one ended last."""

    newest: int
    ended: datetime


@dataclass(frozen=True, slots=True)
class TableMarks:
    """The marks of the tables that state assertions read, as they are now."""

    by_name: Mapping[str, TableMark]

    @classmethod
    def read(cls, connection: Connection) -> "TableMarks":
        """Return the marks of an organization's rows, in two short queries a table."""
        found = {}
        for name, (model, column) in _TABLES.items():
            rows = model.objects.filter(connection=connection)
            newest = rows.aggregate(last=Max("pk"))["last"]
            ended = rows.aggregate(last=Max(column))["last"]
            found[name] = TableMark(newest or 0, ended or _BEGINNING)
        return cls(found)


def changed_accounts(
    connection: Connection, readings: Mapping[str, GuardrailReading], now: TableMarks
) -> frozenset[str]:
    """Return the accounts of which a row began or ended since the readings."""
    found: set[str] = set()
    for name, mark in now.by_name.items():
        model, column = _TABLES[name]
        reading = readings.get(name)
        before = TableMark(
            int(reading.inputs_sha256) if reading else 0, reading.moment if reading else _BEGINNING
        )
        if before == mark:
            continue
        rows = model.objects.filter(connection=connection).filter(
            Q(pk__gt=before.newest) | Q(**{f"{column}__gte": before.ended})
        )
        found.update(rows.order_by().values_list("account_id", flat=True).distinct())
    return frozenset(found - {""})


def noted_marks(
    connection: Connection, marks: TableMarks, *, now: datetime
) -> Sequence[GuardrailReading]:
    """Return the rows that note up to when tables were looked at."""
    return [
        GuardrailReading(
            connection=connection,
            guardrail_id=name,
            inputs_sha256=str(mark.newest),
            moment=mark.ended,
            read_at=now,
        )
        for name, mark in marks.by_name.items()
    ]
