"""What the overview of an account or OU shows of its ceiling."""

from collections.abc import Sequence
from typing import Any, Final

from governance.posture.ceilings.organization_ceilings import Binding
from governance.web.ceilings.reading import CeilingPage
from governance.web.ceilings.services import service_table
from governance.web.ceilings.stack import stack_rows
from inventory.selectors.hierarchy import Level

_SERVICES_SHOWN: Final = 20


def ceiling_context(page: CeilingPage, levels: Sequence[Level]) -> dict[str, Any]:
    """Return the stack, the assumptions and the first services for a template.

    `levels`: of the page's target, with the policies of all types.
    """
    rows = stack_rows(
        levels,
        page.steps,
        page.ceilings,
        slug=page.connection.slug,
        query=page.kept_query(),
    )
    measured = page.binding() is Binding.BOUND
    more = page.part_address("ceiling")
    segment = page.request.GET.get("segment")
    if segment:
        more += f"{'&' if '?' in more else '?'}segment={segment}"
    return {
        "levels": rows,
        "stack_measured": measured,
        "stack_left": rows[-1] if measured and rows else None,
        "assuming": page.assuming(),
        "not_measured": page.not_measured(),
        "types": page.type_links(),
        "type_words": page.type_words,
        "services": service_table(page, most=_SERVICES_SHOWN) if measured else None,
        "more_services_href": more,
    }
