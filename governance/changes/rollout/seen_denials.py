"""Denials that the logs have since a ring began, beside those that the evidence predicted.

A use is a principal, an action and an account. One that an SCP or RCP already denied before the
ring began is no denial of the ring's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from governance.changes.models import RingDenials, Rollout, RolloutRing
from governance.changes.rollout.gates import OBSERVATIONS, accounts_of
from inventory.models import DailyDenial
from inventory.selectors.log_marks import logs_read_until
from inventory.selectors.logs import log_sources
from inventory.selectors.usage import daily_denials
from inventory.viewing import Viewer

_EVERYTHING: Final = Viewer(sees_inventory=True)
# Over how long a use that was denied before counts as denied anyway.
_BEFORE: Final = timedelta(days=30)
_MOST_KEPT: Final = 100
BY_CONTROL_POLICY: Final = frozenset({"service control policy", "resource control policy"})

Use = tuple[str, str, str]
"""An account, a principal and an action."""


@dataclass(frozen=True, slots=True)
class RingObservation:
    """The denials of a ring. `late`: accounts whose logs do not reach the end of its soak.

    `accounts`: how many the ring has. `read_until`: until when the logs of all were read.
    """

    predicted_seen: tuple[Use, ...]
    not_predicted: tuple[Use, ...]
    not_seen: tuple[Use, ...]
    accounts: int
    late: tuple[str, ...]
    read_until: datetime | None

    @property
    def is_conclusive(self) -> bool:
        """Whether the logs reach the end of the soak in every account of the ring."""
        return bool(self.accounts) and not self.late


def has_log_source(rollout: Rollout) -> bool:
    """Whether logs of the organization are read, or were to be."""
    return log_sources(_EVERYTHING, connection=rollout.change_request.connection).exists()


def ring_denials(rollout: Rollout) -> list[RingDenials]:
    """Return what was predicted and seen of a rollout's rings, those that were judged."""
    return list(RingDenials.objects.filter(ring__rollout=rollout).order_by("ring__number"))


def ring_observation(ring: RolloutRing) -> RingObservation | None:
    """Return the denials of a ring that has begun; None where no logs are read, so none is known.

    What was read so far counts, however late the logs are.
    """
    request = ring.rollout.change_request
    connection = request.connection
    if ring.started_at is None or not has_log_source(ring.rollout):
        return None
    account_ids = accounts_of(ring)
    evidence = request.evidence
    content = evidence.content if evidence is not None else {}
    predicted = _predicted(content, frozenset(account_ids))
    since = ring.started_at.astimezone(UTC).date()
    seen = daily_denials(
        _EVERYTHING, connection=connection, since=since - _BEFORE, until=date.max
    ).filter(account_id__any_of=account_ids, policy_type__in=["", *BY_CONTROL_POLICY])
    new = _begun_since(seen, ring.started_at)
    by_policy = {use for use, one in new.items() if one.policy_type}
    # AWS names no policy in many messages: such a denial only confirms what was predicted.
    unnamed = {use for use, one in new.items() if not one.policy_type}
    until = logs_read_until(
        _EVERYTHING, connection=connection, account_ids=account_ids, since=since
    )
    soaked_at = ring.soak_until or ring.applied_at
    late = tuple(
        account_id
        for account_id in account_ids
        if soaked_at is None or (read := until.get(account_id)) is None or read < soaked_at
    )
    times = [until.get(account_id) for account_id in account_ids]
    known = [one for one in times if one is not None]
    return RingObservation(
        predicted_seen=tuple(sorted(predicted & (by_policy | unnamed))),
        not_predicted=tuple(sorted(by_policy - predicted)),
        not_seen=tuple(sorted(predicted - by_policy - unnamed)),
        accounts=len(account_ids),
        late=late,
        read_until=min(known) if known and len(known) == len(times) else None,
    )


def _predicted(content: Mapping[str, Any], account_ids: frozenset[str]) -> frozenset[Use]:
    """Return the uses that the evidence says are denied, or may be, in some accounts."""
    listed = (content.get("predictions") or {}).get("denied_uses") or ()
    return frozenset(
        (one["account_id"], one["principal"], one["action"])
        for one in listed
        if one["account_id"] in account_ids
    )


def _begun_since(seen: Iterable[DailyDenial], since: datetime) -> dict[Use, DailyDenial]:
    """Return the denials after a time, of what no SCP or RCP denied before it.

    The same call for the same resource in the same region, that is. Of one use that was denied for
    several causes, an SCP or RCP counts.
    """
    rows = list(seen)
    before = {_call(one) for one in rows if one.first_at < since and one.policy_type}
    found: dict[Use, DailyDenial] = {}
    for one in rows:
        if one.last_at < since or _call(one) in before:
            continue
        use = (one.account_id, one.principal, one.action)
        if use not in found or one.policy_type:
            found[use] = one
    return found


def _call(one: DailyDenial) -> tuple[str, ...]:
    return (one.account_id, one.principal, one.action, one.resource, one.region)


def seen_denials(ring: RolloutRing, now: datetime) -> tuple[str, ...]:
    """Say how many denials since a ring began were not predicted, or that the logs are late."""
    found = ring_observation(ring)
    if found is None:
        return ()
    reasons = []
    if found.not_predicted:
        count = len(found.not_predicted)
        noun = "use is" if count == 1 else "uses are"
        reasons.append(
            f"{count} {noun} denied by an SCP or RCP in this ring that the evidence did not "
            "predict: see Predicted and observed, and roll back if it is not intended"
        )
    if not found.is_conclusive:
        reasons.append(
            f"whether calls were denied is not known yet: the logs of {len(found.late)} of "
            f"{found.accounts} accounts are not read to the end of the soak"
        )
    return tuple(reasons)


def ledger_write(ring: RolloutRing, *, now: datetime) -> RingDenials | None:
    """Keep what was predicted and seen of a ring; None where no logs are read.

    The caller holds the rollout, or writes what comes after it.
    """
    found = ring_observation(ring)
    if found is None:
        return None
    kept = RingDenials.objects.filter(ring=ring).first() or RingDenials(ring=ring)
    state = RingDenials.State.CONCLUSIVE if found.is_conclusive else RingDenials.State.INCONCLUSIVE
    kept.state = state
    kept.predicted_seen = len(found.predicted_seen)
    kept.not_predicted = len(found.not_predicted)
    kept.not_seen = len(found.not_seen)
    kept.found = {
        name: [
            {"account_id": account_id, "principal": principal, "action": action}
            for account_id, principal, action in uses[:_MOST_KEPT]
        ]
        for name, uses in (
            ("predicted_seen", found.predicted_seen),
            ("not_predicted", found.not_predicted),
            ("not_seen", found.not_seen),
        )
    }
    kept.read_until = found.read_until
    kept.judged_at = now
    if found.not_predicted and kept.held_at is None and ring.state != RolloutRing.State.DONE:
        kept.held_at = now
    kept.save()
    return kept


def register() -> None:
    """Have gates ask for denials."""
    if seen_denials not in OBSERVATIONS:
        OBSERVATIONS.append(seen_denials)
