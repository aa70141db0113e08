"""People and service accounts as a list, and new ones."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import Profile, RoleAssignment
from governance.access.people import PersonInvalid, person_create, service_account_create
from governance.web.parts.pages import Crumb, Page
from governance.web.people.forms import PersonForm, ServiceAccountForm

_PAGE_SIZE = 50
_STATES = {"active": Q(is_active=True), "deactivated": Q(is_active=False)}


def people_crumb() -> Crumb:
    """Return the way to the list."""
    return Crumb("People", reverse("people"))


class PeoplePage(Page):
    """Everybody who may sign in, and accounts of programs."""

    required_right = rights.MANAGE_PEOPLE
    section = "people"
    page_title = "People"
    template_name = "governance/people/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the page of rows that the filters leave.

        :raises BadRequest: a filter has a value that it does not know.
        """
        query = self.request.GET
        kind, state, text = query.get("kind", ""), query.get("state", ""), query.get("q", "")
        if kind and kind not in Profile.Kind.values:
            raise BadRequest(f"kind is {kind!r}; choose {' or '.join(Profile.Kind.values)}.")
        if state and state not in _STATES:
            raise BadRequest(f"state is {state!r}; choose {' or '.join(_STATES)}.")
        found = User.objects.select_related("profile").prefetch_related("groups")
        if kind:
            found = found.filter(profile__kind=kind)
        if state:
            found = found.filter(_STATES[state])
        for word in text.replace("\0", "").split():
            found = found.filter(
                Q(username__icontains=word)
                | Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
            )
        rows = Paginator(found.order_by("username", "pk"), _PAGE_SIZE).get_page(query.get("page"))
        held: dict[int | None, list[str]] = {}
        for pk, role in RoleAssignment.objects.filter(
            user__in=[one.pk for one in rows.object_list]
        ).values_list("user_id", "role"):
            held.setdefault(pk, []).append(role)
        return super().get_context_data(
            rows=rows,
            people=[(one, sorted(set(held.get(one.pk, [])))) for one in rows.object_list],
            kind=kind,
            state=state,
            text=text,
            kinds=Profile.Kind.choices,
            **kwargs,
        )


class PersonCreate(Page):
    """Makes a person."""

    required_right = rights.MANAGE_PEOPLE
    needs_step_up = True
    section = "people"
    page_title = "New person"
    template_name = "governance/people/form.html"
    button = "Create"

    def get_crumbs(self) -> list[Crumb]:
        """Return the list and this page."""
        return [people_crumb(), Crumb(self.page_title)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(PersonForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the person, or say by field what is wrong."""
        form = PersonForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            made = person_create(actor=actor_of(request), values=form.values(), now=timezone.now())
        except PersonInvalid as error:
            return self.show(with_errors(form, error))
        messages.success(
            request, f"{made.username} is created. Create a link for the first password."
        )
        return HttpResponseRedirect(reverse("person", kwargs={"user_id": made.pk}))

    def show(self, form: Any) -> HttpResponseBase:
        """Show the form as it is."""
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(form=form, button=self.button, back=reverse("people"))
        )
        return answer


class ServiceAccountCreate(PersonCreate):
    """Makes an account for a program."""

    page_title = "New service account"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(ServiceAccountForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the account, or say by field what is wrong."""
        form = ServiceAccountForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            made = service_account_create(
                actor=actor_of(request), now=timezone.now(), **form.cleaned_data
            )
        except PersonInvalid as error:
            return self.show(with_errors(form, error))
        messages.success(request, f"{made.username} is created. Give it a role, then a token.")
        return HttpResponseRedirect(reverse("person", kwargs={"user_id": made.pk}))


def with_errors(form: Any, error: PersonInvalid) -> Any:
    """Return the form with what the service found wrong."""
    for name, words in error.fields.items():
        form.add_error(name if name in form.fields else None, f"{words[:1].upper()}{words[1:]}.")
    return form
