"""Where a signed-in person starts."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.grants import grants_of
from governance.access.role_assignments import administrators
from governance.access.viewers import holds, viewer_of
from governance.web.parts.pages import Page
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening
from governance.web.shell import build_shell, require_named_connection
from inventory.models import Connection
from inventory.selectors.connections import latest_whole_run


def first_step_href(user: User, connection: Connection | None) -> str:
    """Return where who manages connections goes on until an organization was read; else empty."""
    if not holds(user, rights.MANAGE_CONNECTIONS):
        return ""
    if connection is None:
        return reverse("connections")
    if latest_whole_run(viewer_of(user), connection=connection) is None:
        return reverse("connection", kwargs={"slug": connection.slug})
    return ""


class Start(Page):
    """Lead to the first screen this person may open; without any, say what is missing.

    Who manages connections is led through the first steps until an organization was read.
    """

    required_right = Opening.SIGNED_IN
    template_name = "governance/start.html"
    page_title = "Welcome"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go to the first entry of the navigation; without any role, say whom to ask."""
        shell = build_shell(request)
        require_named_connection(request, shell)
        if not grants_of(person_of(request)):
            found = administrators(now=timezone.now()).filter(profile__break_glass=False)
            context = self.get_context_data(administrators=found.order_by("username")[:10])
            answer: HttpResponseBase = self.render_to_response(context)
            return answer
        if first := first_step_href(person_of(request), shell.connection):
            return HttpResponseRedirect(first)
        for _, destinations in shell.navigation:
            for destination in destinations:
                return HttpResponseRedirect(destination.href)
        return super().get(request, *args, **kwargs)
