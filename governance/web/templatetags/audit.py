"""The history of an object on its own page, for those who may read the audit log."""

from typing import Any

from django import template
from django.template import RequestContext
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from governance.access import rights
from governance.access.viewers import holds, viewer_with
from governance.audit.selectors import object_entries
from governance.web.audit.wording import shown_entries
from inventory.models import Connection

register = template.Library()

_SHOWN = 8


@register.inclusion_tag("includes/audit_history.html", takes_context=True)
def audit_history(
    context: RequestContext,
    object_kind: str,
    object_id: Any,
    connection: Connection | None = None,
) -> dict[str, Any]:
    """Show what was done to an object, the latest first; nothing to who may not read the log.

    `object_kind` and `object_id`: as entries name it, such as `connection` and its id.
    `connection`: of what is numbered again in each organization, such as change requests.
    """
    user = context["request"].user
    if not holds(user, rights.VIEW_AUDIT):
        return {"may_read": False}
    viewer = viewer_with(user, rights.VIEW_AUDIT)
    rows = object_entries(
        viewer,
        object_kind=object_kind,
        object_id=str(object_id),
        connection_id=None if connection is None else connection.pk,
    )
    return {
        "may_read": True,
        "entries": shown_entries(rows.order_by("-pk")[:_SHOWN]),
        "all_href": _address(object_kind, object_id, connection),
    }


@register.simple_tag(takes_context=True)
def audit_link(
    context: RequestContext, object_kind: str, object_id: Any, name: str
) -> SafeString | str:
    """Link to what was done to an object; nothing for who may not read the log."""
    if not holds(context["request"].user, rights.VIEW_AUDIT):
        return ""
    return format_html(
        '<a class="btn btn-s" href="{}" aria-label="History of {}">History</a>',
        _address(object_kind, object_id),
        name,
    )


def _address(object_kind: str, object_id: Any, connection: Connection | None = None) -> str:
    asked = {"object_kind": object_kind, "object_id": object_id}
    if connection is not None:
        asked["organization"] = connection.slug
    return f"{reverse('audit')}?{urlencode(asked)}"
