"""Where a signed-in person starts."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from governance.access.grants import grants_of
from governance.access.role_assignments import administrators
from governance.web.parts.pages import Opening, Page
from governance.web.parts.people import person_of
from governance.web.shell import build_shell, require_named_connection


class Start(Page):
    """Lead to the first screen this person may open; without any, say what is missing."""

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
        for _, destinations in shell.navigation:
            for destination in destinations:
                return HttpResponseRedirect(destination.href)
        return super().get(request, *args, **kwargs)
