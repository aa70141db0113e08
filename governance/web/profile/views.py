"""One's own profile: name, look, security, sessions."""

from collections.abc import Sequence
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access.actors import actor_of
from governance.access.identities import CannotLinkIdentity, identity_unlink
from governance.access.people import PersonInvalid, password_set, person_change, preferences_change
from governance.access.sessions.services import (
    NoSuchSession,
    session_end,
    sessions_end,
    sessions_of,
)
from governance.access.sign_in.providers import provider_name, provider_names
from governance.web.parts.pages import Crumb, Page, Tab
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening, RightsView
from governance.web.profile.forms import NameForm, PasswordForm, PreferencesForm

_TABS: Final = (
    ("Profile", "profile"),
    ("Security", "profile-security"),
    ("Sessions", "profile-sessions"),
)


def profile_tabs(current: str) -> list[Tab]:
    """Return the parts of the profile, the current one by the name of its address."""
    return [Tab(label, reverse(name), current=name == current) for label, name in _TABS]


class ProfilePart(Page):
    """One tab of the profile."""

    required_right = Opening.SIGNED_IN
    page_title = "Your profile"
    tab_name = ""

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the profile and the tab."""
        return [Crumb(self.page_title)]

    def get_tabs(self) -> Sequence[Tab]:
        """Return the parts of the profile."""
        return profile_tabs(self.tab_name)

    def answer(self, **context: Any) -> HttpResponseBase:
        """Show the tab; no cache may keep it."""
        answer: HttpResponse = self.render_to_response(self.get_context_data(**context))
        answer.headers["Cache-Control"] = "no-store"
        return answer


class ProfilePage(ProfilePart):
    """Name and look."""

    template_name = "governance/profile/profile.html"
    tab_name = "profile"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show both forms."""
        user = person_of(request)
        return self.answer(name_form=NameForm.of(user), look_form=PreferencesForm.of(user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what the sent form holds."""
        user = person_of(request)
        saves_look = request.POST.get("part") == "look"
        name_form = NameForm.of(user) if saves_look else NameForm(request.POST)
        look_form = PreferencesForm(request.POST) if saves_look else PreferencesForm.of(user)
        if not (look_form if saves_look else name_form).is_valid():
            return self.answer(name_form=name_form, look_form=look_form)
        if saves_look:
            preferences_change(user=user, preferences=look_form.preferences())
        else:
            try:
                person_change(
                    actor=actor_of(request),
                    user_id=user.pk,
                    values=name_form.values(user),
                    now=timezone.now(),
                )
            except PersonInvalid as error:
                name_form.add_error(None, str(error))
                return self.answer(name_form=name_form, look_form=look_form)
        messages.success(request, "Your profile is saved.")
        return HttpResponseRedirect(reverse("profile"))


class SecurityPage(ProfilePart):
    """What the person proves with who they are."""

    template_name = "governance/profile/security.html"
    tab_name = "profile-security"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show password, second factors and identities."""
        user = person_of(request)
        found = list(Authenticator.objects.filter(user=user).order_by("created_at"))
        by_type = {one.type: one for one in found}
        codes = by_type.get(Authenticator.Type.RECOVERY_CODES)
        linked = SocialAccount.objects.filter(user=user).order_by("provider", "pk")
        return self.answer(
            has_password=user.has_usable_password(),
            totp=by_type.get(Authenticator.Type.TOTP),
            passkeys=[one for one in found if one.type == Authenticator.Type.WEBAUTHN],
            codes=codes,
            codes_left=len(codes.wrap().get_unused_codes()) if codes else 0,
            identities=[(one, provider_name(one.provider)) for one in linked],
            providers=list(provider_names().items()),
        )


class PasswordPage(ProfilePart):
    """A new password, after a fresh proof."""

    template_name = "governance/profile/password.html"
    tab_name = "profile-security"
    page_title = "Password"
    needs_step_up = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.answer(form=PasswordForm(user=person_of(request)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set it. Django ends the other sessions, whose hash of the password is another's."""
        user, now = person_of(request), timezone.now()
        form = PasswordForm(request.POST, user=user)
        if not form.is_valid():
            return self.answer(form=form)
        actor = actor_of(request)
        password_set(actor=actor, user=user, password=form.cleaned_data["password"], now=now)
        update_session_auth_hash(request, user)
        key = request.session.session_key
        sessions_end(actor=actor, user=user, but_session_key=key, now=now)
        messages.success(request, "Your password is changed. Your other sessions are ended.")
        return HttpResponseRedirect(reverse("profile-security"))


class SessionsPage(ProfilePart):
    """Where the person is signed in."""

    template_name = "governance/profile/sessions.html"
    tab_name = "profile-sessions"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """List the sessions."""
        key = request.session.session_key
        found = sessions_of(person_of(request), now=timezone.now())
        return self.answer(sessions=[(one, one.session_key == key) for one in found])


class SessionEnd(RightsView):
    """Ends one of the person's own sessions, or all others."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """End it now.

        :raises Http404: the person has no such session.
        """
        user, actor, now = person_of(request), actor_of(request), timezone.now()
        session_id = self.kwargs.get("session_id")
        if session_id is None:
            key = request.session.session_key
            count = sessions_end(actor=actor, user=user, but_session_key=key, now=now)
            messages.success(request, f"{count} other session{'' if count == 1 else 's'} ended.")
        else:
            try:
                session_end(actor=actor, user=user, session_id=session_id, now=now)
            except NoSuchSession:
                raise Http404("You have no such session.") from None
            messages.success(request, "The session is ended.")
        return HttpResponseRedirect(reverse("profile-sessions"))


class IdentityUnlink(RightsView):
    """Takes an identity of a provider from the person."""

    required_right = Opening.SIGNED_IN
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Unlink it, or say why not."""
        try:
            identity_unlink(
                actor=actor_of(request),
                user=person_of(request),
                account_id=self.kwargs["account_id"],
                now=timezone.now(),
            )
        except CannotLinkIdentity as error:
            messages.error(request, f"Not unlinked: {error}.")
        else:
            messages.success(request, "The identity is unlinked.")
        return HttpResponseRedirect(reverse("profile-security"))
