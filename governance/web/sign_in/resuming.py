"""Does what somebody was about to do once they have proved again who they are, with what they sent.

Only where a view says so by `resumes_after_step_up`: what it is sent holds no secrets, for it waits
in the session meanwhile.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access.step_up import is_stepped_up
from governance.web.parts.pages import Page
from governance.web.parts.rights_view import Opening

_KEPT_AS: Final = "act_after_step_up"
_KEPT_FOR: Final = timedelta(minutes=10)
_MOST_CHARACTERS: Final = 32_000
_NOT_KEPT: Final = frozenset({"csrfmiddlewaretoken"})


def referring_page(request: HttpRequest) -> str:
    """Return the address on this instance of the page whose form was sent."""
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path + (f"?{page.query}" if page.query else "")


def act_keep(request: HttpRequest) -> bool:
    """Keep what a request sent until its person has proved who they are; False: it is not kept."""
    match = request.resolver_match
    view = None if match is None else getattr(match.func, "view_class", None)
    if request.method != "POST" or not getattr(view, "resumes_after_step_up", False):
        return False
    sent = [
        [name, value]
        for name, values in request.POST.lists()
        if name not in _NOT_KEPT
        for value in values
    ]
    if request.FILES or sum(len(name) + len(value) for name, value in sent) > _MOST_CHARACTERS:
        return False
    request.session[_KEPT_AS] = {
        "path": request.get_full_path(),
        "sent": sent,
        "back": referring_page(request),
        "at": timezone.now().isoformat(),
    }
    return True


def act_waits(request: HttpRequest) -> bool:
    """Whether something waits to be done."""
    return _KEPT_AS in request.session


def _act_take(request: HttpRequest) -> dict[str, Any] | None:
    kept: dict[str, Any] | None = request.session.pop(_KEPT_AS, None)
    if kept is None or timezone.now() - datetime.fromisoformat(kept["at"]) > _KEPT_FOR:
        return None
    return kept


class ResumeAct(Page):
    """Sends the form again that somebody sent before they were asked who they are."""

    required_right = Opening.SIGNED_IN
    page_title = "Confirmed"
    template_name = "governance/sign_in/resume.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form, which is sent by itself; once, and only after a fresh proof."""
        if not is_stepped_up(request):
            return HttpResponseRedirect(f"{reverse('step-up')}?next={reverse('step-up-resume')}")
        kept = _act_take(request)
        if kept is None:
            return HttpResponseRedirect(reverse("start"))
        answer: HttpResponseBase = self.render_to_response(self.get_context_data(kept=kept))
        answer.headers["Cache-Control"] = "no-store"
        return answer
