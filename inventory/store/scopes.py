"""What one reading of an organization or account found becomes rows, scope by scope."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from inventory.collectors.collector import GLOBAL_REGION, Collector, Scope, Slice
from inventory.models import Account, Connection, Principal
from inventory.record_types import RECORD_TYPES, Keep, Record
from inventory.records import (
    CredentialReportRecord,
    EffectivePolicyAskingRecord,
    PrincipalActivityRecord,
    TagsRecord,
)
from inventory.store.account_coverage import count_principals, end_coverage
from inventory.store.activity import keep_activity, keep_credential_report
from inventory.store.closing import IsExplained, forget_departed, hold_back, unexplained
from inventory.store.effective_policies import keep_askings
from inventory.store.locks import hold_lock
from inventory.store.names import keep_names
from inventory.store.reconcile import Plan, Written, plan_rows, write_plan
from inventory.store.rows import ACCOUNT_MODELS, ACCOUNT_MODELS_IN_PLACE, MODELS, VersionRow, row_of
from inventory.store.versions import StoredSlice, stored_versions


@dataclass(frozen=True, slots=True)
class CollectorReading:
    """What one collector read in a region. `complete`: it read everything there is."""

    collector: Collector
    records: tuple[Record, ...]
    complete: bool
    region: str = GLOBAL_REGION


def lock_scope(connection: Connection, account_id: str, group: str) -> None:
    """Wait until no other transaction writes this scope; held until this one ends.

    A process that falls silent meanwhile loses it, so that no run waits for one that was frozen.
    `account_id` and `group`: empty for the organization itself.
    """
    hold_lock(
        f"inventory:{connection.pk}:{account_id}:{group}",
        idle_seconds=settings.INVENTORY_SILENT_SECONDS,
    )


def store_readings(
    readings: Iterable[CollectorReading],
    *,
    connection: Connection,
    account_id: str,
    moment: datetime,
    is_explained: IsExplained = unexplained,
) -> Written:
    """Store what collectors read in one scope; call it in a transaction after `lock_scope`.

    `account_id`: empty for the organization itself. `moment`: the start of the run.
    `is_explained`: which deletions are not held back, however many (`inventory.store.closing`).
    """
    tagged = with_tags(tuple(readings))
    plans = _plans(tagged, connection, account_id, moment)
    hold_back(
        [plan for each in plans for plan in each.values()],
        connection=connection,
        account_id=account_id,
        moment=moment,
        is_explained=is_explained,
    )
    written = Written()
    for reading, planned in zip(tagged, plans, strict=True):
        held = any(plan.held for plan in planned.values())
        for number, covered in enumerate(reading.collector.covers):
            if number in planned:
                written += write_plan(planned[number], connection=connection, moment=moment)
                continue
            _KEEP_IN_PLACE[covered.record](
                [each for each in reading.records if isinstance(each, covered.record)],
                covered,
                connection,
                account_id,
                reading.complete and not held,
            )
    principals = [
        plan
        for planned in plans
        for plan in planned.values()
        if plan.model is Principal and not plan.is_empty
    ]
    new_names = {row.values["name"] for plan in principals for row, _ in plan.opening}
    if new_names:
        keep_names(new_names, connection=connection)
    if account_id and principals:
        count_principals(connection_id=connection.pk, account_ids=[account_id])
    return written


def _plans(
    readings: Sequence[CollectorReading], connection: Connection, account_id: str, moment: datetime
) -> list[dict[int, Plan]]:
    """Return of each reading what is to be written, by the number of the slice in its collector.

    What is kept in place has no plan. All that is stored is read at once.
    """
    places = [
        (place, number)
        for place, reading in enumerate(readings)
        for number, covered in enumerate(reading.collector.covers)
        if RECORD_TYPES[covered.record].keep != Keep.IN_PLACE
    ]
    rows = [
        _rows(readings[place], readings[place].collector.covers[number], account_id)
        for place, number in places
    ]
    slices = [
        _stored_slice(readings[place], readings[place].collector.covers[number], account_id, made)
        for (place, number), made in zip(places, rows, strict=True)
    ]
    stored = stored_versions(slices, connection_id=connection.pk, moment=moment)
    plans: list[dict[int, Plan]] = [{} for _ in readings]
    for at, (place, number) in enumerate(places):
        plans[place][number] = plan_rows(
            slices[at].model,
            rows[at],
            versions=stored[at],
            moment=moment,
            complete=readings[place].complete,
        )
    return plans


def _rows(reading: CollectorReading, covered: Slice, account_id: str) -> list[VersionRow]:
    return [
        row_of(record, account_id=account_id, region=reading.region)
        for record in reading.records
        if isinstance(record, covered.record) and _is_of(record, covered)
    ]


def _is_of(record: Record, covered: Slice) -> bool:
    """Whether a record is one of a slice, as far as its own fields tell."""
    return all(getattr(record, column, value) == value for column, value in covered.where.items())


def _stored_slice(
    reading: CollectorReading, covered: Slice, account_id: str, rows: Iterable[VersionRow]
) -> StoredSlice:
    """Return which stored rows a complete reading of a slice knows whole.

    Of a regional collector only those of its region.
    """
    where = dict(covered.where)
    if account_id:
        where["account_id"] = account_id
    if reading.collector.scope == Scope.REGIONAL:
        where["region"] = reading.region
    return StoredSlice(
        MODELS[covered.record], where, with_tags=any(row.tags_unknown for row in rows)
    )


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


def _keep_credential_report(
    read: Sequence[Record], covered: Slice, connection: Connection, account_id: str, complete: bool
) -> None:
    for report in read:
        if isinstance(report, CredentialReportRecord):
            keep_credential_report(report, connection=connection, account_id=account_id)


_KEEP_IN_PLACE: Final[Mapping[type[Record], KeepInPlace]] = {
    PrincipalActivityRecord: _keep_activity,
    CredentialReportRecord: _keep_credential_report,
    EffectivePolicyAskingRecord: _keep_askings,
}


def with_tags(readings: Sequence[CollectorReading]) -> list[CollectorReading]:
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
    end_coverage(connection_id=connection.pk, account_ids=departed, moment=moment)
    forget_departed(connection, departed, moment)
    return Written(closed=closed)
