"""Edges and findings as versions: unchanged ones write nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any, Final

from django.db import connection as database
from django.db.models import Max, QuerySet

from governance.posture.trust.edge_rows import EdgeRow, FindingRow, row_fingerprint
from governance.posture.trust.models import TrustEdge, TrustFinding
from inventory.models import Connection, InventoryRun

# How PostgreSQL's COPY wants what would end a column or a row.
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL: Final = "\\N"


@dataclass(slots=True)
class WrittenVersions:
    """How many versions began and ended."""

    opened: int = 0
    closed: int = 0

    def __add__(self, other: "WrittenVersions") -> "WrittenVersions":
        """Return both together."""
        return WrittenVersions(self.opened + other.opened, self.closed + other.closed)


def moment_to_write(connection: Connection, now: datetime) -> datetime:
    """Return when versions that are written now begin and end.

    The start of the last run that has ended, as the rows that they follow from. Where something was
    written for that time already, now: what follows from something else than a run, such as the
    name of a vendor, changes when it does.
    """
    runs = InventoryRun.objects.filter(connection=connection, started_at__isnull=False)
    ended = runs.exclude(state__in=InventoryRun.ACTIVE_STATES)
    run_at: datetime | None = ended.aggregate(at=Max("started_at"))["at"]
    if run_at is None:
        return now
    for model in (TrustEdge, TrustFinding):
        rows = model.objects.filter(connection=connection)
        if (
            rows.filter(seen_from__gte=run_at).exists()
            or rows.filter(seen_until__gte=run_at).exists()
        ):
            return now
    return run_at


def store_edges(
    connection: Connection,
    found: Iterable[EdgeRow],
    *,
    account_ids: Collection[str],
    kept: Collection[tuple[str, str]],
    moment: datetime,
) -> WrittenVersions:
    """Store all edges into some accounts. `kept`: (ARN, source) of which nothing is known now."""
    stored = TrustEdge.objects.as_of(None).filter(
        connection=connection, account_id__any_of=sorted(account_ids)
    )
    left = set(kept)
    known: dict[str, tuple[int, str]] = {}
    stays: set[str] = set()
    for pk, key, fingerprint, arn, source in stored.values_list(
        "pk", "key", "fingerprint", "resource_arn", "source"
    ):
        known[key] = (pk, fingerprint)
        if left and (arn, source) in left:
            stays.add(key)
    return _store(TrustEdge, EdgeRow._fields, connection, found, known, stays, moment)


def store_findings(
    connection: Connection,
    found: Iterable[FindingRow],
    *,
    found_in: str,
    moment: datetime,
    account_ids: Collection[str] | None = None,
    kept_arns: Collection[str] = (),
) -> WrittenVersions:
    """Store all that was found in some accounts, or everywhere; what is gone is closed.

    `found_in`: only what was found there before is compared. `kept_arns`: subjects of which
    nothing is known now, whose findings stay.
    """
    stored: QuerySet[Any] = TrustFinding.objects.as_of(None).filter(
        connection=connection, found_in=found_in
    )
    if account_ids is not None:
        stored = stored.filter(account_id__any_of=sorted(account_ids))
    left = set(kept_arns)
    known: dict[str, tuple[int, str]] = {}
    stays: set[str] = set()
    for pk, key, fingerprint, arn in stored.values_list("pk", "key", "fingerprint", "subject_arn"):
        known[key] = (pk, fingerprint)
        if arn in left:
            stays.add(key)
    columns = FindingRow._fields
    return _store(TrustFinding, columns, connection, found, known, stays, moment, found_in=found_in)


def _store(
    model: type[TrustEdge] | type[TrustFinding],
    columns: Sequence[str],
    connection: Connection,
    found: Iterable[EdgeRow] | Iterable[FindingRow],
    known: dict[str, tuple[int, str]],
    stays: set[str],
    moment: datetime,
    **constant: str,
) -> WrittenVersions:
    opening: list[tuple[Any, ...]] = []
    closing: list[int] = []
    seen: set[str] = set()
    shared = (connection.pk, moment.isoformat(), *constant.values())
    for row in found:
        if row.key in seen:
            continue
        seen.add(row.key)
        fingerprint = row_fingerprint(row)
        before = known.get(row.key)
        if before is not None:
            if before[1] == fingerprint:
                continue
            closing.append(before[0])
        opening.append((*shared, fingerprint, *row))
    gone = known.keys() - seen - stays
    closing += [known[key][0] for key in gone]
    for start in range(0, len(closing), 10_000):
        part = closing[start : start + 10_000]
        model.objects.filter(pk__in=part).update(seen_until=moment)
    names = ("connection_id", "seen_from", *constant, "fingerprint", *columns)
    _copy(model._meta.db_table, names, opening)
    return WrittenVersions(len(opening), len(closing))


def _copy(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows at once: an INSERT of as many takes three times as long."""
    if not rows:
        return
    text = StringIO()
    for row in rows:
        text.write("\t".join(_NULL if one is None else str(one).translate(_ESCAPED) for one in row))
        text.write("\n")
    text.seek(0)
    quoted = ", ".join(database.ops.quote_name(each) for each in columns)
    with database.cursor() as cursor:
        cursor.copy_expert(f"COPY {database.ops.quote_name(table)} ({quoted}) FROM STDIN", text)
