"""Change requests about a policy, an OU or an account, on its own page."""

from typing import Any, Final

from django import template
from django.db.models import Count, Q
from django.template import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from governance.access import rights
from governance.access.viewers import holds_within, viewer_of
from governance.changes.life.selectors import change_requests
from governance.changes.states import CLOSED

register = template.Library()

_SHOWN: Final = 4


@register.inclusion_tag("includes/requests_about.html", takes_context=True)
def requests_about(
    context: RequestContext, object_id: str, above: str = "", kind: str = "target"
) -> dict[str, Any]:
    """Show the open requests that touch an object, how many are closed, and the way to a new one.

    `above`: the path of a target, whose changes reach it as well. `kind`: policy or target.
    """
    connection, user = context["connection"], context["request"].user
    if not holds_within(user, rights.VIEW_CHANGES, connection=connection):
        return {"may_see": False}
    touching = Q(object_ids__contains=[object_id])
    ancestors = [step for step in above.split("/") if step]
    if ancestors:
        touching |= Q(reaching_ids__overlap=ancestors)
    rows = change_requests(viewer_of(user), connection=connection).filter(touching)
    counts = rows.order_by().aggregate(
        open=Count("pk", filter=~Q(state__in=CLOSED)),
        closed=Count("pk", filter=Q(state__in=CLOSED)),
    )
    slug = {"slug": connection.slug}
    query = urlencode({f"{kind}_id": object_id})
    return {
        "may_see": True,
        "slug": connection.slug,
        "open": rows.exclude(state__in=CLOSED)[:_SHOWN] if counts["open"] else (),
        "more": max(counts["open"] - _SHOWN, 0),
        "closed": counts["closed"],
        "all_href": f"{reverse('change-requests', kwargs=slug)}?{query}",
        "propose_href": (
            _propose_href(connection.slug, kind, object_id)
            if holds_within(user, rights.PROPOSE_CHANGE, connection=connection)
            else ""
        ),
    }


def _propose_href(slug: str, kind: str, object_id: str) -> str:
    try:
        href = reverse("change-request-create", kwargs={"slug": slug})
    except NoReverseMatch:
        return ""
    return f"{href}?{urlencode({kind: object_id})}"
