"""What a person may do at a place, and which assignment gives it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from governance.access import rights
from governance.access.grants import Grant
from governance.access.role_assignments import RolePlace
from governance.access.role_selectors import place_names, rights_held
from governance.access.roles import Role
from governance.access.viewers import holds, viewer_with
from governance.presentation.rights_wording import place_words, reach_words, right_label
from governance.web.parts.pages import Crumb, Page
from governance.web.roles.forms import WhyMayForm
from inventory.models import Connection
from inventory.selectors.connections import connections


@dataclass(frozen=True, slots=True)
class ShownRight:
    """A right as a row. `because`: what gives it, in words; none: it is not held there."""

    label: str
    name: str
    needs: str
    because: tuple[str, ...]


def shown_rights(user: User, place: RolePlace) -> list[ShownRight]:
    """Say of every right whether a person holds it at a place, and why."""
    held = rights_held(user, place.connection, place.target_id)
    grants = [grant for one in held for grant in one.grants]
    names = place_names((grant.connection_id, grant.target_id) for grant in grants)
    slugs = dict(Connection.objects.values_list("pk", "name"))
    return [
        ShownRight(
            right_label(one.right),
            one.right,
            reach_words(one.right),
            tuple(_because(grant, names, slugs) for grant in one.grants),
        )
        for one in held
    ]


def _because(grant: Grant, names: Any, connection_names: dict[int, str]) -> str:
    if grant.assignment_id is None:
        return "Superuser of this installation"
    where = place_words(
        None if grant.connection_id is None else connection_names.get(grant.connection_id, ""),
        grant.target_id,
        names.get((grant.connection_id, grant.target_id), ""),
    )
    through = f" through the group {grant.group_name}" if grant.group_name else ""
    return f"{Role(grant.role).label}{through}: {where}"


class WhyMayPage(Page):
    """The question and its answer."""

    required_right = rights.VIEW_ROLES
    section = "roles"
    page_title = "Effective rights"
    template_name = "governance/roles/why.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this page."""
        return [Crumb("Roles", reverse("roles")), Crumb(self.page_title)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and the answer once it is filled."""
        viewer = viewer_with(self.request.user, rights.VIEW_ROLES)
        asked = self.request.GET.get("person")
        form = WhyMayForm(self.request.GET if asked else None, connections=connections(viewer))
        answer = None
        if asked and form.is_valid():
            place = form.place()
            sees = viewer.sees_everything or (
                place.connection is not None
                and holds(
                    self.request.user,
                    rights.VIEW_ROLES,
                    connection=place.connection,
                    target_id=place.target_id,
                )
            )
            if place.connection is None and place.target_id:
                form.add_error("organization", "Choose the organization that it is in.")
            elif not sees:
                form.add_error(None, "You may not see who holds roles there.")
            else:
                answer = shown_rights(form.cleaned_data["person"], place)
        return super().get_context_data(form=form, answer=answer, **kwargs)
