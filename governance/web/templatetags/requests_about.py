"""Change requests about a policy, an OU or an account, on its own page."""

from functools import cache
from typing import Any, Final

from django import template
from django.db.models import Count, Q, QuerySet
from django.template import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from governance.access import rights
from governance.access.viewers import holds_within, viewer_of
from governance.changes.life.selectors import change_requests
from governance.changes.models import ChangeRequest
from governance.changes.states import CLOSED
from inventory.selectors.ready_query import ReadyQuery

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
    viewer = viewer_of(user)
    ancestors = [step for step in above.split("/") if step]
    rows = _about(change_requests(viewer, connection=connection), object_id, ancestors)
    above_ids = {f"above_{at}": step for at, step in enumerate(ancestors)}
    counts = dict(
        _counts(len(ancestors)).rows(connection_id=connection.pk, object_id=object_id, **above_ids)
        if viewer.sees_everything
        else _counted(rows)
    )
    closed = sum(counts.get(state, 0) for state in CLOSED)
    opened = sum(counts.values()) - closed
    slug = {"slug": connection.slug}
    query = urlencode({f"{kind}_id": object_id})
    return {
        "may_see": True,
        "slug": connection.slug,
        "open": rows.exclude(state__in=CLOSED)[:_SHOWN] if opened else (),
        "more": max(opened - _SHOWN, 0),
        "closed": closed,
        "all_href": f"{reverse('change-requests', kwargs=slug)}?{query}",
        "propose_href": (
            _propose_href(connection.slug, kind, object_id)
            if holds_within(user, rights.PROPOSE_CHANGE, connection=connection)
            else ""
        ),
    }


def _about(
    rows: "QuerySet[ChangeRequest]", object_id: str, ancestors: list[str]
) -> "QuerySet[ChangeRequest]":
    touching = Q(object_ids__contains=[object_id])
    return rows.filter(touching | Q(reaching_ids__overlap=ancestors) if ancestors else touching)


def _counted(rows: "QuerySet[ChangeRequest]") -> "QuerySet[ChangeRequest, tuple[str, int]]":
    return rows.order_by().values_list("state").annotate(Count("pk"))


@cache
def _counts(levels: int) -> ReadyQuery:
    """Return the query for who sees everything, of an object with so many ancestors."""
    return ReadyQuery(
        lambda connection_id, object_id, **above: _counted(
            _about(
                ChangeRequest.objects.filter(connection_id=connection_id),
                object_id,
                list(above.values()),
            )
        ),
        connection_id=-1,
        object_id="an object",
        **{f"above_{at}": f"ancestor {at}" for at in range(levels)},
    )


def _propose_href(slug: str, kind: str, object_id: str) -> str:
    try:
        href = reverse("change-request-create", kwargs={"slug": slug})
    except NoReverseMatch:
        return ""
    return f"{href}?{urlencode({kind: object_id})}"
