"""What one reading of an organization or account found becomes rows, scope by scope."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from inventory.collectors.collector import GLOBAL_REGION, Collector, Scope, Slice
from inventory.models import (
    Account,
    Connection,
    Policy,
    PolicyAttachment,
)
from inventory.models.versions import Version
from inventory.record_types import RECORD_TYPES, Keep, Record
from inventory.records import (
    CredentialReportRecord,
    EffectivePolicyAskingRecord,
    PrincipalActivityRecord,
    PrincipalRecord,
    TagsRecord,
)
from inventory.store.account_coverage import count_principals, end_coverage
from inventory.store.activity import keep_activity, keep_credential_report
from inventory.store.closing import IsExplained, forget_departed, hold_back, unexplained
from inventory.store.effective_policies import keep_askings
from inventory.store.locks import hold_lock
from inventory.store.names import keep_names
from inventory.store.reconcile import Plan, Written, plan_rows, write_plan
from inventory.store.rows import ACCOUNT_MODELS, ACCOUNT_MODELS_IN_PLACE, MODELS, row_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What one collector read in a region. `complete`: it read everything there is."""

    collector: Collector
    records: tuple[Record, ...]
    complete: bool
    region: str = GLOBAL_REGION


def lock_scope(connection: Connection, account_id: str, group: str) -> None:
    """Wait until no other transaction writes this scope; held until this one ends.

    `account_id` and `group`: empty for the organization itself.
    """
    hold_lock(f"inventory:{connection.pk}:{account_id}:{group}")


def store_readings(
    readings: Iterable[Reading],
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
    plans = [_plans(reading, connection, account_id, moment) for reading in tagged]
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
        names = [each.name for each in reading.records if isinstance(each, PrincipalRecord)]
        if names:
            keep_names(names, connection=connection)
    if account_id and any(
        covered.record is PrincipalRecord for each in tagged for covered in each.collector.covers
    ):
        count_principals(connection_id=connection.pk, account_ids=[account_id])
    return written


def _plans(
    reading: Reading, connection: Connection, account_id: str, moment: datetime
) -> dict[int, Plan]:
    """Return what is to be written of a reading, by the number of the slice in its collector.

    What is kept in place has no plan.
    """
    plans: dict[int, Plan] = {}
    for number, covered in enumerate(reading.collector.covers):
        if RECORD_TYPES[covered.record].keep == Keep.IN_PLACE:
            continue
        model = MODELS[covered.record]
        records = [each for each in reading.records if isinstance(each, covered.record)]
        plans[number] = plan_rows(
            model,
            [row_of(record, account_id=account_id, region=reading.region) for record in records],
            scope=scope_of(
                model,
                covered,
                connection=connection,
                account_id=account_id,
                region=reading.region if reading.collector.scope == Scope.REGIONAL else "",
            ),
            moment=moment,
            complete=reading.complete,
        )
    return plans


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
    end_coverage(connection_id=connection.pk, account_ids=departed, moment=moment)
    forget_departed(connection, departed, moment)
    return Written(closed=closed)
