"""What one reading of an organization or account found becomes rows, scope by scope."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection as database
from django.db.models import QuerySet

from inventory.collectors.collector import GLOBAL_REGION, Collector, Scope, Slice
from inventory.models import (
    Account,
    Connection,
    Coverage,
    Policy,
    PolicyAttachment,
)
from inventory.models.versions import Version
from inventory.record_types import RECORD_TYPES, Keep, Record
from inventory.records import (
    EffectivePolicyAskingRecord,
    PrincipalActivityRecord,
    PrincipalRecord,
    TagsRecord,
)
from inventory.store.activity import keep_activity
from inventory.store.coverage import count_principals, end_collected, sum_up_coverage
from inventory.store.effective_policies import keep_askings
from inventory.store.names import keep_names
from inventory.store.reconcile import Written, reconcile
from inventory.store.rows import ACCOUNT_MODELS, ACCOUNT_MODELS_IN_PLACE, MODELS, row_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What one collector read in a region. `complete`: it read everything there is."""

    collector: Collector
    records: tuple[Record, ...]
    complete: bool
    region: str = GLOBAL_REGION


def lock_scope(connection: Connection, account_id: str) -> None:
    """Wait until no other transaction writes this scope; held until this one ends.

    `account_id`: empty for the organization itself.
    """
    name = f"inventory:{connection.pk}:{account_id}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def store_readings(
    readings: Iterable[Reading],
    *,
    connection: Connection,
    account_id: str,
    moment: datetime,
) -> Written:
    """Store what collectors read in one scope; call it in a transaction after `lock_scope`.

    `account_id`: empty for the organization itself. `moment`: the start of the run.
    """
    written = Written()
    for reading in with_tags(tuple(readings)):
        for covered in reading.collector.covers:
            records = [each for each in reading.records if isinstance(each, covered.record)]
            if RECORD_TYPES[covered.record].keep == Keep.IN_PLACE:
                _KEEP_IN_PLACE[covered.record](
                    records, covered, connection, account_id, reading.complete
                )
                continue
            if covered.record is PrincipalRecord:
                keep_names(
                    [each.name for each in records if isinstance(each, PrincipalRecord)],
                    connection=connection,
                )
            model = MODELS[covered.record]
            written += reconcile(
                model,
                [
                    row_of(record, account_id=account_id, region=reading.region)
                    for record in records
                ],
                connection=connection,
                scope=scope_of(
                    model,
                    covered,
                    connection=connection,
                    account_id=account_id,
                    region=reading.region if _is_regional(reading) else "",
                ),
                moment=moment,
                complete=reading.complete,
            )
    if account_id:
        count_principals(connection_id=connection.pk, account_ids=[account_id])
    return written


def _is_regional(reading: Reading) -> bool:
    return reading.collector.scope == Scope.REGIONAL


def scope_of(
    model: type[Version],
    covered: Slice,
    *,
    connection: Connection,
    account_id: str,
    region: str = "",
) -> "QuerySet[Any]":
    """Return the rows, open and closed, that a complete reading of a slice knows whole.

    `region`: only those of this region, which is all that a regional collector knows; empty: all.
    """
    rows: QuerySet[Any] = model.objects.filter(connection=connection)
    if account_id:
        rows = rows.filter(account_id=account_id)
    if region:
        rows = rows.filter(region=region)
    if model is PolicyAttachment:
        # An attachment's type is that of its policy.
        policies = Policy.objects.filter(connection=connection, **covered.where)
        return rows.filter(policy_id__in=policies.values("policy_id"))
    return rows.filter(**covered.where)


KeepInPlace = Callable[[Sequence[Record], Slice, Connection, str, bool], None]


def _keep_activity(
    read: Sequence[Record], covered: Slice, connection: Connection, account_id: str, complete: bool
) -> None:
    keep_activity(
        [each for each in read if isinstance(each, PrincipalActivityRecord)],
        connection=connection,
        account_id=account_id,
        kind=covered.where["kind"],
        complete=complete,
    )


def _keep_askings(
    read: Sequence[Record], covered: Slice, connection: Connection, account_id: str, complete: bool
) -> None:
    keep_askings(
        [each for each in read if isinstance(each, EffectivePolicyAskingRecord)],
        connection=connection,
        policy_type=covered.where["policy_type"],
        complete=complete,
    )


_KEEP_IN_PLACE: Final[Mapping[type[Record], KeepInPlace]] = {
    PrincipalActivityRecord: _keep_activity,
    EffectivePolicyAskingRecord: _keep_askings,
}


def with_tags(readings: Sequence[Reading]) -> list[Reading]:
    """Give the records of an organization their tags, if the tags were read completely.

    Otherwise they keep None, and the store what it knew.
    """
    tagged = [
        reading
        for reading in readings
        if any(isinstance(record, TagsRecord) for record in reading.records)
        or reading.collector.name == "organizations.tags"
    ]
    if not tagged or not all(reading.complete for reading in tagged):
        return list(readings)
    tags: dict[str, Mapping[str, str]] = {
        record.resource_id: record.tags
        for reading in tagged
        for record in reading.records
        if isinstance(record, TagsRecord)
    }
    return [
        replace(reading, records=tuple(_tag(record, tags) for record in reading.records))
        for reading in readings
    ]


def _tag(record: Record, tags: Mapping[str, Mapping[str, str]]) -> Record:
    named_by = RECORD_TYPES[type(record)].tagged_by
    if not named_by:
        return record
    own: Any = record
    tagged: Record = replace(own, tags=tags.get(getattr(record, named_by), {}))
    return tagged


def close_departed_accounts(*, connection: Connection, moment: datetime) -> Written:
    """End what was in accounts that are in the organization no more, after its accounts are stored.

    Nobody reads them again, so nothing else would.
    """
    departed = list(
        Account.objects.filter(connection=connection, seen_until=moment)
        .exclude(
            account_id__in=Account.objects.filter(
                connection=connection, seen_until__isnull=True
            ).values("account_id")
        )
        .values_list("account_id", flat=True)
    )
    if not departed:
        return Written()
    closed = 0
    for model in ACCOUNT_MODELS:
        rows: QuerySet[Any] = model.objects.all()
        closed += rows.filter(
            connection=connection,
            account_id__in=departed,
            seen_until__isnull=True,
            seen_from__lt=moment,
        ).update(seen_until=moment)
    for table in ACCOUNT_MODELS_IN_PLACE:
        table._default_manager.filter(connection=connection, account_id__in=departed).delete()
    Coverage.objects.filter(connection=connection, account_id__in=departed, is_latest=True).update(
        is_latest=False
    )
    sum_up_coverage(connection_id=connection.pk, account_ids=departed)
    end_collected(connection_id=connection.pk, account_ids=departed, moment=moment)
    return Written(closed=closed)
