"""One person or service account: what is known of it, and what an administrator may do."""

from collections.abc import Callable, Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.grants import assignments_of
from governance.access.identities import CannotLinkIdentity, identities_move
from governance.access.models import Profile
from governance.access.owners.recovery import (
    RecoveryNotConfirmed,
    recovery_propose,
    recovery_standing,
)
from governance.access.people import (
    CannotDeactivate,
    PersonInvalid,
    password_link,
    person_change,
    person_deactivate,
    person_reactivate,
    second_factors_remove,
    service_account_change,
)
from governance.access.role_assignments import LastAdministrator
from governance.access.sessions.services import (
    NoSuchSession,
    session_end,
    sessions_end,
    sessions_of,
)
from governance.access.sign_in.providers import provider_name
from governance.access.tokens import CannotRevokeToken, token_revoke, tokens_of
from governance.web.parts.pages import Crumb, Fact, Page, fact_html
from governance.web.parts.people import name_of, person_of
from governance.web.parts.rights_view import RightsView, may_open
from governance.web.people.forms import MergeForm, PersonForm, ServiceAccountForm
from governance.web.people.listing import PersonCreate, people_crumb, with_errors


def user_or_404(user_id: int) -> User:
    """Return somebody with their profile.

    :raises Http404: there is nobody with this id.
    """
    user = User.objects.select_related("profile").filter(pk=user_id).first()
    if user is None:
        raise Http404(f"There is nobody with the id {user_id}.")
    return user


class PersonPage(Page):
    """Roles, groups, sessions, tokens and proofs of one person or service account."""

    required_right = rights.MANAGE_PEOPLE
    section = "people"
    template_name = "governance/people/person.html"
    person: User

    def begin(self) -> None:
        """Find the person."""
        super().begin()
        self.person = user_or_404(self.kwargs["user_id"])

    def get_title(self) -> str:
        """Return the name."""
        return name_of(self.person)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this person."""
        return [people_crumb(), Crumb(self.get_title())]

    def get_facts(self) -> Sequence[Fact]:
        """Return user name, kind and mail address."""
        facts = [
            Fact("User name", self.person.username),
            Fact("Kind", self.person.profile.get_kind_display()),
        ]
        if self.person.email:
            facts.append(Fact("Mail", fact_html('<a href="mailto:{0}">{0}</a>', self.person.email)))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add everything that belongs to the person."""
        now = timezone.now()
        linked = SocialAccount.objects.filter(user=self.person).order_by("provider", "pk")
        roles = assignments_of(self.person).select_related("connection", "group").order_by("role")
        return super().get_context_data(
            person=self.person,
            is_self=self.person == person_of(self.request),
            is_service_account=self.person.profile.kind == Profile.Kind.SERVICE_ACCOUNT,
            roles=roles,
            groups=self.person.groups.order_by("name"),
            sessions=sessions_of(self.person, now=now),
            tokens=tokens_of(self.person).filter(revoked_at__isnull=True, expires_at__gt=now),
            factors=Authenticator.objects.filter(user=self.person).order_by("created_at"),
            identities=[(one, provider_name(one.provider)) for one in linked],
            merge_form=MergeForm(user=self.person),
            recovery=recovery_standing(actor=actor_of(self.request), user=self.person, now=now),
            may_end_sessions=may_open(self.request.user, rights.MANAGE_SESSIONS),
            now=now,
            **kwargs,
        )


