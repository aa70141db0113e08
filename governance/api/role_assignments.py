"""/role-assignments: who holds which role where."""

from typing import Any

from django.contrib.auth.models import Group, User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import RoleAssignment
from governance.access.owners.acting import MayNot
from governance.access.owners.recertification import (
    CannotRecertify,
    overdue_roles,
    roles_recertify,
)
from governance.access.role_assignments import (
    CannotAssignRole,
    CannotWithdrawRole,
    RolePlace,
    role_assign,
    role_withdraw,
)
from governance.access.role_selectors import role_assignments, state_of
from governance.access.roles import Role
from governance.access.viewers import holds, viewer_with
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.fresh_proof import require_fresh_proof
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import token_of
from governance.api.parts.problems import CONFLICT, NOT_FOUND, PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation, read_body
from inventory.selectors.connections import connections

STATES = ("holds", "waiting", "ended")
_LARGEST: int = 2**63 - 1


class RoleAssignmentRepresentation(Representation):
    """A role of a person or a group at a place."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    person = serializers.CharField(
        source="user.username", default=None, allow_null=True, help_text="Null: of a group."
    )
    group = serializers.CharField(
        source="group.name", default=None, allow_null=True, help_text="Null: of a person."
    )
    role = serializers.ChoiceField(choices=Role.choices)
    organization = serializers.CharField(
        source="connection.slug", default=None, allow_null=True, help_text="Null: everywhere."
    )
    target_id = serializers.SerializerMethodField(
        help_text="An OU, with all below it, or an account; null: all of the organization."
    )
    state = serializers.SerializerMethodField(
        help_text="holds: it counts. waiting: until a second person confirms it. ended: no longer."
    )
    origin = serializers.ChoiceField(
        source="source", choices=RoleAssignment.Source.choices, help_text="What made it."
    )
    granted_by = serializers.CharField(source="granted_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, row: RoleAssignment) -> str:
        """Return the assignment's address."""
        return reverse(
            "api:role-assignment",
            kwargs={"assignment_id": row.pk},
            request=self.context["request"],
        )

    @extend_schema_field({"type": "string", "nullable": True})
    def get_target_id(self, row: RoleAssignment) -> str | None:
        """Return the OU or account."""
        return row.target_id or None

    @extend_schema_field({"type": "string", "enum": list(STATES)})
    def get_state(self, row: RoleAssignment) -> str:
        """Return whether it counts."""
        return state_of(row, self.context["view"].now)


class RoleAssignmentPageRepresentation(Representation):
    """A page of role assignments."""

    results = RoleAssignmentRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class NewRoleAssignmentRepresentation(BodyRepresentation):
    """A role to be given. Give a `person` or a `group`."""

    person = serializers.CharField(required=False, max_length=150)
    group = serializers.CharField(required=False, max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)
    organization = serializers.CharField(
        required=False, allow_null=True, max_length=80, help_text="A slug; none: everywhere."
    )
    target_id = serializers.CharField(
        required=False, allow_null=True, max_length=68, help_text="An OU or account in it."
    )
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class RolesEndpoint(Endpoint):
    """What both addresses have in common."""

    topic = "Roles"
    representation = RoleAssignmentRepresentation

    def seen(self) -> Any:
        """Return the assignments at places where the asker may see roles."""
        viewer = viewer_with(self.request.user, rights.VIEW_ROLES, token=token_of(self.request))
        return role_assignments(viewer)

    def check_managed(self, place: RolePlace) -> None:
        """Check that roles may be changed at a place, by who has just proved who they are.

        :raises PermissionDenied: the right is held elsewhere.
        :raises Problem: the last proof is too old.
        """
        user, token = self.request.user, token_of(self.request)
        if place.connection is None:
            held = viewer_with(user, rights.MANAGE_ROLES, token=token).sees_everything
        else:
            held = holds(
                user,
                rights.MANAGE_ROLES,
                connection=place.connection,
                target_id=place.target_id,
                token=token,
            )
        if not held:
            raise PermissionDenied(f"this needs the right {rights.MANAGE_ROLES} there")
        require_fresh_proof(self.request)


