"""Setting a first or a new password by a link that an administrator made."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlsafe_base64_decode

from governance.access.models import Profile
from governance.access.people import password_set
from governance.access.sessions.services import sessions_end
from governance.access.sign_in.recording import actor_signing_in
from governance.web.parts.rights_view import Opening, RightsView
from governance.web.profile.forms import PasswordForm


class PasswordSet(RightsView):
    """Take a new password from whoever has the link; then they sign in with it."""

    required_right = Opening.PUBLIC

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form, or say that the link no longer works."""
        user = self._user()
        return self.show(None if user is None else PasswordForm(user=user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set it, and end whatever sessions there are."""
        user = self._user()
        if user is None:
            return self.show(None)
        form = PasswordForm(request.POST, user=user)
        if not form.is_valid():
            return self.show(form)
        actor, now = actor_signing_in(request, user), timezone.now()
        password_set(actor=actor, user=user, password=form.cleaned_data["password"], now=now)
        sessions_end(actor=actor, user=user, now=now)
        messages.success(request, "The password is set. Sign in with it.")
        return HttpResponseRedirect(reverse("sign-in"))

    def _user(self) -> User | None:
        """Return whose link it is; None where it does not work, or no longer."""
        try:
            pk = int(urlsafe_base64_decode(self.kwargs["key"]).decode())
        except ValueError:
            return None
        user = User.objects.select_related("profile").filter(pk=pk, is_active=True).first()
        if user is None or user.profile.kind != Profile.Kind.PERSON:
            return None
        works = default_token_generator.check_token(user, self.kwargs["token"])
        return user if works else None

    def show(self, form: PasswordForm | None) -> HttpResponse:
        """Show the form, or without one that the link does not work; no cache may keep it."""
        answer = render(
            self.request,
            "governance/sign_in/password_set.html",
            {"form": form},
            status=200 if form else 404,
        )
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer
