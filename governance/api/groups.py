"""/groups: who is in which group, and what it holds. Closed to tokens."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.groups import (
    CannotChangeGroup,
    group_create,
    group_delete,
    group_members_set,
    group_rename,
)
from governance.access.owners.models import GrantProposal
from governance.access.role_assignments import LastAdministrator
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.fresh_proof import proven_body, require_fresh_proof
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import CONFLICT, NOT_FOUND, Problem
from governance.api.parts.representations import BodyRepresentation, Representation

_TOPIC = "People"


class GroupRepresentation(Representation):
    """A group."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    members = serializers.SerializerMethodField(help_text="User names.")
    roles = serializers.SerializerMethodField(help_text="Roles that it holds somewhere.")
    waiting = serializers.SerializerMethodField(
        help_text="User names of members that a second person has yet to confirm, under `grants`."
    )

    def get_url(self, group: Group) -> str:
        """Return the address."""
        address: str = reverse(
            "api:group", kwargs={"group_id": group.pk}, request=self.context["request"]
        )
        return address

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_members(self, group: Group) -> list[str]:
        """Return the user names."""
        return sorted(user.username for user in group.user_set.all())

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_roles(self, group: Group) -> list[str]:
        """Return the roles."""
        return sorted({one.role for one in group.role_assignments.all()})

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_waiting(self, group: Group) -> list[str]:
        """Return the user names of who is proposed."""
        return sorted(
            one.user.username
            for one in group.membership_proposals.all()
            if one.state == GrantProposal.State.PROPOSED
            and one.expires_at > timezone.now()
            and one.user is not None
        )


class GroupPageRepresentation(serializers.Serializer[Any]):
    """A page of groups."""

    results = GroupRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class NewGroupRepresentation(BodyRepresentation):
    """A group to be made, without members."""

    name = serializers.CharField(max_length=150)


class GroupChangeRepresentation(BodyRepresentation):
    """What changes about a group; what is left out stays."""

    name = serializers.CharField(max_length=150, required=False)
    members = serializers.ListField(
        child=serializers.CharField(max_length=150),
        max_length=5000,
        required=False,
        help_text="User names of all members.",
    )


class _Groups(Endpoint):
    topic = _TOPIC
    representation = GroupRepresentation

    def rows(self) -> "QuerySet[Group]":
        """Return all groups."""
        return Group.objects.prefetch_related(
            "user_set", "role_assignments", "membership_proposals__user"
        )

    def find(self, group_id: int) -> Group:
        """Return one of them.

        :raises Problem: there is none with this id.
        """
        found = self.rows().filter(pk=group_id).first()
        if found is None:
            raise Problem(NOT_FOUND, f"there is no group {group_id}")
        return found


class GroupList(_Groups):
    """The groups."""

    rights = {"GET": rights.MANAGE_PEOPLE, "POST": rights.MANAGE_PEOPLE}
    page_representation = GroupPageRepresentation
    takes = NewGroupRepresentation
    answers = {201: OpenApiResponse(GroupRepresentation(), description="Created.")}
    orderings = {"name": by("name", "id")}
    usual_ordering = "name"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List groups with their members and roles."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(self.rows(), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))

    def post(self, request: Request, /) -> Response:
        """Create a group without members. Sessions only, after a fresh proof."""
        given = proven_body(NewGroupRepresentation, request)
        try:
            made = group_create(actor=actor_of(request), name=given["name"], now=self.now)
        except CannotChangeGroup as error:
            raise ValidationError({"name": [str(error)]}) from error
        serialized = self.serialized(self.find(made.pk))
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": str(serialized["url"])}
        )


class GroupDetail(_Groups):
    """One group."""

    rights = dict.fromkeys(("GET", "PATCH", "DELETE"), rights.MANAGE_PEOPLE)
    takes = GroupChangeRepresentation
    answers = {
        200: OpenApiResponse(GroupRepresentation(), description="The current state."),
        204: OpenApiResponse(description="Removed."),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one group."""
        return self.answer(self.serialized(self.find(kwargs["group_id"])))

    @transaction.atomic
    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Rename a group, or say who is in it. Sessions only, after a fresh proof.

        Who would come into a group that holds a role, or owns something in production, to which a
        second person has to agree, stands under `waiting` until a grant of theirs is confirmed.
        """
        group, given = (
            self.find(kwargs["group_id"]),
            proven_body(GroupChangeRepresentation, request),
        )
        actor = actor_of(request)
        if "name" in given:
            try:
                group_rename(actor=actor, group_id=group.pk, name=given["name"], now=self.now)
            except CannotChangeGroup as error:
                raise ValidationError({"name": [str(error)]}) from error
        if "members" in given:
            try:
                group_members_set(
                    actor=actor,
                    group_id=group.pk,
                    user_ids=_ids_of(given["members"]),
                    now=self.now,
                )
            except LastAdministrator as error:
                raise Problem(CONFLICT, str(error)) from error
        return self.answer(self.serialized(self.find(group.pk)))

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Remove a group with the roles that it holds. Sessions only, after a fresh proof."""
        group = self.find(kwargs["group_id"])
        require_fresh_proof(request)
        try:
            group_delete(actor=actor_of(request), group_id=group.pk, now=self.now)
        except (CannotChangeGroup, LastAdministrator) as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _ids_of(usernames: list[str]) -> list[int]:
    """Return whom user names stand for.

    :raises ValidationError: naming those that nobody has.
    """
    found = dict(User.objects.filter(username__in=usernames).values_list("username", "pk"))
    unknown = [name for name in dict.fromkeys(usernames) if name not in found]
    if unknown:
        raise ValidationError({"members": [f"no person is called {name}" for name in unknown]})
    return list(found.values())
