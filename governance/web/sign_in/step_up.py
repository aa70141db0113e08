"""The page where somebody who is signed in proves again who they are, and the way to it."""

from collections.abc import Callable
from typing import Any

from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core.internal.ratelimit import consume
from allauth.mfa.base.forms import ReauthenticateForm as CodeForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm as PasskeyForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from governance.access.sign_in.providers import provider_name
from governance.access.step_up import Method, StepUpRequired, step_up_methods
from governance.web.parts.pages import Page
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening
from governance.web.sign_in.resuming import act_keep, act_waits, referring_page

_FORMS: dict[str, Any] = {
    Method.PASSWORD: PasswordForm,
    Method.CODE: CodeForm,
    Method.PASSKEY: PasskeyForm,
}


def safe_next(request: HttpRequest) -> str:
    """Return the address on this instance that the request wants to go on to, else the start."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if allowed else reverse("start")


class StepUpMiddleware:
    """Leads whoever lacks a fresh proof to the page that asks for one, and back.

    What they were about to do is done then, where its view lets that be.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Lead to the page; after a form was sent, back to where the form stands."""
        if not isinstance(exception, StepUpRequired):
            return None
        back = request.get_full_path()
        if request.method not in {"GET", "HEAD"}:
            back = reverse("step-up-resume") if act_keep(request) else referring_page(request)
        target = f"{reverse('step-up')}?{urlencode({'next': back})}"
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)


class StepUp(Page):
    """Ask for one of the person's own proofs; without any, say what to set up."""

    required_right = Opening.SIGNED_IN
    page_title = "Confirm that it is you"
    template_name = "governance/sign_in/step_up.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what the person can prove it with."""
        return self.show({})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the proof and go on to where it was asked for."""
        user = person_of(request)
        method = request.POST.get("method", "")
        if method not in {one.method for one in step_up_methods(user)} or method not in _FORMS:
            return self.show({})
        if not consume(request, app="allauth.account", action="reauthenticate", user=user):
            messages.error(request, "Too many tries. Wait a minute, then try again.")
            return self.show({})
        form = _FORMS[method](request.POST, user=user)
        if not form.is_valid():
            return self.show({method: form})
        if method == Method.PASSWORD:
            reauthenticate_by_password(request)
        else:
            form.save()
        if not act_waits(request):
            messages.success(request, "Confirmed. Repeat what you were about to do.")
        return HttpResponseRedirect(safe_next(request))

    def show(self, forms: dict[str, Form]) -> HttpResponseBase:
        """Show the page, with what is wrong in the form that was sent."""
        user = person_of(self.request)
        methods = step_up_methods(user)
        names = {one.method for one in methods}
        context: dict[str, Any] = {
            name: forms.get(name) or _FORMS[name](user=user) for name in names if name in _FORMS
        }
        if Method.PASSKEY in names:
            context["js_data"] = {"request_options": begin_authentication(user)}
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(
                **context,
                methods=methods,
                minutes=settings.STEP_UP_SECONDS // 60,
                providers=[
                    (one.provider_id, provider_name(one.provider_id))
                    for one in methods
                    if one.method is Method.PROVIDER
                ],
                next=safe_next(self.request),
            ),
            status=200 if methods else 403,
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer
