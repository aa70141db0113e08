"""Services by hour of the day, above lists of usage and of denials."""

from typing import Any, ClassVar, Final

from governance.web.parts import ages
from governance.web.parts.charts import Chart
from governance.web.usage.charts import hour_heatmap
from governance.web.usage.log_notes import LoggedList
from inventory.selectors.usage_hours import calls_by_hour

SERVICES_SHOWN: Final = 12
# What calls are counted by within an hour, and what chooses no rows.
_FOLLOWED: Final = frozenset({"days", "account_id", "service"})


class HourlyList(LoggedList):
    """A list with a picture of its calls by hour, where its filters are what hours are counted by.

    `hours_title`: None: the list has no such picture. `hours_of_denials`: denied calls alone.
    """

    hours_title: ClassVar[str | None] = "Calls by hour and service"
    hours_of_denials: ClassVar[bool] = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the picture, or why there is none."""
        if self.hours_title is None:
            return super().get_context_data(**kwargs)
        # First: whether a page has charts is asked while its context is made.
        chart, why = self._picture(self.hours_title)
        context = super().get_context_data(hours=chart, hours_title=self.hours_title, **kwargs)
        return context | {"hours_why": why if context["rows"].object_list else ""}

    def _picture(self, title: str) -> tuple[Chart | None, str]:
        given = {
            name: value for name, value in self.given_filters.form.cleaned_data.items() if value
        }
        if given.keys() - _FOLLOWED:
            return None, "Hours are counted by account and service; other filters hide them."
        since, until = self.given_filters.span
        service = str(given.get("service", "")).strip().lower().rstrip(":")
        found = calls_by_hour(
            self.viewer,
            connection=self.connection,
            since=since,
            until=until,
            account_id=self.log_account_id or str(given.get("account_id", "")),
            services=[service] if service else None,
            denied_only=self.hours_of_denials,
        )
        if not found.services or found.first_day is None:
            return None, "Hours not known. Athena's counts and days read long ago have none."
        self.has_charts = True
        return (
            hour_heatmap(
                found.services,
                key="calls-by-hour",
                title=title,
                span=f"{ages.day(found.first_day)} to {ages.day(until)}",
                most=SERVICES_SHOWN,
            ),
            "",
        )


def with_pictures(names: list[str], partial: str) -> list[str]:
    """Return the templates of a list; the part for htmx with its pictures: `partial`."""
    return [partial] if names == ["includes/list_partial.html"] else names
