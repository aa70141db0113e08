"""DuckDB in Athena's place: the same columns over the same records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from inventory.logs.athena.grouping import Dialect, LogTable, query_of_day
from policies.language.json_reader import JsonValue

TABLE = LogTable("logs", "cloudtrail")
DUCKDB = Dialect(
    "regexp_replace({}, '{}', '{}', 'g')",
    "\\1",
    "list_transform({}, lambda {}: {})",
    "array_to_string({}, chr(10))",
)
_SESSION = (
    "STRUCT(attributes STRUCT(mfaAuthenticated VARCHAR, creationDate VARCHAR),"
    " sessionIssuer STRUCT(type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR,"
    " userName VARCHAR), sourceIdentity VARCHAR, assumedRoot VARCHAR, ec2RoleDelivery VARCHAR,"
    " webIdFederationData STRUCT(federatedProvider VARCHAR))"
)
_COLUMNS = {
    "eventTime": "VARCHAR",
    "eventSource": "VARCHAR",
    "eventName": "VARCHAR",
    "awsRegion": "VARCHAR",
    "sourceIPAddress": "VARCHAR",
    "errorCode": "VARCHAR",
    "errorMessage": "VARCHAR",
    "requestParameters": "JSON",
    "additionalEventData": "JSON",
    "eventID": "VARCHAR",
    "readOnly": "VARCHAR",
    "resources": "STRUCT(arn VARCHAR, accountId VARCHAR, type VARCHAR)[]",
    "eventType": "VARCHAR",
    "recipientAccountId": "VARCHAR",
    "vpcEndpointId": "VARCHAR",
    "vpcEndpointAccountId": "VARCHAR",
    "tlsDetails": "STRUCT(tlsVersion VARCHAR)",
    "userIdentity": "STRUCT(type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR,"
    f" invokedBy VARCHAR, identityProvider VARCHAR, sessionContext {_SESSION})",
}


def counted(
    events: Iterable[JsonValue], folder: Path, day: date, accounts: Iterable[str] = ()
) -> list[dict[str, str | None]]:
    """Return what the query of a day gives for some events, as Athena gives it: text."""
    file = folder / "events.json"
    file.write_text("\n".join(json.dumps(_as_athena_reads(one)) for one in events))
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _COLUMNS.items())
    database = duckdb.connect()
    try:
        database.execute("CREATE SCHEMA logs")
        read = f"read_json('{file}', format='newline_delimited', columns={{{columns}}})"
        database.execute(
            f"CREATE VIEW {TABLE.name} AS SELECT * REPLACE ("  # noqa: S608  # texts of this test
            " CAST(requestParameters AS VARCHAR) AS requestParameters,"
            " CAST(additionalEventData AS VARCHAR) AS additionalEventData),"
            " recipientAccountId AS account, awsRegion AS region,"
            f" replace(substr(eventTime, 1, 10), '-', '/') AS day FROM {read}"
        )
        query = query_of_day(TABLE, day, accounts=list(accounts), dialect=DUCKDB)
        result = database.execute(query)
        names = [column[0] for column in result.description or ()]
        return [
            {
                name: None if value is None else str(value)
                for name, value in zip(names, row, strict=True)
            }
            for row in result.fetchall()
        ]
    finally:
        database.close()


def _as_athena_reads(event: JsonValue) -> JsonValue:
    """Return an event with `ARN` as the column `arn`, as a table's names know no case."""
    if not isinstance(event, dict):
        raise TypeError("an event is an object")
    resources = event.get("resources")
    if not isinstance(resources, list):
        return event
    written: list[JsonValue] = [
        {("arn" if name == "ARN" else name): value for name, value in one.items()}
        for one in resources
        if isinstance(one, dict)
    ]
    return {**event, "resources": written}


def days_of(events: Iterable[JsonValue]) -> list[date]:
    """Return the days of some events, in UTC."""
    texts = {str(one["eventTime"]) for one in events if isinstance(one, dict)}
    return sorted({datetime.fromisoformat(text).astimezone(UTC).date() for text in texts})
