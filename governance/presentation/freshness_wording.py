"""What pages and endpoints say of data whose collectors did not read all the last time."""

from typing import Final

from inventory.models import Coverage
from inventory.selectors.freshness import (
    NEVER_RAN,
    TOO_OLD,
    DataFreshness,
    Freshness,
    UnreadSource,
)

_WHY: Final = {
    Coverage.State.DENIED: "AWS denied the call",
    Coverage.State.THROTTLED: "AWS throttled the calls",
    Coverage.State.TIMED_OUT: "reading took too long",
    Coverage.State.INCONSISTENT: "AWS's answers contradict each other",
    Coverage.State.FAILED: "reading failed",
    NEVER_RAN: "never collected",
    TOO_OLD: "read too long ago",
}
TITLES: Final = {
    Freshness.STALE: "This data is stale",
    Freshness.INCOMPLETE: "This data is incomplete",
    Freshness.UNKNOWN: "Some of this data was never collected",
}
SHOWN_SOURCES: Final = 3


def unread_words(label: str, state: str) -> str:
    """Say which collector did not read all, and why."""
    return f"{label}: {_WHY[state]}"


def source_words(source: UnreadSource) -> str:
    """Say which collector did not read all, where, and why: one line."""
    where = ""
    if source.accounts:
        where = f" in {source.accounts:,} account{'' if source.accounts == 1 else 's'}"
    return f"{source.label}{where}: {_WHY[source.state]}"


def freshness_words(found: DataFreshness) -> str:
    """Say what is missing from what is shown; empty where nothing is."""
    shown = [source_words(each) for each in found.unread[:SHOWN_SOURCES]]
    more = len(found.unread) - len(shown)
    if more:
        shown.append(f"{more:,} more collector{'' if more == 1 else 's'}")
    return f"{'; '.join(shown)}." if shown else ""
