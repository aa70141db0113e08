"""Finds the drift of an organization after a run, for what changed."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from governance.baseline.structure.adopting import policy_type_of
from governance.baseline.structure.collected import (
    VIEWER,
    StructureReading,
    SubjectIds,
    changed_subjects,
    collected_structure,
    structure_reading,
    type_subjects,
    without_aws_managed,
)
from governance.baseline.structure.document import (
    Structure,
    SubjectKind,
    subject_parts,
)
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.versions import (
    baseline_in_force,
    differing_subjects,
    structure_of,
)
from governance.drift.difference import FoundDifference
from governance.drift.ignoring import apply_rules
from governance.drift.models import DriftItem, DriftReading
from governance.drift.own_edits import own_edits
from governance.drift.signals import drift_changed
from governance.drift.sources.refreshing import refresh_sources
from governance.drift.storing import DriftContext, StoredDrift, store_differences
from governance.drift.structure_differences import dependent_subjects, structure_differences
from governance.drift.weighing import weighed
from inventory.models import CollectionTask, Connection, InventoryRun
from inventory.selectors.runs import active_run
from inventory.store.locks import hold_lock

log = logging.getLogger(__name__)

# Subjects of the structure, as other sources' subjects begin otherwise.
STRUCTURE_PREFIXES: Final = tuple(f"{kind.value}:" for kind in SubjectKind)


@dataclass(slots=True)
class RefreshedDrift:
    """What a refresh did. `looked_at`: how many subjects were compared."""

    looked_at: int = 0
    appeared: int = 0
    written: int = 0


@transaction.atomic
def refresh_drift(
    connection: Connection, *, now: datetime, changed: Collection[str] | None = None
) -> RefreshedDrift:
    """Bring drift up to what is collected and agreed now.

    `changed`: the subjects of the structure that changed; None: those of which rows began or ended
    since the last refresh, and on the first one all. Open items are looked at each time, so
    none is left behind.
    One refresh of an organization at a time: another one waits.
    """
    hold_lock(f"drift:{connection.pk}")
    reading = _reading(connection, now)
    seen_at = stored_until(connection) or now
    done = RefreshedDrift()
    version = baseline_in_force(connection)
    stored = []
    if version is not None:
        stored.append(_refresh_structure(connection, version, reading, seen_at, now, changed, done))
    if active_run(VIEWER, connection=connection) is None:
        # While a run goes on, rows of accounts change one account after the other.
        stored += refresh_sources(connection, reading, seen_at=seen_at, now=now)
    appeared = [item for one in stored for item in one.appeared]
    written = set().union(*(one.changed for one in stored))
    written |= apply_rules(connection, written, now=now)
    done.appeared, done.written = len(appeared), len(written)
    if written:
        drift_changed.send(
            sender=DriftItem,
            connection=connection,
            appeared=appeared,
            changed=written,
            now=now,
        )
    reading.looked_until = seen_at
    reading.baseline_version = version.number if version else None
    reading.read_at = now
    reading.save()
    return done


def _reading(connection: Connection, now: datetime) -> DriftReading:
    found = DriftReading.objects.filter(connection=connection).first()
    return found or DriftReading(connection=connection, read_at=now)


def stored_until(connection: Connection) -> datetime | None:
    """Return the start of the last run that has stored all it read of the organization."""
    runs = InventoryRun.objects.filter(connection=connection, started_at__isnull=False)
    ended: datetime | None = runs.exclude(state__in=InventoryRun.ACTIVE_STATES).aggregate(
        at=Max("started_at")
    )["at"]
    active = runs.filter(state__in=InventoryRun.ACTIVE_STATES).first()
    stored = (
        active is not None
        and CollectionTask.objects.filter(
            connection=connection,
            account_id="",
            group="organizations",
            run=active,
            state__in=CollectionTask.DONE_STATES,
        ).exists()
    )
    return active.started_at if active is not None and stored else ended


def _refresh_structure(
    connection: Connection,
    version: BaselineVersion,
    reading: DriftReading,
    seen_at: datetime,
    now: datetime,
    changed: Collection[str] | None,
    done: RefreshedDrift,
) -> StoredDrift:
    desired = structure_of(version)
    own = own_edits(connection)
    items = list(_structure_items(connection).exclude(state=DriftItem.State.RESOLVED))
    known = {item.subject for item in items}
    names = _names_to_look_at(connection, version, desired, reading, changed)
    if names is None:
        collected = collected_structure(connection)
        names = {*desired.subjects(), *collected.subjects(), *known}
    else:
        names = dependent_subjects({*names, *known, *own.written}, desired, Structure())
        collected = collected_structure(connection, only=SubjectIds.of(names))
        names = dependent_subjects(names, desired, collected)
    names = without_aws_managed(names, connection)
    done.looked_at = len(names)
    found = structure_differences(desired, collected, names, own_edits=own.written)
    found = _with_bases(connection, version, found)
    closed = _structure_items(connection).filter(
        state=DriftItem.State.RESOLVED, key__in=[one.key for one in found]
    )
    looked_at = [*(item for item in items if item.subject in names), *closed]
    was_read = structure_reading(connection)
    context = DriftContext(connection, seen_at, now, version.number, reading.looked_until)
    return store_differences(
        context,
        weighed(connection, found),
        looked_at=looked_at,
        is_read=lambda item: _is_read(was_read, item, collected, desired),
    )


def _structure_items(connection: Connection) -> "QuerySet[DriftItem]":
    chosen = reduce(or_, (Q(subject__startswith=prefix) for prefix in STRUCTURE_PREFIXES))
    return DriftItem.objects.filter(chosen, connection=connection)


def _names_to_look_at(
    connection: Connection,
    version: BaselineVersion,
    desired: Structure,
    reading: DriftReading,
    changed: Collection[str] | None,
) -> set[str] | None:
    """Return the subjects that may differ otherwise than before; None: all."""
    if reading.looked_until is None or reading.baseline_version is None:
        return None
    names = (
        set(changed)
        if changed is not None
        else changed_subjects(connection, after=reading.looked_until)
    )
    if names & type_subjects():
        return None
    if reading.baseline_version != version.number:
        before = BaselineVersion.objects.filter(
            connection=connection, number=reading.baseline_version
        ).first()
        if before is None or set(structure_of(before).scope) != set(desired.scope):
            return None
        names.update(differing_subjects(structure_of(before), desired))
    return names


def _is_read(
    reading: StructureReading, item: DriftItem, collected: Structure, desired: Structure
) -> bool:
    return reading.is_read(item.subject, policy_type_of(item.subject, collected, desired))


def _with_bases(
    connection: Connection, version: BaselineVersion, found: list[FoundDifference]
) -> list[FoundDifference]:
    """Give differences the collected side as of when the baseline moved, where it moved too."""
    if version.number == 1 or not found:
        return found
    before = BaselineVersion.objects.filter(
        connection=connection, number=version.number - 1
    ).first()
    if before is None:
        return found
    was, desired = structure_of(before), structure_of(version)
    moved = {one.subject for one in found if was.value(one.subject) != desired.value(one.subject)}
    if not moved:
        return found
    then = collected_structure(connection, as_of=version.made_at, only=SubjectIds.of(moved))
    return [
        replace(one, base=_base_value(then, one.subject)) if one.subject in moved else one
        for one in found
    ]


def _base_value(then: Structure, name: str) -> Any:
    value = then.value(name)
    kind, ids = subject_parts(name)
    if value is not None and kind in (SubjectKind.UNIT, SubjectKind.ACCOUNT):
        return {**value, "path": then.path(value["parent_id"])}
    return value if value is not None else {"absent": True, "ids": list(ids)}
