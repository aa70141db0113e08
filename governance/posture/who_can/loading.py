"""Reads everybody in a few bulk queries, and keeps them while the rows are as they were."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Final

import numpy

from governance.posture.state.process_cache import ProcessCache
from governance.posture.who_can.classing import Classing, TextNumbers
from governance.posture.who_can.population import Population
from governance.posture.who_can.progress import Progress, no_progress
from inventory.models import Connection
from inventory.selectors.population import (
    policy_holders,
    population_marks,
    principal_places,
    principal_shapes,
)
from inventory.viewing import Viewer

_KEPT: Final = 3

_populations: Final[ProcessCache[tuple[object, ...], Population]] = ProcessCache(most=_KEPT)
_reading: Final = Lock()


def population_key(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Sequence[str],
    as_of: datetime | None = None,
) -> tuple[object, ...]:
    """Return what is equal for equal populations."""
    marks = population_marks(viewer, connection=connection, as_of=as_of)
    # Not `hash`, which differs by process: keys name what processes share.
    accounts = hashlib.sha256(",".join(account_ids).encode()).hexdigest()
    return (connection.pk, marks, accounts)


def load_population(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Sequence[str],
    as_of: datetime | None = None,
    progress: Progress = no_progress,
) -> Population:
    """Return everybody as they are now or were at `as_of`.

    `account_ids`: the accounts of the organization then; each has a root user.
    """
    key = population_key(viewer, connection=connection, account_ids=account_ids, as_of=as_of)
    found = _populations.known(key)
    if found is not None:
        return found
    with _reading:  # One thread reads; those that wait find what it read.
        return _populations.get(
            key, lambda: _read(viewer, connection, account_ids, as_of, key, progress)
        )


def is_population_at_hand(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> bool:
    """Whether this process has read the principals of that time, whatever the accounts were."""
    marks = population_marks(viewer, connection=connection, as_of=as_of)
    return any(key[:2] == (connection.pk, marks) for key in _populations.kept_keys())


def forget() -> None:
    """Drop what this process has read, as though it had just begun."""
    _populations.clear()


def _read(
    viewer: Viewer,
    connection: Connection,
    account_ids: Sequence[str],
    as_of: datetime | None,
    key: tuple[object, ...],
    progress: Progress,
) -> Population:
    progress("Reading principals", 5)
    pks: list[int] = []
    accounts: list[int] = []
    called: list[int] = []
    tagged: list[int] = []
    account_places = TextNumbers()
    name_places, tag_places = TextNumbers(), TextNumbers()
    for account_id in account_ids:
        account_places.of(account_id)
    for chunk in principal_places(viewer, connection=connection, as_of=as_of):
        keys, of_accounts, named, tags = zip(*chunk, strict=True)
        pks += keys
        accounts += account_places.of_all(of_accounts)
        called += name_places.of_all(named)
        tagged += tag_places.of_all(tags)
        progress(f"Reading principals: {len(pks):,} principals", 20)
    classing = Classing(
        numpy.array(pks, dtype=numpy.int64),
        numpy.array(accounts, dtype=numpy.int64),
        numpy.array(called, dtype=numpy.int64),
        numpy.array(tagged, dtype=numpy.int64),
        account_places,
        name_places,
        tag_places,
    )
    progress(f"Reading what {len(pks):,} principals hold", 40)
    classing.policies(policy_holders(viewer, connection=connection, as_of=as_of))
    classing.classes(list(principal_shapes(viewer, connection=connection, as_of=as_of)))
    progress("Grouping like principals", 60)
    return classing.population(key, account_ids)
