"""What a change would have done to the calls that the logs recorded, as evidence and findings."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from governance.changes.evidence.collected import EVERYTHING, CollectedState
from governance.changes.evidence.findings import CheckFinding, CheckLevel
from governance.edits.draft import DraftedOrganization
from governance.usage.recorded import RecordedReplay, replay_recorded
from governance.usage.replays import ReplayedGroup
from governance.usage.results import INCOMPLETE
from governance.usage.wording import principal_words
from policies.usage.joint import ReplayEffect

_NAMED: Final = 3
_MOST_PREDICTED: Final = 20_000


def replayed_usage(
    state: CollectedState, final: DraftedOrganization, *, now: datetime
) -> RecordedReplay:
    """Replay the usage of the last days through a change, of the whole organization."""
    return replay_recorded(EVERYTHING, connection=state.connection, states=final, now=now)


def denied_uses(usage: RecordedReplay) -> list[dict[str, str]]:
    """Return the uses that are denied or may be, to be compared with what the logs show later."""
    groups = usage.replay.groups if usage.replay is not None else ()
    uses = dict.fromkeys(
        (one.account_id, one.principal, one.action)
        for one in groups
        if one.effect is not ReplayEffect.GAINED
    )
    return [
        {"account_id": account_id, "principal": principal, "action": action}
        for account_id, principal, action in islice(uses, _MOST_PREDICTED)
    ]


def usage_findings(usage: RecordedReplay, final: DraftedOrganization) -> Iterator[CheckFinding]:
    """Yield whose calls would be denied, and what is not known of it.

    The messages hold no counts of calls and no times: they stay as long as the same principals use
    the same actions.
    """
    replay = usage.replay
    if replay is None:
        return
    period = f"of the last {usage.days} days"
    revoked = _succeeded(replay.groups_of(ReplayEffect.REVOKED))
    if revoked:
        yield CheckFinding(
            "usage_denied",
            CheckLevel.SOFT,
            f"Calls {period} would have been denied: {_uses(revoked, final)}.",
            remedy="Exempt who needs it, or agree with its owner that it ends.",
            target_ids=_accounts(revoked),
        )
    maybe = _succeeded(replay.groups_of(ReplayEffect.MAYBE))
    if maybe:
        keys = sorted({key for one in maybe for key in one.keys})
        yield CheckFinding(
            "usage_may_be_denied",
            CheckLevel.ADVISORY,
            f"Calls {period} may have been denied, depending on {', '.join(keys) or 'a condition'}:"
            f" {_uses(maybe, final)}.",
            remedy="CloudTrail did not record what decides it: ask who makes these calls.",
            target_ids=_accounts(maybe),
        )
    if usage.state == INCOMPLETE:
        yield CheckFinding(
            "usage_incomplete",
            CheckLevel.ADVISORY,
            f"The logs {period} are incomplete: calls that are not in them may be denied.",
            remedy="See what is missing under Usage.",
        )
    if replay.not_known.calls:
        yield CheckFinding(
            "usage_not_known",
            CheckLevel.ADVISORY,
            f"What becomes of some calls {period} is not known: policies that decide them, or the "
            "places of their accounts, were not collected or cannot be read.",
            target_ids=tuple(
                sorted(one for one in replay.not_known_accounts if one in final.before.names)
            ),
        )


def _succeeded(groups: Sequence[ReplayedGroup]) -> list[ReplayedGroup]:
    """Return the groups with calls that were not denied anyway, in an order without counts."""
    return sorted(
        (one for one in groups if one.count.succeeded),
        key=lambda one: (one.account_id, one.principal, one.action),
    )


def _accounts(groups: Sequence[ReplayedGroup]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.account_id for one in groups))


def _uses(groups: Sequence[ReplayedGroup], final: DraftedOrganization) -> str:
    """Name the first uses, and say how many more there are."""
    names = final.before.names
    said = list(
        dict.fromkeys(
            f"{principal_words(one.principal)} to {one.action} in {names[one.account_id].name}"
            for one in groups
        )
    )
    more = len(said) - _NAMED
    return "; ".join(said[:_NAMED]) + (f"; and {more:,} more" if more > 0 else "")
