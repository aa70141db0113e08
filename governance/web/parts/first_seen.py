"""When a thing was first seen, for what AWS gives no date of."""

from governance.web.parts.ages import exact
from governance.web.parts.pages import ConnectionPage, Fact
from inventory.models.versions import Version
from inventory.selectors.history import first_seen


def first_seen_fact(page: ConnectionPage, row: Version) -> Fact:
    """Return the fact; what the first run found may be older, and the fact says so."""
    at = first_seen(page.viewer, row)
    first_run_at = page.known_span.first_run_at
    by_then = first_run_at is None or at <= first_run_at
    return Fact("First seen", f"{exact(at)}, in the first run" if by_then else exact(at))