class PersonEdit(PersonCreate):
    """Changes name and address of a person, or name and description of a service account."""

    page_title = "Edit"
    button = "Save"
    person: User

    def begin(self) -> None:
        """Find the person."""
        super().begin()
        self.person = user_or_404(self.kwargs["user_id"])

    def get_crumbs(self) -> list[Crumb]:
        """Return the list, the person and this page."""
        href = reverse("person", kwargs={"user_id": self.person.pk})
        return [people_crumb(), Crumb(name_of(self.person), href), Crumb("Edit")]

    def _form(self, data: Any = None) -> PersonForm | ServiceAccountForm:
        if self.person.profile.kind == Profile.Kind.SERVICE_ACCOUNT:
            described = {
                "username": self.person.username,
                "description": self.person.profile.description,
            }
            return ServiceAccountForm(data, initial=described)
        names = ("username", "first_name", "last_name", "email")
        return PersonForm(data, initial={name: getattr(self.person, name) for name in names})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(self._form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what was given, or say by field what is wrong."""
        form = self._form(request.POST)
        if not form.is_valid():
            return self.show(form)
        actor, now, user_id = actor_of(request), timezone.now(), self.person.pk
        try:
            if isinstance(form, PersonForm):
                person_change(actor=actor, user_id=user_id, values=form.values(), now=now)
            else:
                service_account_change(actor=actor, user_id=user_id, now=now, **form.cleaned_data)
        except PersonInvalid as error:
            return self.show(with_errors(form, error))
        except RecoveryNotConfirmed as error:
            _propose_recovery(request, self.person, error)
            return HttpResponseRedirect(reverse("person", kwargs={"user_id": user_id}))
        messages.success(request, "Saved.")
        return HttpResponseRedirect(reverse("person", kwargs={"user_id": user_id}))


class PersonAct(RightsView):
    """One of the things an administrator does with somebody; each needs a fresh proof."""

    required_right = rights.MANAGE_PEOPLE
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it and go back to the person.

        :raises Http404: there is no such act, or nobody with this id.
        """
        act = _ACTS.get(self.kwargs["act"])
        if act is None:
            raise Http404("There is no such act.")
        user = user_or_404(self.kwargs["user_id"])
        try:
            said = act(request, user)
        except (CannotDeactivate, LastAdministrator, CannotLinkIdentity) as error:
            messages.error(request, f"Not done: {error}.")
        except RecoveryNotConfirmed as error:
            _propose_recovery(request, user, error)
        else:
            messages.success(request, said)
        return HttpResponseRedirect(reverse("person", kwargs={"user_id": user.pk}))


def _propose_recovery(request: HttpRequest, user: User, error: RecoveryNotConfirmed) -> None:
    recovery_propose(actor=actor_of(request), user=user, now=timezone.now())
    messages.info(request, f"Not done yet: {error} under Grants. Then do it again within a day.")


def _deactivate(request: HttpRequest, user: User) -> str:
    person_deactivate(actor=actor_of(request), user_id=user.pk, now=timezone.now())
    return f"{user.username} is deactivated. Sessions are ended and tokens revoked."


def _reactivate(request: HttpRequest, user: User) -> str:
    person_reactivate(actor=actor_of(request), user_id=user.pk, now=timezone.now())
    return f"{user.username} is active again. Roles count again; tokens stay revoked."


def _remove_factors(request: HttpRequest, user: User) -> str:
    count = second_factors_remove(actor=actor_of(request), user=user, now=timezone.now())
    return f"{count} second factors of {user.username} are removed."


def _merge(request: HttpRequest, user: User) -> str:
    form = MergeForm(request.POST, user=user)
    if not form.is_valid():
        raise CannotLinkIdentity("choose someone who came in by an identity provider")
    source = form.cleaned_data["source"]
    count = identities_move(actor=actor_of(request), source=source, target=user, now=timezone.now())
    return f"{count} identities of {source.username} belong to {user.username} now."


_ACTS: dict[str, Callable[[HttpRequest, User], str]] = {
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "remove-second-factors": _remove_factors,
    "merge": _merge,
}


class PersonPasswordLink(PersonPage):
    """Makes a link for a new password and shows it in this answer alone."""

    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the link.

        :raises Http404: a service account has no password.
        """
        if self.person.profile.kind == Profile.Kind.SERVICE_ACCOUNT:
            raise Http404("A service account has no password.")
        try:
            key, token = password_link(
                actor=actor_of(request), user=self.person, now=timezone.now()
            )
        except RecoveryNotConfirmed as error:
            _propose_recovery(request, self.person, error)
            return HttpResponseRedirect(reverse("person", kwargs={"user_id": self.person.pk}))
        path = reverse("password-set", kwargs={"key": key, "token": token})
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(link=request.build_absolute_uri(path))
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer


class PersonSessionEnd(RightsView):
    """Ends one session of somebody, or all."""

    required_right = rights.MANAGE_SESSIONS
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """End it now.

        :raises Http404: there is no such session or nobody with this id.
        """
        user, actor, now = user_or_404(self.kwargs["user_id"]), actor_of(request), timezone.now()
        session_id = self.kwargs.get("session_id")
        try:
            if session_id is None:
                sessions_end(actor=actor, user=user, now=now)
            else:
                session_end(actor=actor, user=user, session_id=session_id, now=now)
        except NoSuchSession:
            raise Http404("There is no such session.") from None
        messages.success(request, f"Sessions of {user.username} are ended.")
        return HttpResponseRedirect(reverse("person", kwargs={"user_id": user.pk}))


class PersonTokenRevoke(RightsView):
    """Ends a token of somebody."""

    required_right = rights.MANAGE_ALL_TOKENS
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """End it now.

        :raises Http404: there is no such token or nobody with this id.
        """
        user = user_or_404(self.kwargs["user_id"])
        if not tokens_of(user).filter(pk=self.kwargs["token_id"]).exists():
            raise Http404("There is no such token.")
        try:
            row = token_revoke(
                actor=actor_of(request),
                token_id=self.kwargs["token_id"],
                may_revoke_all=True,
                now=timezone.now(),
            )
        except CannotRevokeToken as error:
            raise Http404(str(error)) from None
        messages.success(request, f"The token {row.name} is revoked.")
        return HttpResponseRedirect(reverse("person", kwargs={"user_id": user.pk}))
