"""Reads a source's logs by Athena, day by day: one query at a time, each paid for once.

A step does what can be done now and never waits, so that a worker is free while Athena works. Each
step may be interrupted anywhere: a query that was sent is found again by its token, and a day's
rows, its query's state among them, are stored in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import uuid4

from django.db import IntegrityError, transaction

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsError
from inventory.cloudtrail.usage import CloudTrailUsage
from inventory.logs.athena.costs import expected_bytes, over_budget
from inventory.logs.athena.grouping import LogTable, query_of_day
from inventory.logs.athena.rows import ResultRow, usage_of
from inventory.logs.session import LogSession
from inventory.models import LogDay, LogQuery, LogSource
from inventory.signals import logs_were_read
from inventory.store.usage import (
    UnmappedCount,
    add_denials,
    add_unmapped,
    add_usage,
    remove_day,
)

SETTLED: Final = timedelta(hours=3)
"""So long after its end a day's files have come, but for few."""
_RETRY_AFTER: Final = timedelta(hours=1)
_STATE: Final = LogQuery.State
_AT_WORK: Final = ("QUEUED", "RUNNING")


def has_step(source: LogSource, now: datetime) -> bool:
    """Return whether a query is to be settled, or a day to be asked for."""
    asked = source.queries.filter(state=_STATE.ASKED).exists()
    return asked or next_day(source, now) is not None


def ask_athena(*, source_id: int, now: datetime) -> LogQuery | None:
    """Take a source's next step in AWS; `problem` of the source says what stands against it.

    :raises LogSource.DoesNotExist: the source is gone.
    """
    source = LogSource.objects.select_related("connection").get(pk=source_id)
    if not source.is_enabled:
        return None
    try:
        query = go_on(source, LogSession(source).client("athena"), now=now)
    except AwsError as error:
        _note(source, str(error), now)
        return None
    is_refused = query is not None and query.state in (_STATE.FAILED, _STATE.OVER_BUDGET)
    _note(source, query.why if query is not None and is_refused else "", now)
    return query


def _note(source: LogSource, problem: str, now: datetime) -> None:
    LogSource.objects.filter(pk=source.pk).update(problem=problem, last_listed_at=now)


def go_on(source: LogSource, athena: AwsClient, *, now: datetime) -> LogQuery | None:
    """Take one step: settle the query that was asked, or ask for the next day. None: none is due.

    AWS: athena:StartQueryExecution, GetQueryExecution, GetQueryResults.
    :raises AwsError: Athena could not be asked; the query stays, and the next step goes on with it.
    """
    asked = LogQuery.objects.filter(source=source, state=_STATE.ASKED).first()
    if asked is None:
        asked = _next(source, now)
        if asked is None or asked.state != _STATE.ASKED:
            return asked
    if not asked.query_id:
        _ask(asked, athena)
        return asked
    _settle(asked, athena, now)
    return asked


def next_day(source: LogSource, now: datetime) -> date | None:
    """Return the first day of a source that has ended, was not read, and did not just fail."""
    done = set(source.queries.filter(state=_STATE.READ).values_list("day", flat=True)) | set(
        source.queries.exclude(state=_STATE.READ)
        .filter(asked_at__gt=now - _RETRY_AFTER)
        .values_list("day", flat=True)
    )
    last = (now - SETTLED).astimezone(UTC).date() - timedelta(days=1)
    days = (
        source.read_from + timedelta(days=at) for at in range((last - source.read_from).days + 1)
    )
    return next((day for day in days if day not in done), None)


def _next(source: LogSource, now: datetime) -> LogQuery | None:
    day = next_day(source, now)
    if day is None:
        return None
    estimated = expected_bytes(source)
    why = over_budget(source, estimated, now)
    query = LogQuery(
        source=source,
        day=day,
        token=uuid4(),
        estimated_bytes=estimated,
        asked_at=now,
        state=_STATE.OVER_BUDGET if why else _STATE.ASKED,
        why=why,
        ended_at=now if why else None,
    )
    try:
        with transaction.atomic():
            query.save()
    except IntegrityError:  # another worker was first
        return None
    return query


