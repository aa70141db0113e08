"""What a scan costs, and whether a source's budget of the month has room for one more.

Source: Athena pricing: by the terabyte scanned, as the files are packed; at least 10 MB a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal
from typing import Final

from django.conf import settings

from inventory.models import Connection, LogQuery, LogSource

_SMALLEST_BYTES: Final = 10_000_000
_TERABYTE: Final = 10**12
_CENT: Final = Decimal("0.01")


def cost_usd(scanned_bytes: int) -> Decimal:
    """Return what one query costs that scans so many bytes, in US dollars, cents rounded up."""
    price = Decimal(str(settings.INVENTORY_ATHENA_USD_PER_TERABYTE))
    billed = Decimal(max(scanned_bytes, _SMALLEST_BYTES)) * price / _TERABYTE
    return billed.quantize(_CENT, rounding=ROUND_UP)


def spent_usd(source: LogSource, now: datetime) -> Decimal:
    """Return what a source's queries of this month, in UTC, cost or are expected to cost."""
    at = now.astimezone(UTC)
    month = datetime(at.year, at.month, 1, tzinfo=UTC)
    rows = (
        LogQuery.objects.filter(source=source, asked_at__gte=month)
        .exclude(state=LogQuery.State.OVER_BUDGET)
        .values_list("scanned_bytes", "estimated_bytes")
    )
    costs = (
        cost_usd(scanned if scanned is not None else expected or 0) for scanned, expected in rows
    )
    return sum(costs, Decimal(0))


def expected_bytes(source: LogSource) -> int | None:
    """Return what a day's query is expected to scan: the most of the last ten; None: none ended."""
    ended = LogQuery.objects.filter(source=source, scanned_bytes__isnull=False)
    return max(
        (scanned for scanned in ended.values_list("scanned_bytes", flat=True)[:10] if scanned),
        default=None,
    )


def over_budget(source: LogSource, estimated_bytes: int | None, now: datetime) -> str:
    """Return in words why a day's query would cost more than the month has left; '' if it fits."""
    budget = source.monthly_budget_usd
    if budget is None:
        return ""
    spent, expected = spent_usd(source, now), cost_usd(estimated_bytes or 0)
    if spent + expected <= budget:
        return ""
    return (
        f"The scan is expected to cost ${expected}; ${spent} of this month's ${budget} are spent. "
        "Raise the budget, or wait for the next month."
    )


def month_spent_usd(source: LogSource, now: datetime) -> Decimal | None:
    """Return what this month's scans of a source cost; None where Athena does not read it."""
    return spent_usd(source, now) if source.kind == LogSource.Kind.ATHENA else None


@dataclass(frozen=True, slots=True)
class QueryCost:
    """One query with what it was expected to cost and did, in US dollars; None: not known."""

    query: LogQuery
    expected_usd: Decimal | None
    cost_usd: Decimal | None


def newest_queries(connection: Connection, most: int) -> list[QueryCost]:
    """Return the newest queries of an organization's sources, newest first."""
    rows = LogQuery.objects.filter(source__connection=connection).select_related("source")[:most]
    return [QueryCost(row, _usd(row.estimated_bytes), _usd(row.scanned_bytes)) for row in rows]


def _usd(size_bytes: int | None) -> Decimal | None:
    return None if size_bytes is None else cost_usd(size_bytes)
