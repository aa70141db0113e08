"""How well past predictions held: shown to whoever approves the next change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q, Sum

from governance.changes.models import ChangeRequest, Evidence, RingDenials, Rollout, RolloutRing
from governance.changes.rollout.seen_denials import ledger_write
from governance.changes.states import ChangeState
from governance.usage.verdicts import UsageDenied
from inventory.models import Connection

_S = ChangeState
_GIVEN_UP: Final = (_S.REJECTED, _S.WITHDRAWN, _S.EXPIRED)
_TAKEN_BACK: Final = (_S.ROLLED_BACK, _S.ROLLING_BACK, _S.REVERTED)
# How long the logs of a ring are waited for.
_WAITS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PredictionLedger:
    """What became of past predictions, counted in uses: a principal, an action and an account.

    `rings`: whose logs reach the end of their soak. `prevented_by_replay`: requests that would have
    denied calls that were made, and that were changed or given up before they were applied.
    `prevented_by_gate`: requests whose gate held for denials not predicted, and that were taken
    back.
    """

    rings: int
    predicted_seen: int
    not_predicted: int
    not_seen: int
    prevented_by_replay: int
    prevented_by_gate: int

    @property
    def predicted(self) -> int:
        """How many uses were predicted to be denied."""
        return self.predicted_seen + self.not_seen

    @property
    def seen(self) -> int:
        """How many uses were seen denied."""
        return self.predicted_seen + self.not_predicted


def prediction_ledger(connection: Connection) -> PredictionLedger:
    """Return what became of an organization's past predictions."""
    conclusive = Q(state=RingDenials.State.CONCLUSIVE)
    held = Q(ring__rollout__change_request__state__in=_TAKEN_BACK, held_at__isnull=False)
    sums = RingDenials.objects.filter(
        ring__rollout__change_request__connection=connection
    ).aggregate(
        rings=Count("pk", filter=conclusive),
        predicted_seen=Sum("predicted_seen", filter=conclusive, default=0),
        not_predicted=Sum("not_predicted", filter=conclusive, default=0),
        not_seen=Sum("not_seen", filter=conclusive, default=0),
        prevented_by_gate=Count("ring__rollout__change_request", filter=held, distinct=True),
    )
    denied = Evidence.objects.filter(
        change_request__connection=connection, usage_denied=UsageDenied.YES
    ).values("change_request")
    by_replay = ChangeRequest.objects.filter(pk__in=denied).filter(
        Q(state__in=_GIVEN_UP)
        | Q(state__in=(_S.APPLIED, _S.RATIFIED))
        & ~Q(evidence__usage_denied=UsageDenied.YES)
        & Q(revision__gt=1)
    )
    return PredictionLedger(**sums, prevented_by_replay=by_replay.count())


def ledger_refresh(*, now: datetime) -> int:
    """Judge the rings again whose logs were late; return how many. After some days they stay so."""
    waiting = RolloutRing.objects.filter(
        denials__state=RingDenials.State.INCONCLUSIVE,
        rollout__kind=Rollout.Kind.FORWARD,
        applied_at__gte=now - _WAITS,
    ).select_related("rollout__change_request__connection", "rollout__change_request__evidence")
    return sum(ledger_write(ring, now=now) is not None for ring in waiting)
