"""What stands above a page whose data may be deleted in AWS, or is not fresh."""

from typing import Any

from django.urls import reverse

from governance.presentation.freshness_wording import TITLES, freshness_words
from governance.presentation.suspected_wording import missing_words
from inventory.models import Connection
from inventory.selectors.freshness import DataFreshness
from inventory.selectors.suspected import Suspicion


def suspicion_context(connection: Connection, found: Suspicion | None) -> dict[str, str]:
    """Return what `includes/suspected.html` says, nothing where nothing is suspected."""
    if found is None:
        return {}
    name = "inventory-runs" if found.run_id is None else "inventory-run-suspected"
    given = {} if found.run_id is None else {"run_id": found.run_id}
    return {
        "suspected_words": missing_words(found),
        "suspected_href": reverse(name, kwargs={"slug": connection.slug, **given}),
    }


def freshness_context(connection: Connection, found: DataFreshness | None) -> dict[str, Any]:
    """Return what `includes/stale_data.html` says, nothing where all is fresh (None)."""
    # Where nothing was collected at all, the page and its frame say so themselves.
    if found is None or not found.is_begun:
        return {}
    first = found.unread[0] if found.unread else None
    return {
        "freshness_title": TITLES[found.state],
        "freshness_state": found.state if first is None else first.state,
        "freshness_words": freshness_words(found),
        "freshness_at": found.complete_at if first is None else first.last_complete_at,
        # A remedy names one account; of many the coverage says each.
        "freshness_remedy": first.remedy if first is not None and first.accounts <= 1 else "",
        "freshness_href": reverse("inventory-runs", kwargs={"slug": connection.slug}),
    }
