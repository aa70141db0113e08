"""One's own absence and deputies."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access.owners.absences import (
    CannotBeAbsent,
    absence_note,
    absence_remove,
    absences_of,
    deputies_of,
    deputy_name,
    deputy_remove,
)
from governance.access.owners.models import Absence, DeputyTerm
from governance.access.owners.parties import PartyKind, read_parties
from governance.web.owners.forms import AbsenceForm, DeputyForm
from governance.web.owners.frame import MOST_SUGGESTED, acting
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Page
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening, RightsView


class AbsencePage(Page):
    """When one is away, and who stands in."""

    required_right = Opening.SIGNED_IN
    section = "absence"
    page_title = "Absence and deputies"
    template_name = "governance/owners/absence.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what is noted, and both forms."""
        return self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Note an absence, or name a deputy, or say by field what is wrong."""
        now, user = timezone.now(), person_of(request)
        if "deputy" in request.POST:
            named = DeputyForm(request.POST, now=now, parties=read_parties())
            if not named.is_valid():
                return self.show(deputy_form=named)
            try:
                deputy_name(
                    by=acting(request),
                    user=user,
                    deputy=User.objects.get(pk=named.cleaned_data["deputy"]),
                    starts_at=named.starts_at(),
                    ends_at=named.ends_at(),
                    now=now,
                )
            except CannotBeAbsent as error:
                named.add_error("deputy", sentence(error))
                return self.show(deputy_form=named)
            messages.success(request, "The deputy is named. They count while you are away.")
        else:
            away = AbsenceForm(request.POST, now=now)
            if not away.is_valid():
                return self.show(absence_form=away)
            try:
                absence_note(
                    by=acting(request),
                    user=user,
                    starts_at=away.starts_at(),
                    ends_at=away.ends_at(),
                    now=now,
                )
            except CannotBeAbsent as error:
                away.add_error("ends_on", sentence(error))
                return self.show(absence_form=away)
            messages.success(request, "The absence is noted. Your deputies count meanwhile.")
        return HttpResponseRedirect(reverse("absence"))

    def show(
        self, *, absence_form: AbsenceForm | None = None, deputy_form: DeputyForm | None = None
    ) -> HttpResponseBase:
        """Show the page."""
        now, user = timezone.now(), person_of(self.request)
        everybody = read_parties()
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                absences=list(absences_of(user, now=now)),
                deputies=list(deputies_of(user, now=now)),
                now=now,
                absence_form=absence_form or AbsenceForm(now=now),
                deputy_form=deputy_form or DeputyForm(now=now, parties=everybody),
                people=[
                    one
                    for one in everybody.all()
                    if one.key.kind is PartyKind.PERSON
                    and not one.has_left
                    and one.key.pk != user.pk
                ][:MOST_SUGGESTED],
            )
        )
        return answer


class AbsenceRemove(RightsView):
    """Takes back one of one's own absences."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take it back.

        :raises Http404: they have none such.
        """
        user, absence_id = person_of(request), self.kwargs["absence_id"]
        if not Absence.objects.filter(user=user, pk=absence_id).exists():
            raise Http404("You have no such absence.")
        absence_remove(by=acting(request), absence_id=absence_id, now=timezone.now())
        messages.success(request, "The absence is removed.")
        return HttpResponseRedirect(reverse("absence"))


class DeputyRemove(RightsView):
    """Ends the time of one of one's own deputies."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """End it.

        :raises Http404: they have none such.
        """
        user, term_id = person_of(request), self.kwargs["term_id"]
        if not DeputyTerm.objects.filter(user=user, pk=term_id).exists():
            raise Http404("You have no such deputy.")
        deputy_remove(by=acting(request), term_id=term_id, now=timezone.now())
        messages.success(request, "The deputy is removed.")
        return HttpResponseRedirect(reverse("absence"))
