"""What a replay of usage found, as the simulator and change requests show it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.usage.results import NO_SOURCE
from governance.usage.wording import UsageSentence, principal_words, usage_sentence

_USES_SHOWN: Final = 50
# How an effect on calls that were made is shown.
_EFFECT_STATES: Final = {"revoked": "newly_denied", "gained": "newly_allowed", "maybe": "undecided"}


@dataclass(frozen=True, slots=True)
class ReplayedUseRow:
    """Calls of one principal for one action in one account that a change treats alike.

    `denied`: of them, how many were denied when they were made. `keys`: on what it depends.
    """

    state: str
    principal: str
    label: str
    action: str
    account_id: str
    account_name: str
    account_href: str
    calls: int
    denied: int
    keys: str
    last_at: datetime
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplayedUsageShown:
    """A replay: the sentence, then by whom, apart from what AWS itself called.

    `more`: how many uses are not shown. `facts`: what the logs are that it rests on, in words.
    """

    is_known: bool
    days: int
    sentence: UsageSentence
    rows: tuple[ReplayedUseRow, ...]
    by_aws: tuple[ReplayedUseRow, ...]
    more: int
    facts: tuple[str, ...]

    @property
    def tables(self) -> list[tuple[str, tuple[ReplayedUseRow, ...]]]:
        """The tables that have rows, each with what its first column names."""
        titled = (("Principal", self.rows), ("AWS service", self.by_aws))
        return [(title, rows) for title, rows in titled if rows]


def shown_usage(
    result: Mapping[str, Any],
    account_of: Callable[[str], tuple[str, str]],
    sees: Callable[[str], bool] = lambda _: True,
) -> ReplayedUsageShown:
    """Return a replay for a page.

    `result`: as `governance.usage.results.replay_result` makes it. `account_of`: an account's name
    and the address of its page, which may be empty. `sees`: whether calls of an account are shown.
    """
    groups = [one for one in result["groups"] if sees(one["account_id"])]
    rows = [_row(one, account_of) for one in groups if not one["is_by_aws"]]
    by_aws = [_row(one, account_of) for one in groups if one["is_by_aws"]]
    shown = rows[:_USES_SHOWN], by_aws[:_USES_SHOWN]
    return ReplayedUsageShown(
        is_known=result["state"] != NO_SOURCE,
        days=result["days"],
        sentence=usage_sentence({**result, "groups": groups}),
        rows=tuple(shown[0]),
        by_aws=tuple(shown[1]),
        more=(result["groups_total"] or 0) - sum(map(len, shown)),
        facts=log_facts(result),
    )


def log_facts(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the logs are that a replay rests on, in words; none without logs."""
    logs = result["logs"]
    if result["state"] == NO_SOURCE:
        return ()
    facts = []
    if logs["first_day"]:
        facts.append(f"Logs from {logs['first_day']} to {logs['last_day']}")
    if logs["gaps"]:
        facts.append(f"{logs['gaps']:,} gap{'s' if logs['gaps'] != 1 else ''}")
    if logs["refused"]:
        noun = "files" if logs["refused"] != 1 else "file"
        facts.append(f"{logs['refused']:,} {noun} could not be read")
    if logs["unmapped_share"]:
        share = logs["unmapped_share"] * 100
        said = "under 0.1" if share < 0.1 else f"{share:.1f}"
        facts.append(f"{said} % of events belong to no known action and are not replayed")
    return tuple(facts)


def _row(one: Mapping[str, Any], account_of: Callable[[str], tuple[str, str]]) -> ReplayedUseRow:
    name, href = account_of(one["account_id"])
    return ReplayedUseRow(
        state=_EFFECT_STATES[one["effect"]],
        principal=one["principal"],
        label=principal_words(one["principal"]),
        action=one["action"],
        account_id=one["account_id"],
        account_name=name,
        account_href=href,
        calls=one["calls"],
        denied=one["denied"],
        keys=_listed(one["keys"]),
        last_at=datetime.fromisoformat(one["last_at"]),
        resources=tuple(one["resources"]),
    )


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(keys)
