"""A replay as JSON: what evidence keeps and the API answers; and what is concluded of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from governance.edits.operations import JsonObject
from governance.usage.replays import CallCount, OrganizationReplay, ReplayedGroup
from governance.usage.verdicts import UsageDenied
from policies.usage.joint import ReplayEffect

MOST_GROUPS: Final = 500
NO_SOURCE, INCOMPLETE, COMPLETE = "no_source", "incomplete", "complete"
LOG_STATES: Final = [(state, state) for state in (NO_SOURCE, INCOMPLETE, COMPLETE)]
"""What is known of the logs, as `inventory.selectors.logs.log_health` says it."""


def usage_denied(replay: OrganizationReplay, state: str) -> UsageDenied:
    """Return whether calls would have been denied. `state`: of the logs."""
    if replay.newly_denied:
        return UsageDenied.YES
    if replay.by_effect[ReplayEffect.MAYBE].succeeded:
        return UsageDenied.PERHAPS
    if state != COMPLETE or not replay.total.calls or replay.not_known.calls:
        return UsageDenied.NOT_KNOWN
    return UsageDenied.NO


def usage_conclusion(replay: OrganizationReplay) -> JsonObject:
    """Return what an approval binds: whether calls would be denied, and whose for which actions.

    Equal as long as the same principals use the same actions: no counts of calls, no times, and not
    how complete the logs are, which changes by itself from hour to hour. `uses`: how many pairs of
    principal and action there are in an account, with their digest.
    """
    uses = sorted(
        {
            f"{one.effect.value} {one.account_id} {one.principal} {one.action}"
            for one in replay.groups
            if one.effect is not ReplayEffect.GAINED and one.count.succeeded
        }
    )
    return {
        "denies": usage_denied(replay, COMPLETE).value,
        "uses": len(uses),
        "uses_sha256": hashlib.sha256("\n".join(uses).encode()).hexdigest(),
    }


def replay_result(
    replay: OrganizationReplay, *, since: date, until: date, logs: Mapping[str, object]
) -> JsonObject:
    """Return a replay as JSON.

    `logs`: the health of the logs, whose member `state` is one of `incomplete` and `complete`.
    """
    state = str(logs["state"])
    return {
        "state": state,
        "denies": usage_denied(replay, state).value,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "days": (until - since).days + 1,
        "calls": replay.total.calls,
        "calls_by_aws": replay.by_aws.calls,
        "newly_denied": replay.newly_denied,
        **{effect.value: _count(replay.by_effect[effect]) for effect in ReplayEffect},
        "not_known": _count(replay.not_known),
        "not_known_account_ids": sorted(replay.not_known_accounts),
        "unreadable": list(replay.unreadable[:MOST_GROUPS]),
        "groups": [_group(one) for one in replay.groups[:MOST_GROUPS]],
        "groups_total": len(replay.groups),
        "by_account": [
            {
                "account_id": account_id,
                "calls": sum(count.calls for count in effects.values()),
                "newly_denied": effects.get(ReplayEffect.REVOKED, _NONE).succeeded,
                "maybe": effects.get(ReplayEffect.MAYBE, _NONE).succeeded,
                "gained": effects.get(ReplayEffect.GAINED, _NONE).calls,
            }
            for account_id, effects in sorted(replay.by_account.items())
        ],
        "logs": dict(logs),
    }


def replay_not_known(*, since: date, until: date, logs: Mapping[str, object]) -> JsonObject:
    """Return the result where there are no logs: nothing is known, so no member is a number."""
    return {
        "state": NO_SOURCE,
        "denies": UsageDenied.NOT_KNOWN.value,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "days": (until - since).days + 1,
        **dict.fromkeys(("calls", "calls_by_aws", "newly_denied", "not_known", "groups_total")),
        **dict.fromkeys(effect.value for effect in ReplayEffect),
        "not_known_account_ids": [],
        "unreadable": [],
        "groups": [],
        "by_account": [],
        "logs": dict(logs),
    }


_NONE: Final = CallCount()


def _count(count: CallCount) -> JsonObject:
    return {"calls": count.calls, "denied": count.denied}


def _group(one: ReplayedGroup) -> JsonObject:
    return {
        "effect": one.effect.value,
        "account_id": one.account_id,
        "principal": one.principal,
        "action": one.action,
        "keys": list(one.keys),
        "is_by_aws": one.is_by_aws,
        **_count(one.count),
        "first_at": _time(one.first_at),
        "last_at": _time(one.last_at),
        "regions": list(one.regions),
        "resources": list(one.resources),
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
