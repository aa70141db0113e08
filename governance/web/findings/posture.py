"""The cards of Posture with open findings and open drift."""

from typing import Any

from governance.access import rights
from governance.drift.selectors import drift_reading
from governance.inbox.models import InboxItem
from governance.inbox.open_drift import open_drift
from governance.inbox.selectors import inbox_counts, inbox_readings
from governance.web.parts.pages import ConnectionPage


def severity_links(counts: Any, query: str) -> list[dict[str, Any]]:
    """Return the severities that occur, each with its count and the query that lists it.

    `query`: what the inbox is filtered by besides, such as `source=drift`.
    """
    begins = f"?{query}&" if query else "?"
    return [
        {"severity": one, "count": counts[one], "query": f"{begins}severity={one}"}
        for one in InboxItem.InboxSeverity.values
        if counts[one]
    ]


class FindingsOnPosture(ConnectionPage):
    """Open findings by severity, and open drift with the newest of it; read after the page."""

    required_right = rights.VIEW_FINDINGS
    template_name = "governance/findings/posture_cards.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the counts, the newest drift, and which sources could not be judged."""
        counts = inbox_counts(self.viewer, connection=self.connection, now=self.now)
        readings = inbox_readings(self.connection)
        unread = [
            str(InboxItem.Source(name).label) for name, one in readings.items() if one.problem
        ]
        drift_source = readings.get(InboxItem.Source.DRIFT)
        may_see_drift = self.may(rights.VIEW_DRIFT, None)
        reading = drift_reading(self.connection) if may_see_drift else None
        return super().get_context_data(
            counts=counts,
            severities=severity_links(counts.by_severity, ""),
            is_read=bool(readings),
            unread=unread,
            unread_words=f"Could not be checked: {', '.join(unread)}",
            shows_drift=may_see_drift,
            drift=self.drift() if may_see_drift else None,
            drift_read_at=reading.read_at if reading else None,
            drift_problem=drift_source.problem if drift_source else "",
            has_baseline=reading is not None and reading.baseline_version is not None,
            may_adopt=self.may(rights.ADOPT_BASELINE, None),
            **kwargs,
        )

    def drift(self) -> dict[str, Any]:
        """Return open drift with links into the inbox."""
        found = open_drift(self.viewer, connection=self.connection, now=self.now)
        return {"open": found, "severities": severity_links(found.by_severity, "source=drift")}
