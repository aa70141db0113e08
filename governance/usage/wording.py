"""What replayed usage says, in one sentence with the reason below it, from a result as JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from governance.usage.results import COMPLETE, NO_SOURCE

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class UsageSentence:
    """What a change would have denied. `state`: as `includes/state.html` shows it."""

    state: str
    title: str
    text: str = ""


def usage_sentence(
    result: Mapping[str, Any] | None, account_ids: Collection[str] | None = None
) -> UsageSentence:
    """Return how many of the recorded calls a change would have denied.

    `result`: as `replay_result` returns it, None where none was made. `account_ids`: the accounts
    of whoever reads it; None: all.
    """
    if result is None:
        return UsageSentence(
            "unknown", "Use: not known.", "The checks ran before usage was replayed."
        )
    days = result["days"]
    if result["state"] == NO_SOURCE:
        title = f"Use in the last {days} days: not known."
        return UsageSentence("unknown", title, "No log source is connected.")
    calls, denied, maybe = _counts(result, account_ids)
    doubts = _doubts(result)
    where = "" if account_ids is None else " in your accounts"
    if not calls:
        title = f"Use in the last {days} days{where}: not known."
        return UsageSentence("unknown", title, " ".join(["No call was recorded.", *doubts]))
    of = f"of {calls_words(calls)}{where} in {days} days"
    named = _named(result, account_ids, "revoked" if denied else "maybe")
    if denied:
        more = f" {_number_words(maybe)} more may have been." if maybe else ""
        title = f"{_number_words(denied)} {of} would have been denied.{more}"
        return UsageSentence("newly_denied", title, " ".join([named, *doubts]))
    if maybe:
        title = f"{_number_words(maybe)} {of} may have been denied, none for certain."
        return UsageSentence("undecided", title, " ".join([named, *doubts]))
    title = f"0 {of} would have been denied."
    return UsageSentence("partial" if doubts else "proven", title, " ".join(doubts))


def calls_words(count: int) -> str:
    """Return a number of calls in words: `1 call`, `4,100 calls`, `41 million calls`."""
    return f"{_number_words(count)} call{'s' if count != 1 else ''}"


def _number_words(count: int) -> str:
    if count >= 1000 * _MILLION:
        return f"{_short(count, 1000 * _MILLION)} billion"
    return f"{_short(count, _MILLION)} million" if count >= _MILLION else f"{count:,}"


def principal_words(principal: str) -> str:
    """Return a principal as people call it: `role Deploy`, `user ann`, a service's name."""
    if not principal.startswith("arn:"):
        return principal
    kind, _, name = principal.split(":", 5)[5].partition("/")
    return f"{kind} {name}" if name else {"root": "the root user"}.get(kind, kind)


def _short(count: int, unit: int) -> str:
    """Return a count in a unit, rounded down, with a decimal below ten."""
    tenths = count * 10 // unit
    if tenths >= 100 or tenths % 10 == 0:
        return f"{tenths // 10:,}"
    return f"{tenths / 10:.1f}"


def _counts(result: Mapping[str, Any], account_ids: Collection[str] | None) -> tuple[int, int, int]:
    """Return the calls, those newly denied and those that may be, in all or some accounts."""
    if account_ids is None:
        maybe = result["maybe"]["calls"] - result["maybe"]["denied"]
        return result["calls"] - result["not_known"]["calls"], result["newly_denied"], maybe
    wanted = set(account_ids)
    mine = [one for one in result["by_account"] if one["account_id"] in wanted]
    return (
        sum(one["calls"] for one in mine),
        sum(one["newly_denied"] for one in mine),
        sum(one["maybe"] for one in mine),
    )


def _named(result: Mapping[str, Any], account_ids: Collection[str] | None, effect: str) -> str:
    """Name the use with the most calls, and how many more there are."""
    uses = [
        one
        for one in result["groups"]
        if one["effect"] == effect
        and one["calls"] > one["denied"]
        and (account_ids is None or one["account_id"] in account_ids)
    ]
    if not uses:
        return ""
    first, more = uses[0], len(uses) - 1
    said = f"{principal_words(first['principal'])} to {first['action']}"
    said = f"{said[:1].upper()}{said[1:]}"
    return f"{said} and {more:,} more use{'s' if more != 1 else ''}." if more else f"{said}."


def _doubts(result: Mapping[str, Any]) -> list[str]:
    """Return why it may be more, in sentences."""
    said = []
    if result["state"] != COMPLETE:
        said.append("The logs are incomplete.")
        said += result["logs"]["reasons"][:1]
    unknown = result["not_known"]["calls"]
    if unknown:
        said.append(f"What becomes of {calls_words(unknown)} is not known.")
    return said
