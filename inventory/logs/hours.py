"""A batch's uses → calls by hour of each account and service."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from inventory.cloudtrail.reduction import ReducedBatch, UsageClass
from inventory.store.hours import HourCount

_HOUR: Final = 3600


def calls_by_hour(batch: ReducedBatch, fresh: npt.NDArray[np.bool_]) -> Iterator[HourCount]:
    """Yield the calls of each account, service and hour. `fresh`: which events count."""
    names: dict[tuple[str, str], int] = {}
    of_class = np.full(len(batch.classes), -1, np.int64)
    for at, counted in enumerate(batch.classes):
        if isinstance(counted, UsageClass):
            name = counted.account_id, counted.action.partition(":")[0]
            of_class[at] = names.setdefault(name, len(names))
    name_at = of_class[batch.use_class]
    counts = fresh[batch.use_event] & (name_at >= 0)
    if not counts.any():
        return
    hours = batch.times[batch.use_event[counts]] // _HOUR
    groups, group = np.unique(np.stack((name_at[counts], hours)), axis=1, return_inverse=True)
    group = group.reshape(-1)
    totals = np.bincount(group)
    denied = np.bincount(group[batch.use_denied[counts]], minlength=len(totals))
    known = list(names)
    for at, (name, hour) in enumerate(groups.T.tolist()):
        account_id, service = known[name]
        moment = datetime.fromtimestamp(hour * _HOUR, UTC)
        yield HourCount(
            account_id, moment.date(), service, moment.hour, int(totals[at]), int(denied[at])
        )
