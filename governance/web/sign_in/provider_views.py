"""Signing in at an identity provider: the way there, and back."""

from typing import Any, Final

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import TemplateView

from governance.access.sign_in.provider_adapter import adapter_of
from governance.access.sign_in.providers import ProviderUnusable, provider_name, provider_of
from governance.access.sign_in.social_adapter import CONNECT, LOGIN, STEP_UP
from governance.access.step_up import require_step_up
from governance.web.parts.rights_view import Opening, RightsView
from governance.web.sign_in.step_up import safe_next

# What leads to the provider beyond the ordinary: ask the person again, whatever session is there.
_ASK_AGAIN: Final = {"prompt": "login", "max_age": "0"}


class ProviderSignIn(RightsView):
    """Lead to the provider. A link of another site only gets a page that asks first."""

    required_right = Opening.PUBLIC
    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead there, to sign in, to link an identity, or to prove again who somebody is."""
        provider_id = self.kwargs["provider_id"]
        try:
            provider = provider_of(request, provider_id)
        except SocialApp.DoesNotExist:
            raise Http404(f"There is no identity provider {provider_id!r}.") from None
        process = request.GET.get("process", LOGIN)
        if process not in {LOGIN, CONNECT, STEP_UP}:
            raise Http404(f"There is no process {process!r}.")
        if process != LOGIN and not request.user.is_authenticated:
            return HttpResponseRedirect(reverse("sign-in"))
        if process == CONNECT:
            require_step_up(request)
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            context = {"provider_id": provider_id, "name": provider.name, "process": process}
            return render(request, "governance/sign_in/provider_start.html", context)
        asked = _ASK_AGAIN if process == STEP_UP else {}
        try:
            answer: HttpResponseBase = provider.lead_there(
                request, process=process, next_url=safe_next(request), **asked
            )
        except ProviderUnusable as problem:
            return _problem(request, provider_id, str(problem))
        return answer


class ProviderCallback(RightsView):
    """Where the provider leads back to, with a code or an error."""

    required_right = Opening.PUBLIC
    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take the code and go on, or say what went wrong."""
        provider_id = self.kwargs["provider_id"]
        try:
            adapter = adapter_of(request, provider_id)
            answer: HttpResponseBase = OAuth2CallbackView.adapter_view(adapter)(request)
        except SocialApp.DoesNotExist:
            raise Http404(f"There is no identity provider {provider_id!r}.") from None
        except ProviderUnusable as problem:
            return _problem(request, provider_id, str(problem))
        return answer


class ProviderCancelled(RightsView, TemplateView):
    """Where somebody ends who chose not to sign in at the provider."""

    required_right = Opening.PUBLIC
    template_name = "governance/sign_in/provider_problem.html"
    extra_context = {"words": "You did not sign in at the identity provider."}


def _problem(request: HttpRequest, provider_id: str, words: str) -> HttpResponseBase:
    said = f"{provider_name(provider_id)}: {words}."
    page = "governance/sign_in/provider_problem.html"
    return render(request, page, {"words": said}, status=502)
