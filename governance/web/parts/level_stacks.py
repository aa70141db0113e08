"""The levels above a target, as several screens of it show them."""

from governance.web.parts.pages import ConnectionPage
from inventory.selectors.hierarchy import Level, levels


def level_stack_of(page: ConnectionPage, target_id: str) -> list[Level]:
    """Return the levels from the root down to a target, with their policies of all types.

    Never those of another state than the organization is in: pages lay them beside its ceilings.
    """
    return page.recent(
        ("levels", target_id, page.marks),
        lambda: levels(
            page.viewer, connection=page.connection, target_id=target_id, as_of=page.as_of
        ),
    )
