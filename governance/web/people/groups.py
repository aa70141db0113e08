"""Groups: their list, and one with its members."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.groups import (
    CannotChangeGroup,
    GroupMembers,
    group_create,
    group_delete,
    group_members_set,
    group_rename,
    why_group_decides,
)
from governance.access.owners.models import GrantProposal
from governance.access.role_assignments import LastAdministrator
from governance.web.parts.pages import Crumb, Page
from governance.web.parts.rights_view import RightsView
from governance.web.people.forms import GroupForm, MembersForm


class GroupsPage(Page):
    """Every group, and the form for another."""

    required_right = rights.MANAGE_PEOPLE
    needs_step_up = True
    section = "groups"
    page_title = "Groups"
    template_name = "governance/people/groups.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show both."""
        return self.show(GroupForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Create a group, or say what is wrong."""
        form = GroupForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            group = group_create(
                actor=actor_of(request), name=form.cleaned_data["name"], now=timezone.now()
            )
        except CannotChangeGroup as error:
            form.add_error("name", f"{error}.")
            return self.show(form)
        return HttpResponseRedirect(reverse("group", kwargs={"group_id": group.pk}))

    def show(self, form: GroupForm) -> HttpResponseBase:
        """Show the list and the form as it is."""
        groups = (
            Group.objects.annotate(members=Count("user", distinct=True))
            .prefetch_related("role_assignments")
            .order_by("name")
        )
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(groups=groups, form=form)
        )
        return answer


class GroupPage(Page):
    """One group: its name, members and roles."""

    required_right = rights.MANAGE_PEOPLE
    needs_step_up = True
    section = "groups"
    template_name = "governance/people/group.html"
    group: Group

    def begin(self) -> None:
        """Find the group.

        :raises Http404: there is none with this id.
        """
        super().begin()
        found = Group.objects.filter(pk=self.kwargs["group_id"]).first()
        if found is None:
            raise Http404("There is no such group.")
        self.group = found

    def get_title(self) -> str:
        """Return the group's name."""
        return self.group.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this group."""
        return [Crumb("Groups", reverse("groups")), Crumb(self.group.name)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the group."""
        return self.show(
            GroupForm(initial={"name": self.group.name}), MembersForm(group=self.group)
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep its name or its members, or say what is wrong."""
        renames = request.POST.get("part") == "name"
        name_form = GroupForm(request.POST if renames else None, initial={"name": self.group.name})
        members_form = MembersForm(None if renames else request.POST, group=self.group)
        sent = name_form if renames else members_form
        if not sent.is_valid():
            return self.show(name_form, members_form)
        actor, now, group_id = actor_of(request), timezone.now(), self.group.pk
        try:
            if renames:
                name = name_form.cleaned_data["name"]
                group_rename(actor=actor, group_id=group_id, name=name, now=now)
            else:
                chosen = [int(pk) for pk in members_form.cleaned_data["members"]]
                done = group_members_set(actor=actor, group_id=group_id, user_ids=chosen, now=now)
                _say_who_waits(request, done)
        except (CannotChangeGroup, LastAdministrator) as error:
            sent.add_error(None, f"{error}.")
            return self.show(name_form, members_form)
        messages.success(request, "The group is saved.")
        return HttpResponseRedirect(reverse("group", kwargs={"group_id": group_id}))

    def show(self, name_form: GroupForm, members_form: MembersForm) -> HttpResponseBase:
        """Show the forms as they are."""
        roles = self.group.role_assignments.select_related("connection")
        waiting = self.group.membership_proposals.filter(
            state=GrantProposal.State.PROPOSED, expires_at__gt=timezone.now()
        ).select_related("user")
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                group=self.group,
                name_form=name_form,
                members_form=members_form,
                roles=roles,
                why_decides=why_group_decides(self.group),
                waiting=waiting,
            )
        )
        return answer


def _say_who_waits(request: HttpRequest, done: GroupMembers) -> None:
    names = [one.user.get_username() for one in done.proposals if one.user is not None]
    if names:
        listed = ", ".join(names)
        messages.info(request, f"Waiting for a second person to confirm under Grants: {listed}.")


class GroupDelete(RightsView):
    """Removes a group with its roles."""

    required_right = rights.MANAGE_PEOPLE
    needs_step_up = True
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Remove it now.

        :raises Http404: there is no such group.
        """
        group_id = self.kwargs["group_id"]
        try:
            group_delete(actor=actor_of(request), group_id=group_id, now=timezone.now())
        except Group.DoesNotExist:
            raise Http404("There is no such group.") from None
        except (CannotChangeGroup, LastAdministrator) as error:
            messages.error(request, f"Not removed: {error}.")
            return HttpResponseRedirect(reverse("group", kwargs={"group_id": group_id}))
        messages.success(request, "The group is removed.")
        return HttpResponseRedirect(reverse("groups"))
