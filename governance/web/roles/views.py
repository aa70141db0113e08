"""Who holds which role where: listed, assigned and withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import Group, User
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import RoleAssignment
from governance.access.role_assignments import (
    CannotAssignRole,
    CannotWithdrawRole,
    RolePlace,
    holder_name,
    role_assign,
    role_withdraw,
)
from governance.access.role_selectors import place_names, role_assignments, state_of
from governance.access.roles import Role
from governance.access.viewers import holds, viewer_with
from governance.presentation.rights_wording import ROLE_WORDS, place_words
from governance.web.parts.pages import Page
from governance.web.parts.rights_view import RightMissing, RightsView
from governance.web.roles.forms import AssignRoleForm, RoleFilters
from inventory.selectors.connections import connections
from inventory.viewing import Viewer

_A_PAGE: Final = 50
_HOLDERS_OFFERED: Final = 200


@dataclass(frozen=True, slots=True)
class ShownAssignment:
    """An assignment as a row. `state`: holds, waiting or ended."""

    row: RoleAssignment
    holder: str
    is_group: bool
    place: str
    state: str
    may_withdraw: bool


def may_manage(user: Any, place: RolePlace) -> bool:
    """Whether somebody may assign and withdraw roles at a place."""
    if place.connection is None:
        return holds_everywhere(user)
    return holds(user, rights.MANAGE_ROLES, connection=place.connection, target_id=place.target_id)


def holds_everywhere(user: Any) -> bool:
    """Whether somebody may assign roles for all organizations."""
    return viewer_with(user, rights.MANAGE_ROLES).sees_everything


class RolesPage(Page):
    """Role assignments, with a form for another."""

    required_right = rights.VIEW_ROLES
    post_right = rights.MANAGE_ROLES
    needs_step_up = True
    section = "roles"
    page_title = "Roles"
    template_name = "governance/roles/page.html"

    @cached_property
    def viewer(self) -> Viewer:
        """Whose roles this person may see."""
        return viewer_with(self.request.user, rights.VIEW_ROLES)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Assign a role, or say by field what is wrong.

        :raises RightMissing: the right is held elsewhere.
        """
        form = self.form(request.POST)
        if form.is_valid():
            place = form.place()
            if not may_manage(request.user, place):
                raise RightMissing(rights.MANAGE_ROLES)
            try:
                made = role_assign(
                    actor=actor_of(request),
                    role=form.cleaned_data["role"],
                    place=place,
                    ends_at=form.ends_at(),
                    now=timezone.now(),
                    **form.held_by(),  # type: ignore[arg-type]  # a person or a group by its name
                )
            except CannotAssignRole as error:
                form.add_error(None, _sentence(error))
            else:
                waits = made.needs_confirmation and made.confirmed_at is None
                said = " It counts once a second person has confirmed it." if waits else ""
                messages.success(
                    request, f"{holder_name(made)} is given the role {made.role}.{said}"
                )
                return HttpResponseRedirect(reverse("roles"))
        answer: HttpResponseBase = self.render_to_response(self.get_context_data(form=form))
        return answer

    def form(self, data: Any = None) -> AssignRoleForm:
        """Return the form, filled with `data`."""
        given = {name: self.request.GET[name] for name in ("holder",) if name in self.request.GET}
        managed = viewer_with(self.request.user, rights.MANAGE_ROLES)
        return AssignRoleForm(data, initial=given, connections=connections(managed))

    def filtered(self) -> "QuerySet[RoleAssignment]":
        """Return the assignments that the filters leave."""
        rows = role_assignments(self.viewer).order_by("-created_at", "-pk")
        filters = RoleFilters(self.request.GET)
        if not filters.is_valid():
            return rows
        chosen = filters.cleaned_data
        if chosen["q"]:
            words = chosen["q"].strip()
            rows = rows.filter(Q(user__username__icontains=words) | Q(group__name__icontains=words))
        if chosen["role"]:
            rows = rows.filter(role=chosen["role"])
        if chosen["source"]:
            rows = rows.filter(source=chosen["source"])
        if chosen["organization"]:
            rows = rows.filter(connection__slug=chosen["organization"])
        return rows

    def shown(self, rows: Sequence[RoleAssignment]) -> list[ShownAssignment]:
        """Describe some assignments, with the names of their places in two queries."""
        names = place_names((row.connection_id, row.target_id) for row in rows)
        now, user = timezone.now(), self.request.user
        return [
            ShownAssignment(
                row,
                holder_name(row),
                row.group_id is not None,
                place_words(
                    row.connection.name if row.connection else None,
                    row.target_id,
                    names.get((row.connection_id, row.target_id), ""),
                ),
                state_of(row, now),
                may_manage(user, RolePlace(row.connection, row.target_id)),
            )
            for row in rows
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the assignments and the form."""
        kwargs.setdefault("form", self.form())
        page = Paginator(self.filtered(), _A_PAGE).get_page(self.request.GET.get("page"))
        manages = holds(self.request.user, rights.MANAGE_ROLES)
        holders: list[str] = []
        if manages:
            holders = [
                *User.objects.filter(is_active=True)
                .order_by("username")
                .values_list("username", flat=True)[:_HOLDERS_OFFERED],
                *(f"group:{name}" for name in Group.objects.values_list("name", flat=True)),
            ]
        return super().get_context_data(
            page=page,
            shown=self.shown(list(page.object_list)),
            filters=RoleFilters(self.request.GET or None),
            is_filtered=any(
                self.request.GET.get(name) for name in ("q", "role", "organization", "source")
            ),
            manages=manages,
            holders=holders,
            role_words=[(Role(role).label, words) for role, words in ROLE_WORDS.items()],
            **kwargs,
        )


class RoleWithdraw(RightsView):
    """Takes a role back."""

    required_right = rights.MANAGE_ROLES
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Withdraw it, or say why it stays.

        :raises Http404: there is none of this id that this person may see.
        :raises RightMissing: the right is held elsewhere.
        """
        viewer = viewer_with(request.user, rights.VIEW_ROLES)
        row = role_assignments(viewer).filter(pk=self.kwargs["assignment_id"]).first()
        if row is None:
            raise Http404(f"There is no role assignment {self.kwargs['assignment_id']}.")
        if not may_manage(request.user, RolePlace(row.connection, row.target_id)):
            raise RightMissing(rights.MANAGE_ROLES)
        try:
            role_withdraw(actor=actor_of(request), assignment_id=row.pk, now=timezone.now())
        except CannotWithdrawRole as error:
            messages.error(request, f"Nothing was withdrawn: {error}.")
        else:
            messages.success(request, f"The role {row.role} of {holder_name(row)} is withdrawn.")
        return HttpResponseRedirect(reverse("roles"))


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
