"""How well the logs behind a list of usage are known, in the words that stand above it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Final

from governance.filtering.usage import UsageDaysFilterSet
from governance.usage.known_logs import KnownLogs, known_logs
from governance.web.parts.keyset import KeysetListPage
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
    page: ConnectionPage,
    *,
    since: date,
    until: date,
    noun: str,
    account_id: str = "",
    of_account_alone: bool = False,
) -> LogNote:
    """Return what to say of the logs of some days. `noun`: what is listed, such as `Usage`.

    `account_id`: whose log the list needs first; empty: every account's alike. `of_account_alone`:
    the list has what this account's log says, and no other.
    """
    health = known_logs(
        page.viewer,
        connection=page.connection,
        since=since,
        until=until,
        now=page.now,
        account_id=account_id if of_account_alone else "",
    )
    return note_of(health, noun, account_id=account_id)


def note_of(health: KnownLogs | LogHealth, noun: str, *, account_id: str = "") -> LogNote:
    """Return what to say of logs that are known so well; see `log_note`."""
    if health.state is LogHealthState.NO_SOURCE:
        text = "No CloudTrail logs are read. Without them what was used is not known."
        return LogNote("unknown", f"{noun} not known", text, "unknown", f"{noun} not known", text)
    if account_id and account_id in health.without_logs:
        text = f"No log file of account {account_id} was read for these days."
        return LogNote("unknown", f"{noun} not known", text, "unknown", f"{noun} not known", text)
    if health.first_day is None:
        text = "No log file of these days has been read yet."
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


class LoggedList(KeysetListPage):
    """A list of what the logs of some days say, with how well these are known.

    `logged_noun`: what is listed, as it begins a sentence. `log_account_id` and
    `of_account_alone`: see `log_note`.
    """

    logged_noun: ClassVar[str]
    log_account_id: str = ""
    of_account_alone: ClassVar[bool] = False

    @cached_property
    def given_filters(self) -> UsageDaysFilterSet:
        """The filters of the address, of good values."""
        found = self.filters()
        if not isinstance(found, UsageDaysFilterSet):  # pragma: no cover - filterset_class says so
            raise TypeError(f"{type(found).__qualname__} is not a filter by days")
        return found

    @cached_property
    def note(self) -> LogNote:
        """How well the logs of the days asked for are known."""
        since, until = self.given_filters.span
        return log_note(
            self,
            since=since,
            until=until,
            noun=self.logged_noun,
            account_id=self.log_account_id,
            of_account_alone=self.of_account_alone,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how well the logs are known, and the days; no rows are none only if they are."""
        context = super().get_context_data(
            note=self.note, usage_days=self.given_filters.days, **kwargs
        )
        if not context["rows"].object_list and self.note.state:
            context |= {"is_filtered": False}
        return context | {
            "empty_state": self.note.empty_state,
            "empty_title": self.note.empty_title,
            "empty_text": self.note.empty_text,
        }


def _reasons(health: KnownLogs | LogHealth) -> str:
    shown = " ".join(health.reasons[:_REASONS_SHOWN])
    more = len(health.reasons) - _REASONS_SHOWN
    if more <= 0:
        return shown
    return f"{shown} And {more} more {'reason' if more == 1 else 'reasons'}."