def _ask(query: LogQuery, athena: AwsClient) -> None:
    source = query.source
    answer = athena.call(
        "start_query_execution",
        QueryString=query_of_day(_table(source), query.day),
        ClientRequestToken=str(query.token),
        WorkGroup=source.athena_workgroup,
    )
    query.query_id = str(answer["QueryExecutionId"])
    query.save(update_fields=["query_id"])


def _table(source: LogSource) -> LogTable:
    return LogTable(source.athena_database, source.athena_table)


def _settle(query: LogQuery, athena: AwsClient, now: datetime) -> None:
    execution = athena.call("get_query_execution", QueryExecutionId=query.query_id)[
        "QueryExecution"
    ]
    state = str(execution["Status"]["State"])
    if state in _AT_WORK:
        return
    scanned = execution.get("Statistics", {}).get("DataScannedInBytes")
    query.scanned_bytes = int(scanned) if scanned is not None else None
    query.ended_at = now
    if state != "SUCCEEDED":
        said = str(execution["Status"].get("StateChangeReason", "")) or "Athena gave no reason"
        query.state = _STATE.FAILED
        query.why = f"Athena ended the query as {state.lower()}: {said[:1000]}"
        query.save()
        return
    try:
        rows = list(_result(athena, query.query_id))
    except AwsError as error:
        # The result stays in its bucket; it is read again without another scan.
        query.why = str(error)
        query.save(update_fields=["why"])
        raise
    _store(query, rows, now)


def _result(athena: AwsClient, query_id: str) -> Iterator[ResultRow]:
    """Yield the rows of a result. The first row of its first page has the columns' names."""
    names: list[str] = []
    for page in athena.pages("get_query_results", QueryExecutionId=query_id):
        for row in page["ResultSet"]["Rows"]:
            values = [value.get("VarCharValue") for value in row["Data"]]
            if not names:
                names = [str(value) for value in values]
            else:
                yield dict(zip(names, values, strict=True))


def _store(query: LogQuery, rows: list[ResultRow], now: datetime) -> None:
    """Store a day in place of what was stored of it, with its query's end."""
    usage = usage_of(rows)
    connection = query.source.connection
    with transaction.atomic():
        LogSource.objects.select_for_update().get(pk=query.source_id)
        if LogQuery.objects.get(pk=query.pk).state != _STATE.ASKED:
            return  # another worker stored it
        remove_day(connection, query.day)
        add_usage(connection, usage.records())
        add_denials(connection, usage.denials())
        add_unmapped(connection, _unmapped(usage, query.day))
        _store_places(query, rows, now)
        query.state, query.why = _STATE.READ, ""
        query.groups, query.events = len(rows), usage.events
        query.save()
        logs_were_read.send(
            LogSource, organization_id=connection.pk, days=[query.day], event_ids=[]
        )


def _unmapped(usage: CloudTrailUsage, day: date) -> Iterable[UnmappedCount]:
    for name, count in usage.unmapped.items():
        source, _, event = name.partition(":")
        yield UnmappedCount(day, source, event, count)


def _store_places(query: LogQuery, rows: list[ResultRow], now: datetime) -> None:
    """Say of each account and region that its folder of the day was read."""
    places: dict[tuple[str, str], list[ResultRow]] = defaultdict(list)
    for row in rows:
        if row["recipient_account_id"] and row["region"]:
            places[row["recipient_account_id"], row["region"]].append(row)
    LogDay.objects.filter(source=query.source, day=query.day).delete()
    LogDay.objects.bulk_create(
        LogDay(
            source=query.source,
            account_id=account_id,
            region=region,
            day=query.day,
            listed_at=now,
            objects_found=1,
            objects_read=1,
            events=sum(int(row["count"] or 0) for row in of_place),
            newest_at=max(_time(row["last_at"], query.day) for row in of_place),
        )
        for (account_id, region), of_place in places.items()
    )


def _time(text: str | None, day: date) -> datetime:
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except ValueError:
        return datetime.combine(day, time(), UTC)
