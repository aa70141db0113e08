"""Where a signed-in person starts."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.web.parts.pages import Opening, Page
from governance.web.shell import build_shell, require_named_connection


class Start(Page):
    """Lead to the first screen this person may open; without any, say what is missing."""

    required_right = Opening.SIGNED_IN
    template_name = "governance/start.html"
    page_title = "Welcome"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go to the first entry of the navigation."""
        shell = build_shell(request)
        require_named_connection(request, shell)
        for _, destinations in shell.navigation:
            for destination in destinations:
                return HttpResponseRedirect(destination.href)
        return super().get(request, *args, **kwargs)