class RoleAssignmentList(RolesEndpoint):
    """The role assignments."""

    rights = {"GET": rights.VIEW_ROLES, "POST": rights.MANAGE_ROLES}
    page_representation = RoleAssignmentPageRepresentation
    orderings = {"id": by("id"), "created_at": by("created_at", "id")}
    usual_ordering = "id"
    takes = NewRoleAssignmentRepresentation
    answers = {201: OpenApiResponse(RoleAssignmentRepresentation(), description="Created.")}
    own_parameters = (
        OpenApiParameter("person", OpenApiTypes.STR, description="A user name."),
        OpenApiParameter("group", OpenApiTypes.STR, description="A group's name."),
        OpenApiParameter("role", OpenApiTypes.STR, enum=list(Role.values)),
        OpenApiParameter("organization", OpenApiTypes.STR, description="A slug."),
        OpenApiParameter("target_id", OpenApiTypes.STR, description="An OU or account."),
        OpenApiParameter(
            "overdue",
            OpenApiTypes.STR,
            enum=["true"],
            description="Only those overdue for recertification.",
        ),
    )

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List the role assignments at the places where you may see them."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        query, rows = request.query_params, self.seen()
        if "role" in query and query["role"] not in Role.values:
            raise ValidationError({"role": [f"choose one of {', '.join(Role.values)}"]})
        for name, column in (
            ("person", "user__username"),
            ("group", "group__name"),
            ("role", "role"),
            ("organization", "connection__slug"),
            ("target_id", "target_id"),
        ):
            if name in query:
                if "\0" in query[name]:
                    raise ValidationError({name: ["no value holds NUL"]})
                rows = rows.filter(**{column: query[name]})
        if "overdue" in query:
            if query["overdue"] != "true":
                raise ValidationError({"overdue": ["choose true, or leave it out"]})
            rows = rows.filter(pk__in=overdue_roles(now=self.now).order_by().values("pk"))
        page = page_of(rows, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))

    def post(self, request: Request, /) -> Response:
        """Give a role to a person or a group at a place.

        Some roles count only once a second person has confirmed them: `state` says so. 409 where
        they hold it there already.
        """
        values = read_body(NewRoleAssignmentRepresentation, request)
        holder = self.holder(values)
        place = self.place(values)
        self.check_managed(place)
        try:
            made = role_assign(
                actor=actor_of(request),
                role=values["role"],
                place=place,
                ends_at=values.get("ends_at"),
                now=self.now,
                **holder,
            )
        except CannotAssignRole as error:
            raise Problem(CONFLICT, str(error)) from error
        serialized = self.serialized(made)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )

    def holder(self, values: dict[str, Any]) -> dict[str, Any]:
        """Find the person or the group.

        :raises ValidationError: neither or both are given, or there is none with that name.
        """
        if ("person" in values) == ("group" in values):
            raise ValidationError({"person": ["give a person or a group"]})
        found: dict[str, Any]
        if "person" in values:
            found = {"user": User.objects.filter(username=values["person"]).first()}
        else:
            found = {"group": Group.objects.filter(name=values["group"]).first()}
        if None in found.values():
            name = "person" if "person" in values else "group"
            raise ValidationError({name: ["there is none with that name"]})
        return found

    def place(self, values: dict[str, Any]) -> RolePlace:
        """Find the place.

        :raises ValidationError: there is no such organization that the asker may see.
        """
        slug, target_id = values.get("organization"), values.get("target_id") or ""
        if slug is None:
            if target_id:
                raise ValidationError({"organization": ["give the organization of the target"]})
            return RolePlace()
        connection = connections(self.viewer).filter(slug=slug).first()
        if connection is None:
            raise ValidationError({"organization": ["there is none with that name"]})
        return RolePlace(connection, target_id)


class _OneRole(RolesEndpoint):
    def found(self) -> RoleAssignment:
        """Return the assignment of the address.

        :raises Problem: there is none that the asker may see.
        """
        assignment_id = self.kwargs["assignment_id"]
        row: RoleAssignment | None = None
        if assignment_id <= _LARGEST:
            row = self.seen().filter(pk=assignment_id).first()
        if row is None:
            raise Problem(NOT_FOUND, f"there is no role assignment {assignment_id} that you see")
        return row


class RoleAssignmentDetail(_OneRole):
    """One role assignment."""

    rights = {"GET": rights.VIEW_ROLES, "DELETE": rights.MANAGE_ROLES}
    answers = {204: OpenApiResponse(description="Withdrawn.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one role assignment."""
        return self.answer(self.serialized(self.found()))

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Withdraw a role.

        409 for the last administrator's, and for your own last role.
        """
        row = self.found()
        self.check_managed(RolePlace(row.connection, row.target_id))
        try:
            role_withdraw(actor=actor_of(request), assignment_id=row.pk, now=self.now)
        except CannotWithdrawRole as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class RoleAssignmentRecertify(_OneRole):
    """Looking at a role again."""

    rights = {"POST": rights.MANAGE_ROLES}
    takes = None
    answers = {200: OpenApiResponse(RoleAssignmentRepresentation(), description="Time begins.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Confirm that a role is still right. 409 for one's own."""
        row = self.found()
        try:
            roles_recertify(by=self.by, assignment_ids=[row.pk], now=self.now)
        except CannotRecertify as error:
            raise Problem(CONFLICT, str(error)) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        return Response(self.serialized(self.found()))
