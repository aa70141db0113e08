"""How well the logs behind a list of usage are known, in the words that stand above it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from governance.usage.known_logs import KnownLogs, known_logs
from governance.web.parts.pages import ConnectionPage
from inventory.selectors.logs import LogHealth, LogHealthState

_REASONS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class LogNote:
    """What a list of usage says of its logs.

    `state`: of the note, a key of the looks; empty where the logs are complete. `empty_state`,
    `empty_title` and `empty_text`: what stands in place of rows where there are none.
    """

    state: str
    title: str
    text: str
    empty_state: str
    empty_title: str
    empty_text: str

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known of usage."""
        return self.state == "unknown"


def log_note(
    page: ConnectionPage, *, since: date, until: date, noun: str, account_id: str = ""
) -> LogNote:
    """Return what to say of the logs of some days. `noun`: what is listed, such as `Usage`.

    `account_id`: of the one account that the list is of; empty: of all.
    """
    health = known_logs(
        page.viewer, connection=page.connection, since=since, until=until, now=page.now
    )
    return note_of(health, noun, account_id=account_id)


def note_of(health: KnownLogs | LogHealth, noun: str, *, account_id: str = "") -> LogNote:
    """Return what to say of logs that are known so well; see `log_note`."""
    if health.state is LogHealthState.NO_SOURCE:
        text = "No CloudTrail logs are read. Without them what was used is not known."
        return LogNote("unknown", f"{noun} not known", text, "unknown", f"{noun} not known", text)
    if health.first_day is None:
        text = "No log file of these days has been read yet."
        return LogNote("unknown", f"{noun} not known", text, "unknown", f"{noun} not known", text)
    if account_id and account_id in health.without_logs:
        text = f"No log file of account {account_id} was read for these days."
        return LogNote("unknown", f"{noun} not known", text, "unknown", f"{noun} not known", text)
    first, last = health.first_day, health.last_day
    span = f"the logs from {first} to {last}"
    if health.state is LogHealthState.COMPLETE:
        return LogNote("", "", "", "empty", "None recorded", f"There is none in {span}.")
    text = _reasons(health)
    return LogNote(
        "partial",
        "Logs incomplete",
        f"{text} {noun} of what is missing is not known.",
        "unknown",
        "Not known",
        f"There is none in {span}, which are incomplete: {text}",
    )


def _reasons(health: KnownLogs | LogHealth) -> str:
    shown = " ".join(health.reasons[:_REASONS_SHOWN])
    more = len(health.reasons) - _REASONS_SHOWN
    if more <= 0:
        return shown
    return f"{shown} And {more} more {'reason' if more == 1 else 'reasons'}."
