"""The owners and labels of one target, by hand."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.owners.labelling import CannotLabel, label_set
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.ownerships import CannotOwn, owners_set
from governance.access.owners.selectors import who_to_ask
from governance.access.owners.standing import OwnerSource
from governance.web.owners.asking import asked
from governance.web.owners.forms import OwnersForm
from governance.web.owners.frame import MOST_SUGGESTED, OwnersPart
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab
from governance.web.parts.rights_view import RightMissing
from governance.web.parts.targets import page_href


class OwnersEdit(OwnersPart):
    """Who owns one target, why, and the form that changes it."""

    required_right = rights.MANAGE_OWNERS
    template_name = "governance/owners/edit.html"

    def begin(self) -> None:
        """Find the target.

        :raises Http404: there is none, or it may not be seen.
        :raises RightMissing: its owners are not this person's to manage.
        """
        super().begin()
        target_id = self.kwargs["target_id"]
        if not self.sees(target_id):
            raise Http404(f"There is no root, OU or account {target_id}.")
        places = self.by.places(rights.MANAGE_OWNERS, self.connection)
        if not places.covers(self.state.tree, target_id):
            raise RightMissing(rights.MANAGE_OWNERS)
        self.target = self.state.tree.by_id[target_id]

    def get_title(self) -> str:
        """Return what it is about."""
        return f"Owners of {self.target.name}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this target."""
        listed = reverse("owners", kwargs={"slug": self.connection.slug})
        return [Crumb("Owners", listed), Crumb(self.target.name)]

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one target."""
        return []

    def form(self, data: Any = None) -> OwnersForm:
        """Return the form, filled with what stands here by hand."""
        here = self.state.owners.standing.get(self.target.target_id, ())
        return OwnersForm(
            data,
            parties=self.everybody(),
            owners=[one for one in here if one.source is not OwnerSource.TAG],
            labels={
                kind: self.state.labels.set_value(kind, self.target.target_id) or ""
                for kind in LabelKind
            },
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set owners and labels, or say by field what is wrong."""
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            waits = self._save(form)
        except (CannotOwn, CannotLabel) as error:
            form.add_error(
                "environment" if isinstance(error, CannotLabel) else "add", sentence(error)
            )
            return self.show(form)
        if waits:
            messages.warning(
                request,
                f"Saved. {' and '.join(waits)} of {self.target.name} count once a second person "
                "has confirmed.",
            )
        else:
            messages.success(request, f"Owners and labels of {self.target.name} are saved.")
        return HttpResponseRedirect(reverse("owners", kwargs={"slug": self.connection.slug}))

    def _save(self, form: OwnersForm) -> list[str]:
        target_id, waits = self.target.target_id, []
        with transaction.atomic():
            done = owners_set(
                by=self.by,
                connection=self.connection,
                target_id=target_id,
                parties=form.parties(),
                reason=form.cleaned_data["reason"],
                now=self.now,
            )
            if done.waiting:
                waits.append("Owners")
            for kind in LabelKind:
                value = form.cleaned_data[kind.value]
                if value == (self.state.labels.set_value(kind, target_id) or ""):
                    continue
                label = label_set(
                    by=self.by,
                    connection=self.connection,
                    target_id=target_id,
                    kind=kind,
                    value=value,
                    reason=form.cleaned_data["reason"],
                    now=self.now,
                )
                if label.waits:
                    waits.append("Environment" if not waits else "environment")
        return waits

    def show(self, form: OwnersForm) -> HttpResponseBase:
        """Show the form beside what holds now."""
        target_id = self.target.target_id
        people = [one for one in self.everybody().all() if not one.has_left]
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                form=form,
                target=self.target,
                place_words=self.place_words(target_id),
                target_href=page_href(self.connection.slug, target_id),
                asked=asked(self.state, who_to_ask(self.state, target_id, now=self.now)),
                match=self.state.tag_owners.get(target_id),
                protected=self.state.labels.holds_protected(target_id),
                people=people[:MOST_SUGGESTED],
                back=reverse("owners", kwargs={"slug": self.connection.slug}),
            )
        )
        return answer
