"""Signing in and out, and where a signed-in person starts."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.web.parts.pages import Opening, Page, RightsView
from governance.web.shell import build_shell, require_named_connection


class SignIn(RightsView, LoginView):
    """Ask for user name and password; one already signed in goes on to the start."""

    required_right = Opening.PUBLIC
    template_name = "governance/sign_in.html"
    redirect_authenticated_user = True


class SignOut(RightsView, LogoutView):  # type: ignore[misc]  # its stub names a narrower answer
    """End the session. Only by POST, so that no link can do it."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]


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
