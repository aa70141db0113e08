"""How the landing zone stands, in a few sentences."""

from collections.abc import Sequence

from governance.baseline.landing_zone.core_accounts import (
    CoreAccountStanding,
    CoreAccountState,
    merged_purposes,
)
from governance.baseline.landing_zone.logging_health import LogServiceHealth
from governance.baseline.landing_zone.logging_summary import LoggingSummary
from governance.baseline.landing_zone.tower_facts import (
    ControlTowerState,
    ControlTowerStatus,
    TowerDrift,
)
from inventory.service_facts import ENABLED_CONTROL

_DRIFT_WORDS = {
    TowerDrift.IN_SYNC: "is in sync",
    TowerDrift.DRIFTED: "has drifted",
    TowerDrift.NOT_CHECKING: "is not checked for drift",
    TowerDrift.UNKNOWN: "has a drift status that is not known",
}


def core_sentence(standings: Sequence[CoreAccountStanding]) -> str:
    """Say how many core accounts are confirmed, and which are missing, merged or not known."""
    by_state: dict[CoreAccountState, list[str]] = {}
    for each in standings:
        by_state.setdefault(each.state, []).append(_lowered(each.label))
    confirmed = len(by_state.get(CoreAccountState.CONFIRMED, ()))
    said = [f"{confirmed} of {len(standings)} core accounts confirmed"]
    found = len(by_state.get(CoreAccountState.FOUND, ()))
    if found:
        said.append(f"{found} found by evidence and not confirmed")
    for state, words in (
        (CoreAccountState.MISSING, "missing"),
        (CoreAccountState.CONTRADICTED, "in doubt"),
        (CoreAccountState.AMBIGUOUS, "with several candidates"),
        (CoreAccountState.UNKNOWN, "not known"),
    ):
        if state in by_state:
            said.append(f"{words}: {_and(by_state[state])}")
    for several, _ in merged_purposes(standings).values():
        said.append(f"merged in one account: {_and([_lowered(one.label) for one in several])}")
    return f"{'; '.join(said)}."


def tower_sentence(status: ControlTowerStatus) -> str:
    """Say whether Control Tower is set up, its version and what has drifted."""
    match status.state:
        case ControlTowerState.UNKNOWN:
            return f"Control Tower is not known: {status.because.rstrip('.')}."
        case ControlTowerState.NOT_SET_UP:
            return f"Control Tower is not set up: {status.because}."
        case ControlTowerState.ELSEWHERE:
            return f"Control Tower's landing zone was not found: {status.because}."
    version = f"Control Tower {status.version}" if status.version else "Control Tower"
    said = [f"{version} {_DRIFT_WORDS[status.drift]}"]
    if status.is_outdated:
        said.append(f"version {status.latest_version} is available")
    counts = status.controls_by_drift
    if not status.reading(ENABLED_CONTROL).was_complete:
        said.append("enabled controls are not known")
    else:
        total = len(status.controls)
        drifted = counts[TowerDrift.DRIFTED]
        said.append(f"{drifted:,} of {total:,} enabled controls drifted")
        open_ones = counts[TowerDrift.UNKNOWN] + counts[TowerDrift.NOT_CHECKING]
        if open_ones:
            said.append(f"{open_ones:,} not checked or not known")
    return f"{'; '.join(said)}."


def logging_sentence(summary: LoggingSummary) -> str:
    """Say in how many accounts logging or detection is off, degraded or not known."""
    total = len(summary.lines)
    if not total:
        return "Logging is not known: no account was collected."
    counts = summary.worst_counts
    said = [
        f"{words} in {counts[health]:,}"
        for health, words in (
            (LogServiceHealth.OFF, "off"),
            (LogServiceHealth.DEGRADED, "degraded"),
            (LogServiceHealth.UNKNOWN, "not known"),
        )
        if counts[health]
    ]
    of = f"of {total:,} account{'' if total == 1 else 's'}"
    if not said:
        return f"Logging and detection are on in all {total:,} accounts."
    return f"Logging or detection is {', '.join(said)} {of}."


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
